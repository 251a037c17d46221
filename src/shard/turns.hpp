#pragma once

#include "hub/hub.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::shard {

/// A client that went while something was at work for it: what is still to be done in its name.
struct Departed {
  std::optional<std::string> user_id;
  std::uint16_t code;
  std::string reason;
  ClientContext context{};
  std::deque<std::string> messages{};
};

/// Sees to it that the messages of one client are handled one after the other: while something is at work for it, the
/// others wait; also after the client has gone. The shard's thread alone.
class Turns {
 public:
  /// What a client may have waiting; past either, nothing more is read from it until its turn has come.
  static constexpr std::size_t kMostMessages = 32;
  static constexpr std::size_t kMostBytes = std::size_t{64} * 1024;

  class Host {
   public:
    virtual ~Host() = default;
    /// The turn of a message has come.
    virtual void handle(hub::Client& client, std::string_view text) = 0;
    /// The same for a client that has gone. True: something is at work for it until `end`.
    virtual bool handle_departed(const protocol::ClientId& id, const Departed& departed, std::string_view text) = 0;
    /// All that a client has sent before it went has been handled.
    virtual void departed(const protocol::ClientId& id, const Departed& departed) = 0;
    virtual void pause(hub::Client& client) = 0;
    virtual void resume(hub::Client& client) = 0;
    virtual bool takes_answers(hub::Client& client) = 0;
  };

  Turns(const hub::Hub& hub, Host& host) noexcept : hub_(hub), host_(host) {}

  /// Whether its next message has to wait, by `wait`.
  static bool must_wait(const hub::Client& client) noexcept { return client.busy || client.waiting; }
  void wait(hub::Client& client, std::string_view text);
  /// Whether so much waits that nothing more is to be read.
  static bool is_full(const hub::Client& client) noexcept {
    return client.waiting && (client.waiting->messages.size() >= kMostMessages || client.waiting->bytes >= kMostBytes);
  }

  /// Something is at work for it from now on, and what it is sent meanwhile answers it.
  static void begin(hub::Client& client) noexcept { client.set_busy(true); }
  /// It has finished: whatever has waited comes next. The client may be gone.
  void end(const protocol::ClientId& id);
  /// It takes answers again.
  void go_on(hub::Client& client) {
    if (!client.busy) take(client);
  }

  /// An authenticated client has gone.
  void depart(hub::Client& client, const Departed& departed);

 private:
  void take(hub::Client& client);
  void take_departed(const protocol::ClientId& id);

  const hub::Hub& hub_;
  Host& host_;
  boost::unordered_flat_map<protocol::ClientId, Departed, std::hash<protocol::ClientId>> departed_;
};

}  // namespace hearth::shard
