#pragma once

#include "broker/outage_hold.hpp"
#include "redis/link.hpp"
#include "redis/resp.hpp"

#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace hearth::broker {

/// Publishes over one link, in order, many messages with one write. What cannot go out waits, up to a limit, and after
/// an outage until the instances have subscribed again (OutageHold).
class RedisPublisher final : private redis::Link::Owner {
 public:
  /// What became of a message: an error, or how many subscribers got it.
  using Done = std::function<void(const std::string& error, std::int64_t receivers)>;

  struct Events {
    std::function<void()> up;  ///< what is published goes out
    std::function<void(const std::string& reason)> down;
    std::function<void(std::string_view kind, std::string line)> warn;  ///< a line for the log; from any thread
  };

  struct Counters {
    std::atomic<std::uint64_t> published{0};
    std::atomic<std::uint64_t> dropped{0};
    std::atomic<std::uint64_t> unconfirmed{0};
    std::atomic<std::uint64_t> refused{0};
  };

  /// `own_subscriptions`: to `ws:broadcast`, by whoever publishes here.
  RedisPublisher(boost::asio::any_io_executor executor, const RedisOptions& options, redis::Tls* tls,
                 std::int64_t own_subscriptions, Events events);

  // From any thread:

  /// `done` may be empty; it is called on the executor's thread, or on this one if the message is dropped at once.
  void publish(redis::RespCommand command, Done done);
  /// Whether something waits to go out, or for its confirmation.
  bool has_unfinished() const;
  std::uint64_t queued_bytes() const;
  const Counters& counters() const noexcept { return counters_; }

  // On the executor's thread:

  void start() { link_.start(); }
  /// Sends what waits if that takes no longer than `patience`, and then stops; what is given to it meanwhile is
  /// dropped.
  void finish(std::chrono::milliseconds patience);
  /// Gives the connection up and connects anew.
  void fail(std::string reason) { link_.fail(std::move(reason)); }
  bool is_connected() const noexcept { return link_.is_up(); }
  /// What is published goes out.
  bool is_up() const noexcept { return link_.is_up() && counted_ && !hold_.holds(); }
  /// Whoever publishes here has subscribed, so that the number is another.
  void count_again() {
    if (link_.is_up()) ask_count();
  }
  /// Gives up those that have waited for longer.
  void expire(std::chrono::milliseconds age);

 private:
  using Clock = std::chrono::steady_clock;

  struct Waiting {
    redis::RespCommand command;
    Done done;
    Clock::time_point since;
  };
  /// Something sent that Redis has not answered yet.
  struct Unanswered {
    enum class Kind : std::uint8_t { message, ping, role, count };
    Kind kind;
    std::size_t size = 0;
    Done done{};
  };

  void link_up() override;
  void link_down(const std::string& reason) override;
  void link_reply(const redis::RespReply& reply) override;
  void link_writable() override { pump(); }
  void link_ping() override;
  void pump();
  void stop();
  void ask(Unanswered::Kind kind, const redis::RespCommand& command);
  void ask_count();
  void go_on();
  void watch_hold();
  void counted(const redis::RespReply& reply);
  void taken(const Unanswered& sent, const redis::RespReply& reply);
  void settle(const Unanswered& sent, const std::string& error, std::int64_t receivers);
  void drop(const std::deque<Waiting>& dropped, const std::string& why);
  void call(const Done& done, const std::string& error, std::int64_t receivers) const;

  const boost::asio::any_io_executor executor_;
  const RedisOptions& options_;
  const Events events_;
  Counters counters_;
  redis::Link link_;

  mutable std::mutex mutex_;  // of those below
  std::deque<Waiting> queue_;
  std::size_t queued_ = 0;  // bytes
  bool pump_posted_ = false;
  bool overflowed_ = false;  // since the link was last up
  bool stopped_ = false;
  std::size_t unfinished_ = 0;  // messages

  // the executor's thread alone
  std::deque<Unanswered> unanswered_;
  std::size_t unanswered_bytes_ = 0;
  OutageHold hold_;
  boost::asio::steady_timer hold_timer_;
  boost::asio::steady_timer patience_;
  bool tells_role_ = true;   // as far as this connection's Redis has not refused it
  bool tells_count_ = true;  //
  bool counted_ = false;     // on this connection, as far as that can be
  bool finishing_ = false;
};

}  // namespace hearth::broker
