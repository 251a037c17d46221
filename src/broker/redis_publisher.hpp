#pragma once

#include "broker/outage_hold.hpp"
#include "redis/pipeline.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace hearth::broker {

/// Publishes over a pipeline. After an outage what waits is held until the instances have subscribed again
/// (OutageHold).
class RedisPublisher final : private redis::Pipeline::Owner {
 public:
  /// What became of a message: an error, or how many subscribers got it.
  using Done = std::function<void(std::string_view error, std::int64_t receivers)>;

  struct Events {
    std::function<void()> connected{};  ///< questions may be asked
    std::function<void()> up;           ///< what is published goes out
    std::function<void(const std::string& reason)> down;
    std::function<void(std::string_view kind, std::string line)> warn;  ///< a line for the log; from any thread
  };

  struct Settings {
    std::int64_t own_subscriptions{};      ///< to `ws:broadcast`, by whoever publishes here
    std::chrono::milliseconds max_wait{};  ///< for which a message may wait to be sent; 0: for ever
  };

  RedisPublisher(const boost::asio::any_io_executor& executor, const RedisOptions& options, redis::Tls* tls,
                 Settings settings, Events events);

  // From any thread:

  /// `done` may be empty; it is called on the executor's thread, or on this one if the message is dropped at once.
  void publish(std::string_view channel, std::string_view message, Done done);
  /// Another command, in the same order; sent again if the link breaks before the answer, so that it must be one that
  /// may be carried out twice. Not counted as a message.
  void command(redis::RespCommand command);
  std::uint64_t queued_bytes() const { return pipeline_.queued_bytes(); }
  const redis::Pipeline::Counters& counters() const noexcept { return pipeline_.counters(); }
  /// Of those, what was no message.
  std::uint64_t commands_answered() const noexcept { return commands_answered_; }
  std::uint64_t commands_refused() const noexcept { return commands_refused_; }

  // On the executor's thread:

  void start() { pipeline_.start(); }
  /// Sends what waits if that takes no longer than `patience`, held or not, and then stops.
  void finish(std::chrono::milliseconds patience);
  /// Gives the connection up and connects anew.
  void fail(std::string reason) { pipeline_.fail(std::move(reason)); }
  bool is_connected() const noexcept { return pipeline_.is_up(); }
  /// What is published goes out.
  bool is_up() const noexcept { return pipeline_.is_up() && counted_ && !hold_.holds(); }
  /// While connected: asks something, before all that waits. An error is for `done` alone; without an answer it is not
  /// called.
  void ask(const redis::RespCommand& command, std::function<void(const redis::RespReply&)> done);
  /// Whoever publishes here has subscribed, so that the number is another.
  void count_again();

 private:
  void pipeline_up() override;
  void pipeline_down(const std::string& reason) override;
  void pipeline_ping() override { count_again(); }
  void pipeline_overflowed() override;
  void pipeline_refused(std::string_view error) override;
  void pipeline_done_threw() override;

  void counted(const redis::RespReply& reply);
  void watch_hold();
  void go_on();

  const RedisOptions& options_;
  const Events events_;
  OutageHold hold_;
  boost::asio::steady_timer hold_timer_;
  bool tells_count_ = true;  // as far as this connection's Redis has not refused it
  bool counted_ = false;     // on this connection, as far as that can be
  bool finishing_ = false;
  std::atomic<std::uint64_t> commands_answered_{0};
  std::atomic<std::uint64_t> commands_refused_{0};
  redis::Pipeline pipeline_;
};

}  // namespace hearth::broker
