#pragma once

#include "broker/presence_link.hpp"
#include "hearth/presence.hpp"
#include "hearth/redis_options.hpp"
#include "redis/cluster_map.hpp"
#include "redis/masters.hpp"
#include "redis/resp.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::broker {

/// Who is in rooms, in Redis (docs/protocol.md, section 3), over links of their own, so that a room of many members
/// keeps no message waiting: one link, or one to each master of a Cluster. What is asked while its link is down, or not
/// answered when it breaks, fails at once: whoever asks knows best what is still to be said then.
class RedisPresence final : public Presence, private PresenceLink::Owner {
 public:
  struct Events {
    std::function<void()> up{};  ///< on the executor's thread, as the next
    std::function<void(const std::string& reason)> down{};
    std::function<void(std::string_view kind, std::string line)> warn{};  ///< a line for the log
    std::function<void(std::string channel, bool is_wanted)> watch{};     ///< from any thread
  };

  /// `map`: of the Cluster; null if there is none. `self`: what others know this instance by.
  RedisPresence(const boost::asio::any_io_executor& executor, const RedisOptions& options, redis::Tls* tls,
                redis::ClusterMap* map, std::string self, Events events);

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

  void start();
  /// What is asked from now on fails, and what is not answered.
  void stop();
  /// Gives the connections up and connects anew.
  void fail(const std::string& reason) { servers_.fail(reason); }
  /// Rooms can be asked about; of a Cluster, those of masters that are not away.
  bool is_up() const { return servers_.serve(); }
  /// All can, or none is to be.
  bool is_whole() const { return !wanted_ || servers_.all_up(); }

 private:
  using Answer = PresenceQuestion::Answer;

  /// Bytes of commands that may wait for their answers; past it what is asked fails.
  static constexpr std::size_t kMostBytes = std::size_t{64} * 1024 * 1024;
  static constexpr unsigned kMostRedirects = 5;

  void presence_link_up(PresenceLink& link, bool is_again) override;
  void presence_link_down(PresenceLink& link, const std::string& reason) override;
  void presence_answered(PresenceLink& link, PresenceQuestion question, const redis::RespReply* reply) override;

  /// `key`: one of those that it is about.
  void ask(std::string_view key, redis::RespCommand command, Answer answer);
  void take_asked();
  void send(PresenceQuestion question, PresenceLink* to, bool is_asking);
  void read_of(const std::string& room, const std::vector<std::string>& living, Done<std::vector<PresenceEntry>> done);
  void forget_entry(const std::string& room, const std::string& instance, const std::string& entry);
  Answer entries_for(Done<std::vector<PresenceEntry>> done);
  void map_told();
  std::size_t bytes() const;
  void complain(std::string_view what, const redis::RespReply& reply) const;
  void call(const Answer& answer, const redis::RespReply* reply) const;

  const boost::asio::any_io_executor executor_;
  redis::ClusterMap* const map_;
  const std::string self_;
  const Events events_;
  redis::Masters<PresenceLink> servers_;
  std::atomic<bool> wanted_{false};

  std::mutex mutex_;  // of the next two
  std::vector<PresenceQuestion> asked_;
  bool is_open_ = false;

  // the executor's thread alone
  bool started_ = false;
  bool may_be_lost_ = false;  // what was said, since it was said last who lives
};

}  // namespace hearth::broker
