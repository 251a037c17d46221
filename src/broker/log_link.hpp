#pragma once

#include "broker/log_dialogue.hpp"
#include "broker/log_request.hpp"
#include "broker/log_slot.hpp"
#include "hearth/redis_options.hpp"
#include "redis/link.hpp"
#include "redis/slots.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace hearth::broker {

/// A link to one server that has logs: the only one, or a master of a Cluster. Sends what the slots that are given to
/// it have to be sent, many with one write, and says what became of it. For one thread; may be destroyed when it was
/// never started, or is over.
class LogLink final : private redis::Link::Owner {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    /// `is_back`: it was up before, or takes over from one that was, and the logs may have lost their ends since.
    virtual void log_link_up(LogLink& link, bool is_back) = 0;
    /// What was under way has no answer.
    virtual void log_link_down(LogLink& link, const std::string& reason) = 0;
    /// A node is not the one to ask. What it was asked will be sent again when all that is under way is answered.
    virtual void log_slot_redirected(LogLink& link, LogSlot& slot, const redis::Redirect& redirect) = 0;
    /// There is one answer more.
    virtual void log_slot_answered(LogSlot& slot) = 0;
    virtual void log_request_noted(const LogRequest& request, const LogRequest::Notes& notes) = 0;
    virtual void log_request_done(LogRequestPtr request, bool is_replicated) = 0;
    /// Nobody waits for replicas any more.
    virtual void log_link_let_go() = 0;
    virtual void log_link_warns(std::string_view kind, std::string line) = 0;
  };

  struct Settings {
    std::string_view publisher;  ///< random: appends are recognised by it, and their number; outlives the link
    bool is_of_cluster = false;  ///< redirects are followed
    bool takes_over = false;     ///< what it has another server had before
    bool compares_run_ids = true;
  };

  /// `options`: where the server is, among others.
  LogLink(const boost::asio::any_io_executor& executor, RedisOptions options, redis::Tls* tls, const Settings& settings,
          Owner& owner);

  void start();
  /// What is under way is for the owner to give up.
  void stop();
  void fail(std::string reason) { link_.fail(std::move(reason)); }

  /// Sends what a slot has, as soon as that can be.
  void add(LogSlot& slot);
  void pump();
  /// From now on run ids are not compared.
  void stop_comparing();

  const RedisEndpoint& endpoint() const noexcept { return options_.endpoints.front(); }
  bool is_up() const noexcept { return state_ == State::ready; }
  /// It cannot be reached, and did not just begin to try.
  bool is_away() const noexcept { return has_failed_ && !is_up() && !is_stopped(); }
  bool is_stopped() const noexcept { return state_ == State::stopped; }
  bool is_over() const noexcept { return is_stopped() && link_.is_over(); }
  /// There are answers that wait for replicas.
  bool holds() const noexcept { return !held_.empty(); }
  /// Of the server's process; empty if it is not up, or Redis does not tell.
  std::string_view run_id() const noexcept {
    return is_up() ? std::string_view(run_id_).substr(0, run_id_.find(' ')) : std::string_view();
  }

 private:
  using Expected = LogDialogue::Expected;

  enum class State : std::uint8_t { down, greeting, ready, stopped };

  void link_up() override;
  void link_down(const std::string& reason) override;
  void link_reply(const redis::RespReply& reply) override;
  void link_writable() override { pump(); }
  void link_ping() override;

  void greet(Expected to, const redis::RespReply& reply);
  void greeted();
  bool send_next(LogSlot& slot, std::string& batch, std::int64_t now_ms);
  void turned_away(LogSlot& slot, std::size_t requests, const redis::Redirect* redirect);
  void answered_in_part(LogSlot& slot, const redis::RespReply& reply);
  void answered(LogSlot& slot, const redis::RespReply& reply, std::size_t place);
  void replicated(const redis::RespReply& reply);
  void tell_held(bool is_replicated);

  const RedisOptions options_;
  const Settings settings_;
  Owner& owner_;
  redis::Link link_;
  LogDialogue dialogue_;
  LogSlots to_send_;
  std::deque<LogRequestPtr> held_;  // answered, but for the replicas
  LogConnection connection_;
  std::string run_id_;  // of the last connection, as in LogConnection
  State state_ = State::down;
  bool compares_run_ids_;
  bool has_failed_ = false;   // since it was up last
  bool may_have_changed_;     // what it has, when it is up the next time
  bool has_appends_ = false;  // in the batch that is being made
};

}  // namespace hearth::broker
