#pragma once

#include "hearth/presence.hpp"
#include "hearth/redis_options.hpp"
#include "redis/link.hpp"
#include "redis/resp.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::broker {

/// Who is in rooms, in Redis (docs/protocol.md, section 3), over a link of its own, so that a room of many members
/// keeps no message waiting. What is asked while the link is down, or not answered when it breaks, fails at once:
/// whoever asks knows best what is still to be said then.
class RedisPresence final : public Presence, private redis::Link::Owner {
 public:
  struct Events {
    std::function<void()> up{};  ///< on the executor's thread, as the next
    std::function<void(const std::string& reason)> down{};
    std::function<void(std::string_view kind, std::string line)> warn{};  ///< a line for the log
    std::function<void(std::string channel, bool is_wanted)> watch{};     ///< from any thread
  };

  /// `self`: what others know this instance by.
  RedisPresence(const boost::asio::any_io_executor& executor, const RedisOptions& options, redis::Tls* tls,
                std::string self, Events events);

  // From any thread:

  void look(std::optional<std::chrono::milliseconds> life, Done<LivingInstances> done) override;
  void write(const PresenceReport& report, Done<void> done) override;
  void read(std::string_view room, Done<std::vector<PresenceEntry>> done) override;
  void forget(std::string_view room, std::string_view instance) override;
  void watch(std::string_view room) override;
  void unwatch(std::string_view room) override;
  /// Somebody wants it.
  void want() noexcept { wanted_ = true; }
  bool is_wanted() const noexcept { return wanted_; }
  /// From now on questions are taken.
  void open();

  // On the executor's thread:

  void start() { link_.start(); }
  /// What is asked from now on fails, and what is not answered.
  void stop();
  /// Gives the connection up and connects anew.
  void fail(std::string reason) { link_.fail(std::move(reason)); }
  bool is_up() const noexcept { return link_.is_up(); }

 private:
  /// Null: the link broke first.
  using Answer = std::function<void(const redis::RespReply*)>;
  struct Question {
    redis::RespCommand command;
    Answer answer;
  };

  /// Bytes of commands that may wait for their answers; past it what is asked fails.
  static constexpr std::size_t kMostBytes = std::size_t{64} * 1024 * 1024;

  void link_up() override { events_.up(); }
  void link_down(const std::string& reason) override;
  void link_reply(const redis::RespReply& reply) override;
  void link_ping() override;

  void ask(redis::RespCommand command, Answer answer);
  void take_asked();
  void complain(std::string_view what, const redis::RespReply& reply) const;
  void call(const Answer& answer, const redis::RespReply* reply) const;

  const boost::asio::any_io_executor executor_;
  const std::string self_;
  const Events events_;
  redis::Link link_;
  std::atomic<bool> wanted_{false};

  std::mutex mutex_;  // of the next two
  std::vector<Question> asked_;
  bool is_open_ = false;

  // the executor's thread alone
  struct Awaited {
    std::size_t bytes;
    Answer answer;
  };
  std::deque<Awaited> awaited_;
  std::size_t bytes_ = 0;  // of those
  bool was_down_ = false;  // since it was said last who lives
};

}  // namespace hearth::broker
