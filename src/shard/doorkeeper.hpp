#pragma once

#include "hearth/limits.hpp"
#include "shard/limit_hits.hpp"
#include "shard/token_bucket.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::shard {

/// What an address counts as: an IPv4 address, or the /64 of an IPv6 one. Nothing: it has none that counts, which is so
/// for loopback and Unix sockets.
using AddressKey = std::optional<std::uint64_t>;
/// Of an address, `192.0.2.1:5000` or `[2001:db8::1]:5000`, or without the port.
AddressKey address_key(std::string_view address) noexcept;

/// Counts the clients of a server, and says who is one too many (Limits). From any thread.
class Doorkeeper {
 public:
  explicit Doorkeeper(const Limits& limits, LimitHits& hits) : hits_(hits), limits_(limits) {}

  /// What limits have counted.
  static bool counts_connections(const Limits& limits) noexcept;
  static bool counts_addresses(const Limits& limits) noexcept {
    return limits.connections_per_ip != 0 || limits.connects_per_ip;
  }
  static bool counts_users(const Limits& limits) noexcept { return limits.connections_per_user != 0; }

  /// For who comes from now on. What was not counted so far is still to be, by `count` and `count_user`.
  void update(const Limits& limits);

  /// Somebody connects, which counts in the rates of connects: the limit that is in the way.
  std::optional<Limit> connect(AddressKey address, net::TimePoint now);
  /// Somebody wants to become a client, and is counted as one unless something is returned: the limit that is in the
  /// way. `has_connected`: connect() was asked before.
  std::optional<Limit> enter(AddressKey address, net::TimePoint now, bool has_connected = false);
  /// A client that is there already is counted from now on.
  void count(AddressKey address, bool is_authenticated);
  /// A client that was counted has authenticated.
  void authenticated();
  /// A client that was counted has gone.
  void leave(AddressKey address, bool was_authenticated);

  /// A client becomes one of a user's. False, and it is not counted: there are as many as there may be.
  bool enter_user(std::string_view user_id);
  void count_user(std::string_view user_id);
  void leave_user(std::string_view user_id);

 private:
  struct Visitor {
    std::size_t connections = 0;
    std::optional<TokenBucket> connects;
  };

  /// Past addresses that nothing is to be known of any more.
  void forget(net::TimePoint now);
  Visitor* visitor_of(AddressKey address, net::TimePoint now);
  std::optional<Limit> limit_of_clients(const Visitor* visitor) const;
  std::optional<Limit> limit_of_connects(Visitor* visitor, net::TimePoint now);
  /// The limit, if it is to be obeyed.
  std::optional<Limit> hit(std::optional<Limit> limit);

  LimitHits& hits_;
  std::mutex mutex_;  // of all below
  Limits limits_;
  std::size_t connections_ = 0;
  std::size_t unauthenticated_ = 0;
  std::optional<TokenBucket> connects_;
  boost::unordered_flat_map<std::uint64_t, Visitor> visitors_;
  std::size_t forget_at_ = 1024;  // visitors
  boost::unordered_flat_map<std::string, std::size_t> users_;
};

}  // namespace hearth::shard
