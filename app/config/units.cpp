#include "config/units.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <system_error>
#include <utility>

namespace hearth::config {

namespace {

using std::chrono::milliseconds;

using Units = std::array<std::pair<std::string_view, std::uint64_t>, 5>;

// Largest first.
constexpr Units kDurations{{{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::uint64_t kCentury = std::uint64_t{36'525} * 86'400'000;
constexpr Units kSizes{{{"TiB", std::uint64_t{1} << 40},
                        {"GiB", std::uint64_t{1} << 30},
                        {"MiB", std::uint64_t{1} << 20},
                        {"KiB", std::uint64_t{1} << 10},
                        {"B", 1}}};
constexpr std::array<std::pair<std::string_view, std::uint64_t>, 3> kTimes{{{"h", 3600}, {"min", 60}, {"s", 1}}};

/// A whole number at the front of a text, taken off it.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

std::optional<std::uint64_t> parse(std::string_view text, const Units& units, std::uint64_t most) {
  if (text == "0") return 0;
  const auto number = take_number(text);
  const auto unit = std::find_if(units.begin(), units.end(), [&](const auto& known) { return known.first == text; });
  if (!number || unit == units.end() || *number > most / unit->second) return std::nullopt;
  return *number * unit->second;
}

std::string show(std::uint64_t value, const Units& units) {
  if (value == 0) return "0";
  const auto unit =
      std::find_if(units.begin(), units.end(), [&](const auto& known) { return value % known.second == 0; });
  return std::to_string(value / unit->second) + std::string(unit->first);
}

std::optional<std::uint64_t> parse_amount(std::string_view text, Rate::Unit unit) {
  if (unit == Rate::Unit::bytes) return parse(text, kSizes, std::numeric_limits<std::uint64_t>::max());
  const auto number = take_number(text);
  return text.empty() ? number : std::nullopt;
}

std::uint64_t burst_of(const Rate& rate) {
  return std::max<std::uint64_t>(1, rate.amount / static_cast<std::uint64_t>(rate.per.count()));
}

}  // namespace

std::optional<milliseconds> parse_duration(std::string_view text) {
  const auto value = parse(text, kDurations, kCentury);
  return value ? std::optional(milliseconds(static_cast<milliseconds::rep>(*value))) : std::nullopt;
}

std::optional<ByteSize> parse_size(std::string_view text) {
  const auto value = parse(text, kSizes, std::numeric_limits<std::uint64_t>::max());
  return value ? std::optional(ByteSize{*value}) : std::nullopt;
}

std::optional<Rate> parse_rate(std::string_view text, Rate::Unit unit) {
  constexpr std::string_view kBurst = " burst ";
  Rate rate;
  rate.unit = unit;
  if (text == "0") return rate;
  const std::size_t burst = text.find(kBurst);
  const std::string_view steady = text.substr(0, burst);
  const std::size_t slash = steady.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto amount = parse_amount(steady.substr(0, slash), unit);
  const auto time = std::find_if(kTimes.begin(), kTimes.end(),
                                 [&](const auto& known) { return known.first == steady.substr(slash + 1); });
  if (!amount || *amount == 0 || time == kTimes.end()) return std::nullopt;
  rate.amount = *amount;
  rate.per = std::chrono::seconds(time->second);
  rate.burst = burst_of(rate);
  if (burst == std::string_view::npos) return rate;
  const auto given = parse_amount(text.substr(burst + kBurst.size()), unit);
  if (!given || *given == 0) return std::nullopt;
  rate.burst = *given;
  return rate;
}

std::string show(milliseconds duration) { return show(static_cast<std::uint64_t>(duration.count()), kDurations); }

std::string show(ByteSize size) { return show(size.bytes, kSizes); }

std::string show(const Rate& rate) {
  if (rate.amount == 0) return "0";
  const auto amount = [&](std::uint64_t value) {
    return rate.unit == Rate::Unit::bytes ? show(value, kSizes) : std::to_string(value);
  };
  const auto time = std::find_if(kTimes.begin(), kTimes.end(), [&](const auto& known) {
    return known.second == static_cast<std::uint64_t>(rate.per.count());
  });
  std::string text = amount(rate.amount) + '/' + std::string(time->first);
  if (rate.burst != burst_of(rate)) text += " burst " + amount(rate.burst);
  return text;
}

}  // namespace hearth::config
