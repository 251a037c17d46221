#pragma once

#include "hub/client.hpp"
#include "protocol/client_id.hpp"
#include "shard/doorkeeper.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <functional>
#include <optional>

namespace hearth::shard {

/// Has the doorkeeper count the clients of a shard, and remembers where they came from. The shard's thread alone.
class Entrance {
 public:
  explicit Entrance(Doorkeeper& door) noexcept : door_(door) {}

  /// A connection is to become a client. Nothing: it may; else what is in the way.
  std::optional<Limit> enter(const hub::Client& client, net::TimePoint now) {
    if (!door_.counts_connections()) return std::nullopt;
    const AddressKey address = door_.counts_addresses() ? address_key(client.remote_address()) : AddressKey();
    if (const auto limit = door_.enter(address, now)) return limit;
    if (address) addresses_.emplace(client.id, *address);
    return std::nullopt;
  }
  void authenticated() {
    if (door_.counts_connections()) door_.authenticated();
  }
  /// One that has entered has gone.
  void gone(const hub::Client& client, bool was_authenticated) {
    if (!door_.counts_connections()) return;
    AddressKey address;
    if (const auto found = addresses_.find(client.id); found != addresses_.end()) {
      address = found->second;
      addresses_.erase(found);
    }
    door_.leave(address, was_authenticated);
  }

 private:
  Doorkeeper& door_;
  boost::unordered_flat_map<protocol::ClientId, std::uint64_t, std::hash<protocol::ClientId>> addresses_;
};

}  // namespace hearth::shard
