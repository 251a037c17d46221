#pragma once

#include "hearth/rate.hpp"

#include <cstddef>
#include <optional>

namespace hearth {

/// How much the clients of a server may ask of it (docs/protocol.md, Limits). 0, and nothing for a rate, switches a
/// limit off.
struct Limits {
  /// Rooms that a client may be in by asking for them itself; its own, the default ones and those that the application
  /// puts it in do not count. Past it: 204 `Too many rooms`.
  std::size_t rooms_per_client{4096};
  /// Descriptors of the process that connections leave free, at most half of all.
  std::size_t reserved_descriptors{64};
  /// Coroutine handlers that are at work at a time, over all shards; the next wait for one to finish.
  std::size_t running_handlers{1024};
  /// Handlers that wait for that, of those that decide something. Past it, and after 10 s, they are answered as if they
  /// had thrown Unavailable.
  std::size_t waiting_handlers{16384};

  /// WebSocket connections at a time; past it an upgrade is answered with 503 and `Retry-After: 5`.
  std::size_t connections{0};
  /// The same from one address, an IPv6 one counting as its /64; past it 429. Connections from this machine and over
  /// Unix sockets have no address.
  std::size_t connections_per_ip{0};
  /// Upgrades, and upgrades from one address; past them 503 and 429.
  std::optional<Rate> connects{};
  std::optional<Rate> connects_per_ip{};
  /// Clients at a time that have not authenticated; past it 503.
  std::size_t unauthenticated{0};
  /// Clients of one user at a time; one more is closed with 4009 in place of `connected`.
  std::size_t connections_per_user{0};
  /// Messages, and bytes of messages, of one client. What is past them is not read until it may be again, so nothing is
  /// lost; a client that goes on for 10 s is closed with 4008.
  std::optional<Rate> messages{};
  std::optional<Rate> bytes{};
  /// Encrypted messages in a row that do not open; that many close the client with 1008.
  std::size_t encryption_failures{10};
  /// The limits on connections and messages, encrypted ones too, are counted and logged, and nothing comes of them.
  bool dry_run{false};
};

}  // namespace hearth
