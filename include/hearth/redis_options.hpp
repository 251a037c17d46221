#pragma once

#include "hearth/export.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hearth {

/// Where a Redis server, a Sentinel or a node of a Cluster listens.
struct RedisEndpoint {
  std::string host{"127.0.0.1"};
  std::uint16_t port{6379};
  std::string unix_path{};  ///< instead of host and port, if not empty

  bool operator==(const RedisEndpoint&) const = default;
  /// `127.0.0.1:6379`, `[::1]:6379` or `unix:/path`.
  HEARTH_API std::string str() const;
};

struct RedisTls {
  bool enabled{false};
  std::string ca_file{};           ///< PEM; empty: the system's authorities
  std::string certificate_file{};  ///< PEM, the client's own, with its chain; empty: none
  std::string key_file{};          ///< PEM
  /// What the certificate of every server must be for, and what servers are told (SNI, RFC 6066). Empty: the host that
  /// is connected to, which for nodes that Sentinels or the Cluster name is most often an IP address.
  std::string server_name{};
};

enum class RedisTopology : std::uint8_t { single, sentinel, cluster };

/// What an instance subscribes to.
enum class RedisSubscriptions : std::uint8_t {
  interest,  ///< the channels of the rooms, users and clients that it holds
  pattern,   ///< everything, as Ignis does
};

/// How to reach Redis, and what to do when it cannot be reached (docs/redis.md).
struct RedisOptions {
  RedisTopology topology{RedisTopology::single};
  /// The server; Sentinels; or nodes of the Cluster, which need not be all.
  std::vector<RedisEndpoint> endpoints{{}};
  std::string master_name{};  ///< of the Sentinels' master
  std::string user{};         ///< with an empty password none of both is sent
  std::string password{};
  std::string sentinel_user{};
  std::string sentinel_password{};
  unsigned database{0};
  std::string client_name{"hearth"};  ///< CLIENT SETNAME
  RedisTls tls{};
  RedisSubscriptions subscriptions{RedisSubscriptions::interest};

  std::chrono::milliseconds ready_timeout{30'000};     ///< for `start`
  std::chrono::milliseconds connect_timeout{5'000};    ///< for one attempt
  std::chrono::milliseconds backoff_min{50};           ///< before the next attempt; doubles, and is jittered
  std::chrono::milliseconds backoff_max{2'000};        ///<
  std::chrono::milliseconds dead_peer_timeout{8'000};  ///< of silence, pings included, after which a link is given up
  std::chrono::milliseconds unsubscribe_delay{5'000};  ///< so that leaving and coming back costs nothing
  /// After an outage: for so long what waited is held for the other instances to subscribe again, unless Redis says
  /// that they have. 0: not at all. Should be longer than the others' backoff_max.
  std::chrono::milliseconds resubscribe_time{3'000};
  std::size_t queue_limit{std::size_t{8} * 1024 *
                          1024};  ///< bytes that may wait to go out; then the oldest are dropped

  // Of the logs of rooms that remember (docs/recovery.md):

  /// An append is acknowledged when so many replicas have it too (WAIT).
  unsigned wait_replicas{0};
  std::chrono::milliseconds wait_timeout{200};  ///< and when they have not by then, with HistoryError::not_replicated
  /// Compares the id of the server process with that of the one which began the newest branch of a log, and so notices
  /// what a restart or failover has lost. To be off behind proxies that spread connections over servers.
  bool run_id_guard{true};
  /// For so long a log to which nothing is appended keeps its epoch and offsets; 1 h to 10 years.
  std::chrono::milliseconds history_meta_ttl{std::chrono::hours(24 * 30)};

  /// Reads one of
  ///
  ///     redis://[[user]:password@]host[:port][/database][?option=value&…]     rediss:// the same over TLS
  ///     redis+unix:///path[?database=1&…]                                     also unix:///path
  ///     redis-sentinel://[[user]:password@]host[:port],…/master[/database]    rediss-sentinel://
  ///     redis-cluster://[[user]:password@]host[:port],…                       rediss-cluster://
  ///
  /// with the options `name`, `subscriptions` (interest or pattern), `ca`, `cert`, `key`, `server_name`, `database`,
  /// `user`, `password`, `sentinel_user`, `sentinel_password`, `queue_limit` (bytes), `ready_timeout`,
  /// `connect_timeout`, `dead_peer_timeout`, `unsubscribe_delay`, `resubscribe_time`, `wait_timeout`,
  /// `history_meta_ttl` (milliseconds), `wait_replicas` (a number), `run_id_guard` (true or false). Throws
  /// std::invalid_argument, which says what part of the URL is bad and what would be right, and never repeats a
  /// password.
  HEARTH_API static RedisOptions from_url(std::string_view url);
  /// Throws std::invalid_argument, which names the option.
  HEARTH_API void check() const;
};

}  // namespace hearth
