#pragma once

#include "hearth/history.hpp"
#include "hearth/metrics.hpp"
#include "hearth/presence.hpp"
#include "hearth/room_rule.hpp"
#include "net/wakeup.hpp"
#include "presence/rooms.hpp"
#include "presence/store.hpp"
#include "shard/mailbox.hpp"
#include "shard/presence_desk.hpp"
#include "shard/switchboard.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace hearth::server {

/// The rooms of a server that have presence, on a thread of their own, between the broker and the shards. Does nothing
/// until it is started, and after it is stopped.
class PresenceThread final : public shard::PresenceDesk, private presence::Sink, private presence::Store {
 public:
  explicit PresenceThread(const shard::Switchboard& switchboard);
  ~PresenceThread() override;
  PresenceThread(const PresenceThread&) = delete;
  PresenceThread& operator=(const PresenceThread&) = delete;

  /// Once the broker is; what it has of presence outlives the thread; null: this instance is alone. `self`: what
  /// the broker calls this instance.
  void start(Presence* kept, std::string_view self, std::chrono::milliseconds heartbeat);
  /// Has the others told what they are not told yet, if that takes no longer than a second.
  void stop();

  // From any thread:

  // shard::PresenceDesk
  void take(std::uint8_t shard, std::vector<presence::Note>& notes) override;
  /// Who is in a room of this rule, once what was noted until now has been taken.
  void ask(std::string room, std::shared_ptr<const RoomRule> rule, const presence::Page& page, Done<PresencePage> done);
  /// Waits for the thread; nothing but zeros while it does not run.
  PresenceMetrics metrics() const;
  /// As BrokerSink::presence and BrokerSink::presence_watched.
  void report(std::string_view instance, const PresenceReport& report);
  void watched(std::string_view room);
  /// As BrokerSink::lost.
  void lost();

 private:
  using Work = std::function<void(presence::Rooms&)>;
  using Clock = std::chrono::steady_clock;

  // presence::Sink
  void tell(std::uint8_t shard, const std::string& room, const presence::TextPtr& text) override;
  void show(std::uint8_t shard, const std::string& room, const presence::ClientId& client,
            const presence::TextPtr& text) override;
  void answer(std::uint8_t shard, const presence::ClientId& client, const std::string& id_json,
              const presence::TextPtr& text) override;

  // presence::Store
  void look(bool renews, std::chrono::milliseconds life) override;
  void write(const std::string& room, const presence::Report& report) override;
  void read(const std::string& room) override;
  void forget(const std::string& room, const std::string& node) override;
  void watch(const std::string& room) override;
  void unwatch(const std::string& room) override;

  void run();
  void finish(presence::Rooms& rooms);
  void wait(Clock::time_point until) const;
  void work_off(presence::Rooms& rooms);

  const shard::Switchboard& switchboard_;
  const std::shared_ptr<net::Wakeup> wakeup_ = std::make_shared<net::Wakeup>();
  // Answers of the broker hold on to it, and may come when the thread is gone.
  const std::shared_ptr<shard::Mailbox<Work>> mailbox_;
  Presence* kept_ = nullptr;
  presence::Rooms::Cluster cluster_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace hearth::server
