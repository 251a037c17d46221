#pragma once

#include <cstdint>

namespace hearth {

/// What a server has counted since it started, over all shards.
struct Statistics {
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_open = 0;       ///< now, those still upgrading or closing included
  std::uint64_t clients_authenticated = 0;  ///< now
  std::uint64_t upgrades_refused = 0;       ///< connections that were answered with an error or cut off instead
  std::uint64_t messages_received = 0;
  std::uint64_t messages_sent = 0;        ///< deliveries: a message to a room of ten counts ten
  std::uint64_t bytes_received = 0;       ///< from the sockets of connections, with all that TLS and frames add
  std::uint64_t bytes_sent = 0;           ///< that the kernel took for them
  std::uint64_t messages_dropped = 0;     ///< the client's backlog was full, or its room's rule drops
  std::uint64_t decryption_failures = 0;  ///< `encrypted` messages that did not open
  std::uint64_t protocol_errors = 0;      ///< connections closed because the peer broke RFC 6455 or a limit
  std::uint64_t accept_pauses = 0;        ///< times accepting stopped because no file descriptor was free
  std::uint64_t tls_handshakes = 0;       ///< TLS handshakes that were done
  std::uint64_t tls_resumptions = 0;      ///< those of them that a session ticket made shorter
  std::uint64_t tls_failures = 0;         ///< handshakes that failed, and connections whose records did not open
  std::uint64_t ticks = 0;                ///< turns of the shards' loops
};

}  // namespace hearth
