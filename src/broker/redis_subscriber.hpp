#pragma once

#include "broker/wanted_channels.hpp"
#include "hearth/broker.hpp"
#include "redis/link.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::broker {

/// Receives over one link: subscribes to what is wanted, again whenever the link is back, and notices gaps.
class RedisSubscriber final : private redis::Link::Owner {
 public:
  using Time = std::chrono::system_clock::time_point;

  struct Events {
    std::function<void(std::string_view channel, std::string_view payload)> message;
    std::function<void()> ready;  ///< all that was wanted when the link came up is subscribed to
    std::function<void(const std::string& reason)> down;
    std::function<void(Time from, Time to)> gap;
    std::function<void(std::string_view kind, std::string line)> warn;  ///< a line for the log
    /// These are active, for the first time, again, or still when somebody wants them once more. If `tell_active`.
    std::function<void(std::span<const std::string> channels)> active;
  };

  RedisSubscriber(const boost::asio::any_io_executor& executor, const RedisOptions& options, redis::Tls* tls,
                  Events events);

  // From any thread:

  /// As Broker::subscribe and unsubscribe.
  bool subscribe(std::vector<std::string> channels, std::function<void()> done);
  void unsubscribe(std::span<const std::string> channels);
  std::size_t subscriptions() const { return wanted_.size(); }
  /// Whether control messages come in, which Redis may forbid.
  bool hears_control() const noexcept { return hears_control_; }
  /// From now on `active` is told, and at the next connection Redis is asked for its run id.
  void tell_active() noexcept { tells_active_ = true; }
  /// From the next connection on, what instances say of who is in rooms is heard, also where all rooms are by a
  /// pattern.
  void hear_presence() noexcept { hears_presence_ = true; }

  // On the executor's thread:

  void start() { link_.start(); }
  void stop();
  /// Gives the connection up and connects anew.
  void fail(std::string reason) { link_.fail(std::move(reason)); }
  bool is_ready() const noexcept { return ready_; }
  /// Of the process that the link is to; empty if it is not up, or was not asked, or does not tell.
  const std::string& run_id() const noexcept { return run_id_; }

 private:
  /// A command whose channels have not all been confirmed.
  struct Asked {
    std::vector<std::string> channels;
    bool opening = false;    // what was wanted when the link came up
    bool essential = false;  // without these there is no cluster
    bool control = false;    // without it there is one, that knows less
    std::size_t confirmed = 0;
  };

  void link_up() override;
  void link_down(const std::string& reason) override;
  void link_reply(const redis::RespReply& reply) override;
  void link_ping() override;

  void ask(std::string_view command, Asked asked);
  void ask_in_parts(std::vector<std::string> channels, bool opening);
  void settle_first();
  void go_on_opening();
  void unsubscribe_from(std::span<const std::string> channels);
  void confirmed(std::string_view channel);
  void forbidden(const Asked& asked, const std::string& reason);
  void refused(std::string_view error);
  void answered(std::string_view token);
  void message(std::string_view channel, std::string_view payload);
  void call_all(const WantedChannels::Callbacks& callbacks) const;
  void tell_active_of(std::span<const std::string> channels);
  void subscribe_new();
  void await_expiry();

  const boost::asio::any_io_executor executor_;
  const RedisOptions& options_;
  const Events events_;
  WantedChannels wanted_;
  redis::Link link_;
  boost::asio::steady_timer expiry_;
  std::deque<Asked> asked_;
  std::size_t opening_ = 0;       // of those that are opening, how many are left
  bool broadcast_asked_ = false;  // on this connection
  bool control_refused_ = false;  // ever
  std::atomic<bool> hears_control_{false};
  std::atomic<bool> tells_active_{false};
  std::atomic<bool> hears_presence_{false};
  bool run_id_asked_ = false;  // and not answered
  std::string run_id_;
  bool has_pattern_ = false;         // everything of rooms comes in
  std::deque<Time> pings_;           // when those were sent that have no answer yet
  std::optional<Time> whole_until_;  // all that was published before has been received
  std::atomic<bool> ready_{false};
  bool stopped_ = false;
};

}  // namespace hearth::broker
