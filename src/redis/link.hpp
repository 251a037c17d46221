#pragma once

#include "redis/connection.hpp"
#include "redis/locator.hpp"
#include "redis/pulse.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace hearth::redis {

/// A connection to Redis that comes back: connects, greets, pings, notices when the peer is gone, waits a little, and
/// begins anew, until it is stopped. What its owner throws costs the connection and nothing else. For one thread; once
/// started it must live until `is_over`, or until nothing runs on its executor.
class Link {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void link_up() = 0;
    /// After an attempt to connect that failed, too.
    virtual void link_down(const std::string& reason) = 0;
    virtual void link_reply(const RespReply& reply) = 0;
    /// All that was given to `send` is written.
    virtual void link_writable() {}
    /// It is time to send something that Redis answers.
    virtual void link_ping() = 0;
  };

  Link(boost::asio::any_io_executor executor, const RedisOptions& options, Tls* tls, std::string role, Owner& owner);

  void start();
  /// Closes what is open; everything ends soon.
  void stop();

  bool is_up() const noexcept { return up_; }
  /// It is stopped, and nothing of it runs any more: it may go.
  bool is_over() const noexcept { return stopped_ && running_ == 0; }
  /// Where it is connected to. Only while it is up.
  const RedisEndpoint& endpoint() const noexcept { return session_->endpoint; }
  /// While it is up: sends, with whatever else is sent until the socket takes it.
  void send(std::string_view bytes);
  bool is_writable() const noexcept { return up_ && !session_->writing; }
  /// Gives the connection up and connects anew.
  void fail(std::string reason);

 private:
  using Clock = Pulse::Clock;

  /// What lives as long as one connection.
  struct Session {
    std::shared_ptr<Connection> connection;
    RedisEndpoint endpoint;
    std::string unwritten;
    bool writing = false;
    bool looking = false;          // whether the Sentinels name another master
    std::optional<Pulse> pulse{};  // once it is up
    std::string failure{};
  };

  Awaitable<void> run();
  Awaitable<void> wait_for_next_attempt();
  Awaitable<void> live();
  void end_session(const std::string& reason);
  Awaitable<void> connect(std::shared_ptr<Session> session);
  Awaitable<void> write(std::shared_ptr<Session> session);
  Awaitable<void> watch(std::shared_ptr<Session> session);
  Awaitable<void> look_for_another_master(std::shared_ptr<Session> session);
  std::chrono::milliseconds next_pause();
  void spawn(Awaitable<void> coroutine);

  const boost::asio::any_io_executor executor_;
  const RedisOptions& options_;
  Tls* const tls_;
  const std::string role_;
  Owner& owner_;
  Locator locator_;
  std::shared_ptr<Session> session_;
  boost::asio::steady_timer pause_;
  boost::asio::steady_timer watch_;
  std::chrono::milliseconds backoff_;
  std::minstd_rand random_{std::random_device()()};
  std::size_t running_ = 0;  // coroutines
  bool up_ = false;
  bool stopped_ = false;
};

}  // namespace hearth::redis
