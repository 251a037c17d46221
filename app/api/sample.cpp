#include "api/sample.hpp"

#include "api/cluster.hpp"
#include "config/times.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <cmath>
#include <string_view>
#include <utility>

namespace hearth::app {

namespace {

boost::json::value json_of(const Sample::Spread& spread) {
  if (std::isnan(spread.p50)) return nullptr;
  const auto rounded = [](float seconds) { return std::round(static_cast<double>(seconds) * 1e7) / 1e7; };
  return boost::json::object{{"p50", rounded(spread.p50)}, {"p99", rounded(spread.p99)}};
}

boost::json::object warning(std::string_view code, std::string detail) {
  return {{"code", code}, {"detail", std::move(detail)}};
}

boost::json::array warnings_of(const Sample& sample, const SampleWords& words) {
  boost::json::array warnings;
  if (sample.has_broker && sample.broker != BrokerState::ready) {
    warnings.push_back(
        warning("broker_degraded", "Redis is away: nothing goes to other instances, nor comes from them"));
  }
  if (sample.draining) warnings.push_back(warning("draining", "this instance sends its clients away and ends"));
  for (std::size_t i = 0; i < words.limits.size() && i < 32; ++i) {
    if ((sample.limits >> i & 1U) == 0) continue;
    warnings.push_back(warning("limit_reached", "limits." + words.limits[i] + " was reached within the last 10 s"));
  }
  for (std::size_t i = 0; i < kTroubles.size(); ++i) {
    if ((sample.troubles >> i & 1U) != 0) warnings.push_back(warning(kTroubles[i], words.troubles[i]));
  }
  return warnings;
}

}  // namespace

float quantile_between(const DurationHistogram& earlier, const DurationHistogram& later, double part) {
  const auto count_of = [&](std::size_t i) {
    const std::uint64_t before = i < earlier.counts.size() ? earlier.counts[i] : 0;
    return static_cast<double>(later.counts[i] - before);
  };
  double total = 0;
  for (std::size_t i = 0; i < later.counts.size(); ++i) total += count_of(i);
  if (total <= 0 || later.bounds.empty()) return std::numeric_limits<float>::quiet_NaN();
  double wanted = total * part;
  for (std::size_t i = 0; i < later.bounds.size(); ++i) {
    const double count = count_of(i);
    const double lower = i == 0 ? 0 : later.bounds[i - 1];
    if (count >= wanted) return static_cast<float>(lower + (later.bounds[i] - lower) * wanted / count);
    wanted -= count;
  }
  return static_cast<float>(later.bounds.back());  // or longer
}

boost::json::object json_of(const Sample& sample, const SampleWords& words) {
  const std::chrono::system_clock::time_point time{std::chrono::milliseconds(sample.time)};
  boost::json::object drops{{"backlog", sample.backlog_drops}};
  if (sample.has_broker) drops["broker"] = sample.broker_drops;
  boost::json::object object{{"time", config::show_time_exactly(time)},
                             {"connections", sample.connections},
                             {"clients", sample.clients},
                             {"users", sample.users},
                             {"rooms", sample.rooms},
                             {"messagesIn", sample.messages_in},
                             {"messagesOut", sample.messages_out},
                             {"bytesIn", sample.bytes_in},
                             {"bytesOut", sample.bytes_out},
                             {"drops", std::move(drops)},
                             {"tick", json_of(sample.tick)},
                             {"draining", sample.draining},
                             {"warnings", warnings_of(sample, words)}};
  if (!sample.has_broker) return object;
  object["broker"] = word_of(sample.broker);
  object["roundTrip"] = json_of(sample.round_trip);
  return object;
}

}  // namespace hearth::app
