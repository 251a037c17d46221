#pragma once

#include "hearth/options.hpp"
#include "hub/client.hpp"
#include "net/deadline_list.hpp"
#include "shard/outlet.hpp"

#include <chrono>
#include <optional>

namespace hearth::shard {

/// How long clients may take to say who they are, how long the answer may take, and how long they may be silent
/// (docs/protocol.md, Authentication and Heartbeat). The shard's thread alone.
class Timeouts {
 public:
  Timeouts(const Options& options, Outlet& outlet, net::TimePoint now);

  void connected(hub::Client& client, net::TimePoint now) { unauthorized_.add(client, now); }
  void authenticating(hub::Client& client, net::TimePoint now) { authenticating_.add(client, now); }
  void authenticated(hub::Client& client) { silent_.add(client, client.last_activity); }
  /// An authenticated client has sent something.
  void heard(hub::Client& client, net::TimePoint now) { silent_.renew(client, now); }

  /// Closes those whose time is over. `seen`: what had come by then was looked at, unless it waits.
  void expire(net::TimePoint now, net::TimePoint seen);
  std::optional<net::TimePoint> next() const;

 private:
  using List = net::DeadlineList<net::Connection, net::PhaseDeadline>;

  void sweep(net::TimePoint now, net::TimePoint seen);

  const std::chrono::milliseconds heartbeat_interval_;
  const std::chrono::milliseconds heartbeat_timeout_;
  Outlet& outlet_;
  List unauthorized_;
  List authenticating_;
  List silent_;  // authenticated clients, in the order of their last message
  net::TimePoint next_sweep_;
};

}  // namespace hearth::shard
