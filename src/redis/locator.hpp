#pragma once

#include "hearth/redis_options.hpp"
#include "redis/connection.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace hearth::redis {

/// Finds out where to connect to: the one server, the master that Sentinels know, or a node of a Cluster that lives.
/// What it knows of Sentinels and nodes are those of the options and those that were named last. For one thread.
class Locator {
 public:
  Locator(boost::asio::any_io_executor executor, const RedisOptions& options, Tls* tls)
      : executor_(std::move(executor)), options_(options), tls_(tls), nodes_(options.endpoints) {}

  /// Where to try next. Throws if no Sentinel knows.
  Awaitable<RedisEndpoint> locate();
  /// After connecting: checks that it is the right server, and learns what other nodes there are.
  Awaitable<void> inspect(Connection& connection);
  /// Ends every `locate` that is under way with an error.
  void cancel();

 private:
  Awaitable<RedisEndpoint> ask_sentinels();
  Awaitable<RedisEndpoint> ask_sentinel(std::shared_ptr<Connection> connection, RedisEndpoint sentinel);
  Awaitable<void> learn_sentinels(std::shared_ptr<Connection> connection, RedisEndpoint asked);
  void learn(const std::vector<RedisEndpoint>& named);

  const boost::asio::any_io_executor executor_;
  const RedisOptions& options_;
  Tls* const tls_;
  std::vector<RedisEndpoint> nodes_;  // Sentinels, or the Cluster's, as far as they are known
  std::size_t next_ = 0;
  std::vector<std::weak_ptr<Connection>> asking_;
  bool cancelled_ = false;
};

/// Whether it can be connected to, and its host written into a line of the log.
bool is_usable(const RedisEndpoint& node);
/// The nodes that a reply to CLUSTER SLOTS names; none if it is another reply.
std::vector<RedisEndpoint> cluster_nodes(const RespReply& slots);
/// The Sentinels that a reply to SENTINEL SENTINELS names.
std::vector<RedisEndpoint> other_sentinels(const RespReply& sentinels);
/// `seeds`, and of `named` those that are not among them and can be connected to, a thousand at most.
std::vector<RedisEndpoint> known_nodes(std::vector<RedisEndpoint> seeds, const std::vector<RedisEndpoint>& named);

inline constexpr const char* kNoMasterAnyMore = "it is no master any more";
/// Whether a reply to ROLE is that of a master, or none that tells.
bool may_be_master(const RespReply& role);
/// Why a server whose ROLE is another is of no use.
std::string not_a_master(const RespReply& role);

}  // namespace hearth::redis
