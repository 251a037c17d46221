#pragma once

#include "broker/branch_watch.hpp"
#include "broker/log_link.hpp"
#include "broker/log_request.hpp"
#include "broker/log_servers.hpp"
#include "broker/log_slot.hpp"
#include "hearth/history.hpp"
#include "hearth/redis_options.hpp"
#include "redis/cluster_map.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::broker {

/// The logs of rooms in Redis (docs/protocol.md, section 3), over links of their own, so that pages of them do not keep
/// messages waiting: one link, or one to each master of a Cluster. They are made by `start`, or at the first question.
/// What is asked of a room is sent in its order, and again when the link broke before the answer, or another master
/// has the room by then.
class RedisLogs final : public History, private LogLink::Owner {
 public:
  struct Events {
    /// A link is up; `is_back`: it was before, or takes over from one that was, and the logs may have lost their ends
    /// since. On the executor's thread.
    std::function<void(bool is_back)> up{};
    std::function<void(const std::string& reason)> down{};                ///< as above
    std::function<void(std::string_view kind, std::string line)> warn{};  ///< a line for the log
  };

  struct Counters {
    std::atomic<std::uint64_t> appended{0};
    std::atomic<std::uint64_t> refused{0};
    std::atomic<std::uint64_t> waiting_bytes{0};  ///< of what is not answered
  };

  /// `map`: of the Cluster; null if there is none. `sender`: what others know by whom a publication was appended.
  RedisLogs(const boost::asio::any_io_executor& executor, const RedisOptions& options, redis::Tls* tls,
            redis::ClusterMap* map, std::string sender, Events events);

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

  /// Makes the links now.
  void start();
  /// Answers what is asked if that takes no longer than `patience`, and then stops.
  void finish(std::chrono::milliseconds patience);
  /// Gives the connections up and connects anew.
  void fail(const std::string& reason) { servers_.fail(reason); }
  /// Whether there is anything to be up.
  bool is_started() const noexcept { return state_ != State::idle; }
  /// Logs can be asked for; of a Cluster, those of masters that are not away.
  bool is_up() const { return servers_.serve(); }
  /// All can, or none is to be.
  bool is_whole() const { return !is_started() || servers_.all_up(); }
  /// Of the process that the link is to; empty if it is not up, or Redis does not tell, or it is a Cluster.
  std::string_view run_id() const { return servers_.run_id(); }

 private:
  using Clock = std::chrono::steady_clock;

  enum class State : std::uint8_t { idle, started, stopped };

  /// What was asked and the executor's thread has not taken yet.
  struct Inbox {
    std::mutex mutex;
    std::vector<LogRequestPtr> requests;
    bool is_open = false;
    bool is_posted = false;
  };

  void log_link_up(LogLink& link, bool is_back) override;
  void log_link_down(LogLink& link, const std::string& reason) override;
  void log_slot_redirected(LogLink& link, LogSlot& slot, const redis::Redirect& redirect) override;
  void log_slot_answered(LogSlot& slot) override;
  void log_request_noted(const LogRequest& request, const LogRequest::Notes& notes) override;
  void log_request_done(LogRequestPtr request, bool is_replicated) override;
  void log_link_let_go() override;
  void log_link_warns(std::string_view kind, std::string line) override { events_.warn(kind, std::move(line)); }

  void ask(LogRequestPtr request);
  void take_asked();
  LogSlot& slot_of(const std::string& room);
  void map_told(bool is_another);
  void route(LogSlot& slot);
  LogLink* next_link(LogSlot& slot);
  void route_all();
  void pause(LogSlot& slot);
  void give_up(LogRequestPtr request);
  void callback_threw() const;
  void expire_later(Clock::time_point due);
  void expire();
  void end_if_done();
  void stop();

  const boost::asio::any_io_executor executor_;
  const RedisOptions& options_;
  redis::ClusterMap* const map_;
  const std::string sender_;
  const std::string publisher_;  // random: appends are recognised by it, and their number
  const Events events_;
  Inbox inbox_;
  Counters counters_;

  // the executor's thread alone
  LogServers servers_;
  boost::unordered_flat_map<std::uint16_t, std::unique_ptr<LogSlot>> slots_;
  std::uint64_t first_sequence_ = 1;  // of a slot that comes to be
  BranchWatch branches_;
  boost::asio::steady_timer expiry_;
  boost::asio::steady_timer patience_;
  boost::asio::steady_timer pause_;
  State state_ = State::idle;
  bool has_warned_of_retention_ = false;
  bool is_finishing_ = false;
  bool expires_ = false;  // the timer is set, as is the next
  bool pauses_ = false;
};

}  // namespace hearth::broker
