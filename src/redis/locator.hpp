#pragma once

#include "hearth/redis_options.hpp"
#include "redis/connection.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace hearth::redis {

/// Finds out where to connect to: the one server, the master that Sentinels know, or a node of a Cluster that lives.
/// For one thread.
class Locator {
 public:
  Locator(boost::asio::any_io_executor executor, const RedisOptions& options, boost::asio::ssl::context* tls)
      : executor_(std::move(executor)), options_(options), tls_(tls), nodes_(options.endpoints) {}

  /// Where to try next. Throws if no Sentinel knows.
  Awaitable<RedisEndpoint> locate();
  /// After connecting: checks that it is the right server, and learns what other nodes there are.
  Awaitable<void> inspect(Connection& connection);
  /// Ends a `locate` that is under way with an error.
  void cancel();

 private:
  Awaitable<RedisEndpoint> ask_sentinels();
  Awaitable<RedisEndpoint> ask_sentinel(RedisEndpoint sentinel);
  Awaitable<void> learn_sentinels(std::shared_ptr<Connection> connection);
  void learn(RedisEndpoint node);

  const boost::asio::any_io_executor executor_;
  const RedisOptions& options_;
  boost::asio::ssl::context* const tls_;
  std::vector<RedisEndpoint> nodes_;  // Sentinels, or the Cluster's, as far as they are known
  std::size_t next_ = 0;
  std::shared_ptr<Connection> asking_;
  bool cancelled_ = false;
};

/// Whether a reply to ROLE is that of a master, or none that tells.
bool may_be_master(const RespReply& role);

}  // namespace hearth::redis
