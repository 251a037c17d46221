#pragma once

#include "api/once_memory.hpp"
#include "hearth/redis_client.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::app {

/// Sees to it that what is sent twice with the same key is done once: within five minutes, and with Redis by whichever
/// instance gets it (docs/api.md, Once). One thread, that of its executor.
class Once {
 public:
  /// How long Redis may take.
  static constexpr std::chrono::milliseconds kPatience{2'000};
  /// How long an instance that does something is known to live; after that, nobody can tell whether it was done.
  static constexpr std::chrono::seconds kLease{30};

  /// `redis`: the URL of the cluster's; nothing: this instance is alone. Connected to with the first key.
  Once(std::optional<std::string> redis, boost::asio::any_io_executor executor);

  /// `owner`: the name of the key of the API.
  static OnceKey key_of(std::string_view owner, std::string_view idempotency_key, std::string_view body);

  /// Whether it is the caller's to do now, and not done already. After true, `finish` or `forget` has to follow. Throws
  /// ApiProblem if that cannot be said, or the key stands for something else.
  boost::asio::awaitable<bool> claim(OnceKey key);
  boost::asio::awaitable<void> finish(OnceKey key);
  boost::asio::awaitable<void> forget(OnceKey key);

  /// For what somebody else sees to being done once, the log of a room for instance, without knowing what it was:
  /// throws ApiProblem if this instance was given the key for something else within five minutes.
  void expect_same(const OnceKey& key);

 private:
  boost::asio::awaitable<bool> claim_everywhere(const OnceKey& key);
  boost::asio::awaitable<RedisResult> ask(std::vector<std::string> command);
  RedisClient& client();

  const std::optional<std::string> url_;
  const boost::asio::any_io_executor executor_;
  const std::string node_;  // of this process
  OnceMemory memory_;
  OnceMemory elsewhere_;  // what others see to
  std::unique_ptr<RedisClient> client_;
};

}  // namespace hearth::app
