#include "api/live.hpp"

#include "api/desk.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstddef>
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
  sample.backlog_drops = counters.messages_dropped;
  sample.broker = server.broker_state();
  sample.draining = is_draining;
}

}  // namespace

bool Live::is_seen() const {
  constexpr std::chrono::seconds kPatience{10};
  return !readers_.empty() || Clock::now() - seen_at_ < kPatience;
}

void Live::tell(const std::shared_ptr<EventStream>& reader) { readers_.push_back(reader); }

std::string Live::recent() {
  seen_at_ = Clock::now();
  boost::json::array samples;
  for (std::size_t i = 0; i < ring_.size(); ++i) samples.push_back(json_of(ring_.at(i), limits_));
  const boost::json::object body{{"interval", kInterval.count()}, {"samples", std::move(samples)}};
  return boost::json::serialize(body);
}

void Live::note(const Metrics& metrics) {
  asked_at_ = Clock::now();
  last_.users = metrics.users;
  last_.rooms = metrics.rooms;
  last_.broker_drops = metrics.broker.dropped;
  last_.tick = {quantile_between(ticks_, metrics.ticks, 0.5), quantile_between(ticks_, metrics.ticks, 0.99)};
  ticks_ = metrics.ticks;
  if (limits_.empty()) {
    for (const auto& [name, count] : metrics.limit_hits) limits_.emplace_back(name);
    hits_.resize(limits_.size());
    reached_at_.resize(limits_.size());
  }
  for (std::size_t i = 0; i < limits_.size(); ++i) {
    const std::uint64_t hits = metrics.limit_hits.at(limits_[i]);
    if (std::exchange(hits_[i], hits) != hits) reached_at_[i] = asked_at_;
  }
}

boost::asio::awaitable<void> Live::take(ApiDesk& desk) {
  std::erase_if(readers_, [](const auto& reader) { return reader.expired(); });
  last_.tick = {};
  last_.has_broker = has_broker_;
  if (asked_at_ == Clock::time_point{} || is_seen() || Clock::now() - asked_at_ >= kIntervalUnseen) {
    const Server& server = desk.server;
    const auto snapshot = [&server] { return server.metrics(); };
    note(co_await desk.ask(snapshot));
  }
  read_counters(last_, desk.server, desk.is_draining());
  last_.limits = 0;
  for (std::size_t i = 0; i < limits_.size() && i < 32; ++i) {
    const bool is_late = reached_at_[i] != Clock::time_point{} && Clock::now() - reached_at_[i] < kLately;
    if (is_late) last_.limits |= 1U << i;
  }
  ring_.add(last_);
  if (readers_.empty()) co_return;
  const std::string text = boost::json::serialize(json_of(last_, limits_));
  for (const auto& weak : readers_) {
    if (const auto reader = weak.lock()) reader->send("sample", text);
  }
}

}  // namespace hearth::app
