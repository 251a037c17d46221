#pragma once

#include "hub/hub.hpp"
#include "net/wakeup.hpp"
#include "shard/letter.hpp"
#include "shard/outlet.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace hearth::shard {

/// An outlet that only notes what goes through it.
class RecordingOutlet final : public Outlet {
 public:
  void send(hub::Client&, std::span<const std::string_view> pieces) override {
    std::string text;
    for (const std::string_view piece : pieces) text += piece;
    sent.push_back(std::move(text));
  }
  void close(hub::Client& client, const protocol::CloseReason& why) override {
    sent.push_back("close " + std::to_string(why.code));
    closed.push_back(&client);
  }

  /// What was sent since the last call; a close as `close 4001`.
  std::vector<std::string> take() { return std::exchange(sent, {}); }

  std::vector<std::string> sent;
  std::vector<hub::Client*> closed;
};

/// A mailbox whose tasks run when the test says.
class TestMailbox {
 public:
  TestMailbox() { mailbox->open(); }
  /// Runs what lies in it; how many tasks there were. The tasks under test do not look at the shard.
  std::size_t run() {
    std::vector<Letter> letters;
    mailbox->take(letters);
    for (const Letter& letter : letters) std::get<Task>(letter)(reinterpret_cast<Shard&>(no_shard_));
    return letters.size();
  }

  Congestion congestion;
  std::shared_ptr<ShardMailbox> mailbox = std::make_shared<ShardMailbox>(std::make_shared<net::Wakeup>(), congestion);

 private:
  alignas(64) std::byte no_shard_{};
};

}  // namespace hearth::shard
