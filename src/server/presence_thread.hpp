#pragma once

#include "hearth/presence.hpp"
#include "net/wakeup.hpp"
#include "presence/rooms.hpp"
#include "shard/mailbox.hpp"
#include "shard/presence_desk.hpp"
#include "shard/switchboard.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace hearth::server {

/// The rooms of a server that have presence, on a thread of their own. Does nothing until it is started, and after it
/// is stopped.
class PresenceThread final : public shard::PresenceDesk, private presence::Sink {
 public:
  explicit PresenceThread(const shard::Switchboard& switchboard);
  ~PresenceThread() override;
  PresenceThread(const PresenceThread&) = delete;
  PresenceThread& operator=(const PresenceThread&) = delete;

  void start();
  void stop();

  // From any thread:

  // shard::PresenceDesk
  void take(std::uint8_t shard, std::vector<presence::Note> notes) override;
  /// Who is in a room, once what was noted until now has been taken.
  std::future<PresencePage> ask(std::string room, const presence::Page& page);

 private:
  using Work = std::function<void(presence::Rooms&)>;

  // presence::Sink
  void tell(std::uint8_t shard, const std::string& room, const presence::TextPtr& text) override;
  void show(std::uint8_t shard, const std::string& room, const presence::ClientId& client,
            const presence::TextPtr& text) override;
  void answer(std::uint8_t shard, const presence::ClientId& client, const std::string& id_json,
              const presence::TextPtr& text) override;

  void run();
  void wait(const presence::Rooms& rooms) const;

  const shard::Switchboard& switchboard_;
  const std::shared_ptr<net::Wakeup> wakeup_ = std::make_shared<net::Wakeup>();
  shard::Mailbox<Work> mailbox_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace hearth::server
