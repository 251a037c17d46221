#pragma once

#include "hearth/limits.hpp"
#include "hub/hub.hpp"
#include "protocol/client_id.hpp"
#include "shard/doorkeeper.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <functional>
#include <optional>
#include <string_view>

namespace hearth::shard {

/// Has the doorkeeper count the clients of a shard, and remembers where they came from. The shard's thread alone.
class Entrance {
 public:
  Entrance(Doorkeeper& door, const Limits& limits) noexcept : door_(door) { note(limits); }

  /// Other limits: what was not counted so far is from now on, and the reverse.
  void update(const Limits& limits, const hub::Hub& hub);

  /// A connection is to become a client. Nothing: it may; else what is in the way.
  std::optional<Limit> enter(const hub::Client& client, net::TimePoint now);
  void authenticated() {
    if (counts_connections_) door_.authenticated();
  }
  /// One that has entered has gone.
  void gone(const hub::Client& client, bool was_authenticated);

  /// A client becomes one of a user's. False, and it is not counted: there are as many as there may be.
  bool enter_user(std::string_view user_id) { return !counts_users_ || door_.enter_user(user_id); }
  void leave_user(std::string_view user_id) {
    if (counts_users_) door_.leave_user(user_id);
  }

 private:
  void note(const Limits& limits) noexcept;
  AddressKey address_of(const hub::Client& client) const;

  Doorkeeper& door_;
  bool counts_connections_ = false;
  bool counts_addresses_ = false;
  bool counts_users_ = false;
  boost::unordered_flat_map<protocol::ClientId, std::uint64_t, std::hash<protocol::ClientId>> addresses_;
};

}  // namespace hearth::shard
