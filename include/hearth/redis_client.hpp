#pragma once

#include "hearth/export.hpp"
#include "hearth/redis_options.hpp"

#include <cstdint>
#include <functional>
#include <future>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth {

/// What Redis has answered.
struct RedisReply {
  enum class Type : std::uint8_t { nil, integer, string, array, error };

  Type type = Type::nil;
  std::int64_t integer = 0;            ///< of an integer
  std::string text{};                  ///< of a string, a status such as `OK`, or an error
  std::vector<RedisReply> elements{};  ///< of an array

  bool is_nil() const noexcept { return type == Type::nil; }
  bool operator==(const RedisReply&) const = default;
};

/// Why a command has not been carried out, or not for certain.
enum class RedisFailure : std::uint8_t {
  none,
  refused,      ///< Redis has answered with an error
  unconfirmed,  ///< the connection broke before the answer came: it may have been carried out, or not
  not_sent,     ///< it has not been carried out: no connection in time, too much that waits, or shut down
};

/// What became of a command.
struct RedisResult {
  RedisFailure failure = RedisFailure::none;
  std::string error{};  ///< why; the text of Redis's error, if it refused
  RedisReply reply{};   ///< if there was no failure; within an array, errors may stand

  explicit operator bool() const noexcept { return failure == RedisFailure::none; }
};

/// Sends commands to Redis, over a connection and with a thread of its own; to what brokers and emitters connect to as
/// well: a server, the master of Sentinels, over TLS or not.
///
/// Every member but the destructor may be called from any thread. Commands of one thread are carried out in its order,
/// many with one write and without waiting for each other's answers; those of several threads stand between each other.
/// While there is no connection they wait, up to RedisOptions::queue_limit bytes, past which new ones are refused, and
/// for RedisOptions::ready_timeout. A command is never sent twice.
class HEARTH_API RedisClient {
 public:
  /// Called once, on the client's thread, or on the one that gives the command if it fails at once; should be quick.
  /// One that throws is as if it had not. It may destroy the client.
  using Done = std::function<void(const RedisResult&)>;

  /// Throws std::invalid_argument if an option is bad, or for a Cluster. Connecting begins at once.
  explicit RedisClient(RedisOptions options);
  /// As above, for RedisOptions::from_url.
  explicit RedisClient(std::string_view url);
  /// Shuts down if that has not happened.
  ~RedisClient();  // NOLINT(bugprone-exception-escape): see its definition
  RedisClient(const RedisClient&) = delete;
  RedisClient& operator=(const RedisClient&) = delete;

  /// Returns when connected; throws std::runtime_error if that takes longer than RedisOptions::ready_timeout. Calling
  /// it is a choice.
  void wait_until_ready();

  /// The command and its arguments, as bytes. Throws std::invalid_argument for none, and for those that would change
  /// what the connection is for the commands after it: SUBSCRIBE and its like, MONITOR, MULTI, SELECT, AUTH, HELLO,
  /// RESET, QUIT, CLIENT REPLY; a transaction is a script. One that blocks, such as BLPOP, keeps those after it
  /// waiting.
  void command(std::span<const std::string_view> arguments, Done done);
  void command(std::initializer_list<std::string_view> arguments, Done done) {
    command(std::span(arguments.begin(), arguments.size()), std::move(done));
  }
  std::future<RedisResult> command(std::span<const std::string_view> arguments);
  std::future<RedisResult> command(std::initializer_list<std::string_view> arguments) {
    return command(std::span(arguments.begin(), arguments.size()));
  }

  /// Sends what waits, if that takes no longer than a second, and closes the connection. What is given afterwards
  /// fails. In a `Done` it does not wait for the end.
  void shutdown();

 private:
  class Impl;
  const std::shared_ptr<Impl> impl_;
};

}  // namespace hearth
