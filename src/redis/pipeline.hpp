#pragma once

#include "hearth/redis_client.hpp"
#include "net/duration_histogram.hpp"
#include "redis/link.hpp"
#include "redis/resp.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::redis {

/// Commands over one link: in order, many with one write, without waiting for answers. What cannot go out waits, up to
/// a limit. It pings by itself, and leaves a server that is no master any more.
class Pipeline final : private Link::Owner {
 public:
  /// What becomes of a command that is under way when the link breaks.
  enum class OnBreak : std::uint8_t {
    give_up,  ///< it is unconfirmed, and not sent again, for it may have been carried out
    resend,   ///< it is sent again when the link is back, in its order, before what waits
  };
  /// What becomes of commands past RedisOptions::queue_limit.
  enum class Overflow : std::uint8_t { drop_oldest, refuse_newest };

  /// What became of a command. A view: good for as long as the call.
  struct Outcome {
    RedisFailure failure = RedisFailure::none;
    std::string_view error{};          ///< why
    const RespReply* reply = nullptr;  ///< if Redis has answered, be it with an error
  };
  using Done = std::function<void(const Outcome&)>;

  struct Request {
    RespCommand command;
    Done done{};
    OnBreak on_break = OnBreak::give_up;
    RespCommand again{};  ///< what is sent in its place from the second time on; empty: the same
  };

  struct Settings {
    std::string role;  ///< part of the connection's name
    Overflow overflow = Overflow::drop_oldest;
    std::chrono::milliseconds max_wait{};  ///< for which a command may wait to be sent; 0: for ever
  };

  /// Whose commands they are. All but overflowed are called on the executor's thread.
  class Owner {
   public:
    virtual ~Owner() = default;
    /// The link is up. What waits goes out after it, unless it is held.
    virtual void pipeline_up() = 0;
    /// The link is down, or an attempt to connect has failed.
    virtual void pipeline_down(const std::string& reason) = 0;
    /// It is time for a ping, which goes out by itself.
    virtual void pipeline_ping() {}
    /// For the first time since the link was last up more waits than may. Any thread.
    virtual void pipeline_overflowed() {}
    /// Redis has answered with an error.
    virtual void pipeline_refused(std::string_view /*error*/) {}
    /// A `done` has thrown. Any thread.
    virtual void pipeline_done_threw() {}
  };

  /// Of what went through the queue.
  struct Counters {
    std::atomic<std::uint64_t> answered{0};
    std::atomic<std::uint64_t> refused{0};
    std::atomic<std::uint64_t> unconfirmed{0};
    std::atomic<std::uint64_t> not_sent{0};
    /// From leaving to the answer: of the first command of each write, and of those sent ahead.
    net::DurationHistogram round_trips;
  };

  Pipeline(const boost::asio::any_io_executor& executor, const RedisOptions& options, Tls* tls, Settings settings,
           Owner& owner);

  // From any thread:

  /// `done` may be empty. It is called on the executor's thread, or on this one if the command fails at once.
  void add(Request request);
  /// Whether something waits to go out, or for its answer.
  bool has_unfinished() const;
  std::uint64_t queued_bytes() const;
  const Counters& counters() const noexcept { return counters_; }

  // On the executor's thread:

  void start() { link_.start(); }
  /// Sends what waits if that takes no longer than `patience`, held or not, and then stops; what is added meanwhile
  /// fails.
  void finish(std::chrono::milliseconds patience);
  bool is_up() const noexcept { return link_.is_up(); }
  /// Gives the connection up and connects anew.
  void fail(std::string reason) { link_.fail(std::move(reason)); }
  /// While the link is up: sends a command at once, before all that waits. Without an answer it is unconfirmed.
  void send_ahead(const RespCommand& command, Done done);
  /// From now on what waits does not go out, until `release`.
  void hold() noexcept { held_ = true; }
  void release();

 private:
  using Clock = std::chrono::steady_clock;

  /// What waits, or is under way.
  struct Entry {
    Request request;
    Clock::time_point since{};
    bool sent = false;                        // once at least
    bool ahead = false;                       // it has not been through the queue
    std::size_t size = 0;                     // of what is under way
    std::optional<Clock::time_point> left{};  // when, if that is looked at
  };
  static std::size_t cost(const Entry& entry) noexcept;

  void link_up() override;
  void link_down(const std::string& reason) override;
  void link_reply(const RespReply& reply) override;
  void link_writable() override { pump(); }
  void link_ping() override;

  void pump();
  void stop();
  bool is_finished() const;
  void expire_later();
  std::deque<Entry> take_overdue();
  std::deque<Entry> take_too_many();
  void take_back(std::deque<Entry> entries);
  bool must_be_sent_again(const Entry& entry, const RespReply& reply) const;
  void answered(const Entry& entry, const RespReply& reply);
  void lose(const std::deque<Entry>& entries, std::string_view why);
  void settle(const Entry& entry, const Outcome& outcome);

  const boost::asio::any_io_executor executor_;
  const RedisOptions& options_;
  const Settings settings_;
  Owner& owner_;
  Counters counters_;
  Link link_;

  mutable std::mutex mutex_;  // of those below
  std::deque<Entry> queue_;
  std::size_t queued_ = 0;  // bytes
  std::size_t unfinished_ = 0;
  bool pump_posted_ = false;
  bool overflowed_ = false;  // since the link was last up
  bool finishing_ = false;

  // the executor's thread alone
  std::deque<Entry> unanswered_;
  std::size_t unanswered_bytes_ = 0;
  boost::asio::steady_timer expiry_;
  std::optional<Clock::time_point> expires_;  // when, if it waits
  boost::asio::steady_timer patience_;
  bool held_ = false;
  bool stopped_ = false;
  bool tells_role_ = true;  // as far as this connection's Redis has not refused it
};

}  // namespace hearth::redis
