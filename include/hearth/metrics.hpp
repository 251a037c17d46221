#pragma once

#include "hearth/broker.hpp"
#include "hearth/duration_histogram.hpp"
#include "hearth/statistics.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hearth {

/// What becomes of `authenticate`, renewals included.
struct AuthenticationCounts {
  std::uint64_t accepted = 0;
  std::uint64_t rejected = 0;     ///< by the handler, or for lack of a key agreement
  std::uint64_t expired = 0;      ///< TokenExpired
  std::uint64_t blocked = 0;      ///< by Server::block
  std::uint64_t unavailable = 0;  ///< Unavailable
  std::uint64_t failed = 0;       ///< the handler threw something else

  bool operator==(const AuthenticationCounts&) const = default;
};

/// One shard, which is a thread.
struct ShardMetrics {
  std::uint64_t connections = 0;  ///< now
  double busy_seconds = 0;        ///< at work, and not waiting, since the start
};

/// Publications by who made them.
struct PublicationCounts {
  std::uint64_t clients = 0;      ///< with `publish`, those that were allowed
  std::uint64_t application = 0;  ///< what the program has sent to clients, users, rooms and everybody
  std::uint64_t broker = 0;       ///< other instances, but for those in rooms that remember (HistoryMetrics)
};

/// TLS handshakes with clients of which the same came. One begins with the client's first bytes.
struct TlsHandshakeCount {
  std::string_view version{};  ///< `TLSv1.2`, `TLSv1.3`; `none`: it ended before that was agreed on
  /// `success`; or why not: `protocol_version`, `no_shared_cipher`, `no_shared_protocol` (ALPN), `client_certificate`
  /// (missing or not good), `server_certificate` (the client says that ours is not good), `not_tls`, `timeout`,
  /// `closed`, `other`.
  std::string_view outcome{};
  std::uint64_t count = 0;
};

/// TLS with clients.
struct TlsMetrics {
  std::vector<TlsHandshakeCount> handshakes{};  ///< all that can be, also those that were never; empty without TLS
  DurationHistogram durations{};                ///< of the handshakes that were done, from the client's first bytes
};

/// The rooms that remember.
struct HistoryMetrics {
  std::uint64_t rooms = 0;         ///< with members here, now
  std::uint64_t blind = 0;         ///< those of them that may be missing something, now
  std::uint64_t publications = 0;  ///< that came, each once however many shards have members
  std::uint64_t reads = 0;         ///< pages of logs that were asked for to close gaps
  std::uint64_t resets = 0;        ///< times that the members of a room were told of a gap
  std::uint64_t rolled_back = 0;   ///< publications of this instance that a log has lost, if anybody is to be told
  std::uint64_t unrecorded = 0;    ///< messages of others to such rooms that are in no log
};

/// The rooms that tell who is in them.
struct PresenceMetrics {
  std::uint64_t rooms = 0;      ///< with members here, now
  std::uint64_t members = 0;    ///< of them by name: those who are here, and the others' where somebody is told; now
  std::uint64_t instances = 0;  ///< others that are taken to live, now
  bool stale = false;           ///< what is known of others may be old: this instance is cut off from them
  std::uint64_t changes = 0;    ///< that were told, each once however many were told it
  std::uint64_t reports = 0;    ///< of own members to the others
  std::uint64_t reads = 0;      ///< of what the others have said
  std::uint64_t failures = 0;   ///< beats, reports and reads that the store did not take
};

/// A server at one moment: what is there, and what has been counted since it started.
struct Metrics {
  Statistics counters{};
  std::uint64_t clients_unauthorized = 0;  ///< now, as are the next ones
  std::uint64_t clients_authenticating = 0;
  std::uint64_t clients_authenticated = 0;
  std::uint64_t clients_backpressured = 0;
  std::uint64_t clients_throttled = 0;  ///< are not read, for a limit on messages or bytes
  std::uint64_t backlog_bytes = 0;      ///< that wait for clients
  std::uint64_t users = 0;              ///< somebody of whom is here
  std::uint64_t rooms = 0;              ///< that somebody is in, but for those of the clients' own ids
  std::uint64_t memberships = 0;        ///< of clients in such rooms
  std::uint64_t blocks = 0;
  bool draining = false;
  AuthenticationCounts authentications{};
  /// The same by what Options::authentication_method says of them; without it all are `handler`.
  std::map<std::string, AuthenticationCounts> authentication_methods{};
  /// Why connections did not become WebSockets: `limit`, `draining`, `origin`, `proxy`, `tls`, `http`.
  std::map<std::string_view, std::uint64_t> refusals{};
  PublicationCounts publications{};
  /// Messages that clients did not get since they read too slowly: `backlog`, too much was waiting for them; and as
  /// `slow_consumer` of a room's rule wants it, once they are told of it: `drop`, `gap`, or `latest`, newer ones having
  /// taken their place. The first two are Statistics::messages_dropped.
  std::map<std::string_view, std::uint64_t> drops{};
  std::map<std::uint16_t, std::uint64_t> disconnects{};  ///< of authenticated clients, by close code; 1006: it broke
  /// By the name of the limit, as in hearth::Limits; `message_size` is Options::max_payload_length, `backlog`
  /// Options::backpressure_limit.
  std::map<std::string_view, std::uint64_t> limit_hits{};
  std::uint64_t log_lines_dropped = 0;     ///< there was no room for them
  std::uint64_t log_lines_suppressed = 0;  ///< there were too many of their kind
  DurationHistogram ticks{};               ///< turns of the shards' loops, without waiting
  /// For each turn in which publications were handed on: from when the first of them was taken in, which is when the
  /// turn began in which it was read from its client, or when another thread left it for the shard, until the kernel
  /// was given what all receivers get. What a socket does not take then waits in the backlog (`backlog_bytes`), and is
  /// not in it; nor is what an outbound transformer gives.
  DurationHistogram delivery_lag{};
  TlsMetrics tls{};
  std::vector<ShardMetrics> shards{};
  BrokerState broker_state = BrokerState::stopped;
  BrokerStatistics broker{};
  HistoryMetrics history{};
  PresenceMetrics presence{};
};

}  // namespace hearth
