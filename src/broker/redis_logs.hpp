#pragma once

#include "broker/branch_watch.hpp"
#include "broker/log_dialogue.hpp"
#include "broker/log_request.hpp"
#include "hearth/history.hpp"
#include "hearth/redis_options.hpp"
#include "history/append_queue.hpp"
#include "redis/link.hpp"

#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::broker {

/// The logs of rooms in Redis (docs/protocol.md, section 3), over a link of its own, so that pages of them do not keep
/// messages waiting. The link is made by `start`, or at the first question. What is asked is sent in its order, many
/// with one write, and again when the link broke before the answer.
class RedisLogs final : public History, private redis::Link::Owner {
 public:
  struct Events {
    /// The link is up; `is_back`: it was before, and the logs may have lost their ends since. On the executor's thread.
    std::function<void(bool is_back)> up{};
    std::function<void(const std::string& reason)> down{};                ///< as above
    std::function<void(std::string_view kind, std::string line)> warn{};  ///< a line for the log
  };

  struct Counters {
    std::atomic<std::uint64_t> appended{0};
    std::atomic<std::uint64_t> refused{0};
    std::atomic<std::uint64_t> waiting_bytes{0};  ///< of what is not answered
  };

  /// `sender`: what others know by whom a publication was appended.
  RedisLogs(const boost::asio::any_io_executor& executor, const RedisOptions& options, redis::Tls* tls,
            std::string sender, Events events);

  // From any thread:

  void append(const Publication& publication, const Retention& retention, std::string_view idempotency_key,
              Done<Appended> done) override;
  void read(std::string_view room, std::uint64_t after, std::size_t count, Done<LogPage> done) override;
  void tops(std::vector<std::string> rooms, Done<std::vector<LogTop>> done) override;
  void erase(std::string_view room, Done<void> done) override;

  /// From now on questions are taken.
  void open();
  const Counters& counters() const noexcept { return counters_; }

  // On the executor's thread:

  /// Makes the link now.
  void start();
  /// Answers what is asked if that takes no longer than `patience`, and then stops.
  void finish(std::chrono::milliseconds patience);
  /// Gives the connection up and connects anew.
  void fail(std::string reason) { link_.fail(std::move(reason)); }
  /// Whether there is anything to be up.
  bool is_started() const noexcept { return state_ != State::idle; }
  bool is_up() const noexcept { return state_ == State::ready; }
  /// Of the process that the link is to; empty if it is not up, or Redis does not tell.
  std::string_view run_id() const noexcept {
    return is_up() ? std::string_view(*run_id_).substr(0, run_id_->find(' ')) : std::string_view();
  }

 private:
  using Queue = history::AppendQueue<LogRequestPtr>;
  using Clock = std::chrono::steady_clock;
  using Expected = LogDialogue::Expected;

  enum class State : std::uint8_t { idle, down, greeting, ready, stopped };

  /// What was asked and the executor's thread has not taken yet.
  struct Inbox {
    std::mutex mutex;
    std::vector<LogRequestPtr> requests;
    bool is_open = false;
    bool is_posted = false;
  };

  void link_up() override;
  void link_down(const std::string& reason) override;
  void link_reply(const redis::RespReply& reply) override;
  void link_writable() override { pump(); }
  void link_ping() override;

  void ask(LogRequestPtr request);
  void take_asked();
  void pump();
  void greet(Expected to, const redis::RespReply& reply);
  void answered_in_part(const redis::RespReply& reply);
  void answered(const redis::RespReply& reply, std::size_t place);
  void pump_on();
  void note(const LogRequest& request, const LogRequest::Notes& notes);
  void replicated(const redis::RespReply& reply);
  void tell_held(bool is_replicated);
  void tell(LogRequestPtr request, bool is_replicated);
  void give_up(LogRequestPtr request);
  void callback_threw() const;
  void expire_later();
  void end_if_done();
  void stop();

  const boost::asio::any_io_executor executor_;
  const RedisOptions& options_;
  const std::string sender_;
  const std::string publisher_;  // random: appends are recognised by it, and their number
  const Events events_;
  redis::Link link_;
  Inbox inbox_;
  Counters counters_;

  // the executor's thread alone
  Queue queue_;
  LogDialogue dialogue_;
  std::deque<LogRequestPtr> held_;  // answered, but for the replicas
  LogConnection connection_;
  std::optional<std::string> run_id_;  // of the last connection, as in LogConnection
  BranchWatch branches_;
  boost::asio::steady_timer expiry_;
  boost::asio::steady_timer patience_;
  State state_ = State::idle;
  bool guards_;  // compares run ids
  bool has_warned_of_retention_ = false;
  bool is_finishing_ = false;
};

}  // namespace hearth::broker
