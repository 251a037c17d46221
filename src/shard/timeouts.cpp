#include "shard/timeouts.hpp"

#include <algorithm>
#include <chrono>

namespace hearth::shard {

namespace {

// Three times as long as a client may take; the end of time stays the end of time.
std::chrono::milliseconds thrice(std::chrono::milliseconds length) {
  return length > std::chrono::milliseconds::max() / 3 ? std::chrono::milliseconds::max() : length * 3;
}

void earliest(std::optional<net::TimePoint>& least, std::optional<net::TimePoint> candidate) {
  if (candidate && (!least || *candidate < *least)) least = candidate;
}

}  // namespace

Timeouts::Timeouts(const Options& options, Outlet& outlet, net::TimePoint now)
    : heartbeat_interval_(options.heartbeat_interval),
      heartbeat_timeout_(options.heartbeat_timeout),
      outlet_(outlet),
      unauthorized_(options.auth_timeout),
      authenticating_(thrice(options.auth_timeout)),
      silent_(options.heartbeat_timeout),
      next_sweep_(net::after(now, options.heartbeat_interval)) {}

void Timeouts::expire(net::TimePoint now, net::TimePoint seen) {
  while (auto* connection = unauthorized_.expired(seen)) {
    if (connection->is_unread()) {
      unauthorized_.add(*connection, now);  // its `authenticate` may be in it
    } else {
      List::remove(*connection);
      outlet_.close(static_cast<hub::Client&>(*connection), protocol::kAuthenticationTimeout);
    }
  }
  while (auto* connection = authenticating_.expired(now)) {
    List::remove(*connection);
    outlet_.close(static_cast<hub::Client&>(*connection), protocol::kAuthenticationTimeout);
  }
  if (now >= next_sweep_) sweep(now, seen);
}

void Timeouts::sweep(net::TimePoint now, net::TimePoint seen) {
  next_sweep_ = net::after(now, heartbeat_interval_);
  while (auto* connection = silent_.expired(seen)) {
    auto& client = static_cast<hub::Client&>(*connection);
    if (net::after(client.last_activity, heartbeat_timeout_) > seen) {
      silent_.add(client, client.last_activity);  // was not moved for every message
    } else if (client.input_waits()) {
      silent_.add(client, now);  // the server itself does not listen
    } else {
      List::remove(client);
      outlet_.close(client, protocol::kHeartbeatTimeout);
    }
  }
}

std::optional<net::TimePoint> Timeouts::next() const {
  std::optional<net::TimePoint> next;
  earliest(next, unauthorized_.next());
  earliest(next, authenticating_.next());
  if (!silent_.empty()) earliest(next, next_sweep_);
  return next;
}

}  // namespace hearth::shard
