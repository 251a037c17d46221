#pragma once

#include "hearth/export.hpp"
#include "hearth/history.hpp"
#include "hearth/json.hpp"
#include "hearth/redis_options.hpp"

#include <cstdint>
#include <future>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace hearth {

/// What became of a message: Redis has it, or an error says why not.
struct EmitResult {
  std::string error{};         ///< empty: Redis has taken it
  std::int64_t receivers = 0;  ///< instances that got it, as far as Redis knows; not told with a Retention
  Position position{};         ///< where it has come to lie, with a Retention
  bool duplicate = false;      ///< it was there already, under its idempotency key
  explicit operator bool() const noexcept { return error.empty(); }
};

/// Sends to the clients of a cluster from a process that holds none. It has a thread and one connection of its own, and
/// from the first message with a Retention on a second one.
///
/// Every member but the destructor may be called from any thread. Messages of one thread go out in its order, many with
/// one write; `to_room(…).get()` waits until Redis has a message. While the connection is down messages wait, up to
/// RedisOptions::queue_limit bytes and for RedisOptions::ready_timeout. `event` must not be empty, nor a target
/// (std::invalid_argument).
class HEARTH_API Emitter {
 public:
  /// Throws std::invalid_argument if an option is bad. Connecting begins at once.
  explicit Emitter(RedisOptions options);
  /// As above, for RedisOptions::from_url.
  explicit Emitter(std::string_view url);
  /// Shuts down if that has not happened.
  ~Emitter();
  Emitter(const Emitter&) = delete;
  Emitter& operator=(const Emitter&) = delete;

  /// Returns when connected; throws std::runtime_error if that takes longer than RedisOptions::ready_timeout. Calling
  /// it is a choice.
  void wait_until_ready();

  std::future<EmitResult> to_client(std::string_view client_id, std::string_view event, const Json& data = {});
  std::future<EmitResult> to_user(std::string_view user_id, std::string_view event, const Json& data = {});
  std::future<EmitResult> to_room(std::string_view room, std::string_view event, const Json& data = {},
                                  std::span<const std::string> exclude = {});
  /// Into the room's log, which keeps so much from then on (docs/recovery.md): members that are not there now get it
  /// when they come back. It is sent again when the connection breaks before Redis has answered, and is in the log
  /// once; so it is when this is called again within five minutes with the same `idempotency_key`, if that is not
  /// empty, by whomever. Not for a Cluster (std::invalid_argument), and not with a size of 0.
  std::future<EmitResult> to_room(std::string_view room, std::string_view event, const Json& data,
                                  const Retention& retention, std::string_view idempotency_key = {},
                                  std::string_view key = {}, std::span<const std::string> exclude = {});
  std::future<EmitResult> broadcast(std::string_view event, const Json& data = {},
                                    std::span<const std::string> exclude = {});

  /// Sends what waits, if that takes no longer than a second, and closes the connection. What is sent afterwards fails.
  void shutdown();

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace hearth
