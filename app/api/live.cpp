#include "api/live.hpp"

#include "api/desk.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace hearth::app {

namespace {

constexpr std::chrono::seconds kLately{10};

void read_counters(Sample& sample, const Server& server, bool is_draining) {
  const Statistics counters = server.statistics();
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  sample.time = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  sample.connections = counters.connections_open;
  sample.clients = counters.clients_authenticated;
  sample.messages_in = counters.messages_received;
  sample.messages_out = counters.messages_sent;
  sample.bytes_in = counters.bytes_received;
  sample.bytes_out = counters.bytes_sent;
  sample.backlog_drops = counters.messages_dropped;
  sample.broker = server.broker_state();
  sample.draining = is_draining;
}

Sample::Spread spread_between(const DurationHistogram& earlier, const DurationHistogram& later) {
  return {quantile_between(earlier, later, 0.5), quantile_between(earlier, later, 0.99)};
}

}  // namespace

bool Live::is_seen() const {
  constexpr std::chrono::seconds kPatience{10};
  return !readers_.empty() || Clock::now() - seen_at_ < kPatience;
}

bool Live::has_to_ask() const {
  constexpr std::uint64_t kMostASecond = 50'000;  // clients, users and rooms that are counted
  const std::uint64_t size = last_.clients + last_.users + last_.rooms;
  const std::uint64_t interval =
      is_seen() ? std::clamp<std::uint64_t>(size / kMostASecond, 1, kMostUnasked) : kMostUnasked;
  return unasked_ >= interval;
}

void Live::tell(const std::shared_ptr<EventStream>& reader) { readers_.push_back(reader); }

std::string Live::recent() {
  seen_at_ = Clock::now();
  boost::json::array samples;
  for (std::size_t i = 0; i < ring_.size(); ++i) samples.push_back(json_of(ring_.at(i), words_));
  const boost::json::object body{{"interval", kInterval.count()}, {"samples", std::move(samples)}};
  return boost::json::serialize(body);
}

void Live::note(const Metrics& metrics) {
  unasked_ = 0;
  last_.users = metrics.users;
  last_.rooms = metrics.rooms;
  last_.broker_drops = metrics.broker.dropped;
  last_.tick = spread_between(ticks_, metrics.ticks);
  ticks_ = metrics.ticks;
  last_.round_trip = spread_between(round_trips_, metrics.broker.round_trips);
  round_trips_ = metrics.broker.round_trips;
  if (words_.limits.empty()) {
    for (const auto& [name, count] : metrics.limit_hits) words_.limits.emplace_back(name);
    hits_.resize(words_.limits.size());
    reached_at_.resize(words_.limits.size());
  }
  for (std::size_t i = 0; i < words_.limits.size(); ++i) {
    const std::uint64_t hits = metrics.limit_hits.at(words_.limits[i]);
    if (std::exchange(hits_[i], hits) != hits) reached_at_[i] = Clock::now();
  }
}

void Live::note(const Troubles& troubles) {
  last_.troubles = 0;
  for (std::size_t i = 0; i < troubles.size(); ++i) {
    if (troubles[i].empty()) continue;
    last_.troubles = static_cast<std::uint8_t>(last_.troubles | 1U << i);
    words_.troubles[i] = troubles[i];
  }
}

boost::asio::awaitable<void> Live::take(ApiDesk& desk) {
  std::erase_if(readers_, [](const auto& reader) { return reader.expired(); });
  last_.tick = {};
  last_.round_trip = {};
  last_.has_broker = has_broker_;
  ++unasked_;
  if (has_to_ask()) {
    const Server& server = desk.server;
    const auto snapshot = [&server] { return server.metrics(); };
    note(co_await desk.ask(snapshot));
    note(troubles_of(desk.host.sources, std::chrono::system_clock::now()));
  }
  read_counters(last_, desk.server, desk.is_draining());
  last_.limits = 0;
  for (std::size_t i = 0; i < words_.limits.size() && i < 32; ++i) {
    const bool is_late = reached_at_[i] != Clock::time_point{} && Clock::now() - reached_at_[i] < kLately;
    if (is_late) last_.limits |= 1U << i;
  }
  ring_.add(last_);
  if (readers_.empty()) co_return;
  const std::string text = boost::json::serialize(json_of(last_, words_));
  for (const auto& weak : readers_) {
    if (const auto reader = weak.lock()) reader->send("sample", text);
  }
}

}  // namespace hearth::app
