#pragma once

#include "load/client.hpp"
#include "load/key_agreement.hpp"
#include "load/plan.hpp"
#include "load/sockets.hpp"
#include "load/stamp.hpp"
#include "load/traffic.hpp"
#include "protocol/envelope.hpp"
#include "websocket/deflate.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::load {

/// Who is told what comes of the conversations.
class ConversationEvents {
 public:
  /// Authenticated.
  virtual void opened(Client& client) = 0;
  /// All that it has asked for rooms has been answered.
  virtual void settled(Client& client) = 0;
  /// A message of the load has come.
  virtual void delivered(Client& client, const Stamp& stamp) = 0;
  /// Something went wrong that the conversation survives.
  virtual void erred(Client& client, std::string what) = 0;
  /// The conversation has failed; its socket is closed.
  virtual void failed(Client& client, std::string why) = 0;

 protected:
  ~ConversationEvents() = default;
};

/// What the clients of one thread say and hear: the upgrade, authentication, rooms, messages. Appends what is to be
/// sent to the client's `out`. It has to outlive the clients, whose keys refer to its cipher.
class Conversation {
 public:
  Conversation(const Plan& plan, const Traffic& traffic, Sockets& sockets, ConversationEvents& events);

  /// Its socket is connected: asks for the upgrade, then authenticates.
  void begin(Client& client);
  /// `bytes` have come from the server; they may be overwritten.
  void received(Client& client, std::span<char> bytes);

  /// Asks to be let into the rooms that it is to be in.
  void join_rooms(Client& client);
  void join(Client& client, std::vector<std::uint32_t> streams);
  void leave(Client& client, std::uint32_t stream);
  void send_heartbeat(Client& client);
  /// Sends a message of the load to its stream's room.
  void send_message(Client& client, const Stamp& stamp);

 private:
  std::size_t read_head(Client& client, std::string_view bytes);
  void read_frames(Client& client, std::span<char> bytes);
  void read_message(Client& client, std::string_view text);
  void read_event(Client& client, const protocol::Envelope& envelope);
  void read_delivery(Client& client, const Stamp& stamp, std::string_view text);
  void read_positions(Client& client, std::string_view data);
  void become_open(Client& client, std::string_view data);
  void request_answered(Client& client);
  void request(Client& client, bool is_join, std::span<const std::uint32_t> streams);
  void join_since(Client& client, std::span<const std::uint32_t> streams);
  void send_plain(Client& client, std::string_view text) { send_frame(client, websocket::Opcode::text, text); }
  void send_event(Client& client, std::string_view text);
  void send_frame(Client& client, websocket::Opcode opcode, std::string_view payload);
  void fail(Client& client, std::string why);

  const Plan& plan_;
  const Traffic& traffic_;
  Sockets& sockets_;
  ConversationEvents& events_;
  crypto::MessageCipher cipher_;
  std::optional<KeyAgreement> keys_;
  websocket::Inflater inflater_{15};
  protocol::EnvelopeReader reader_;
  std::string scratch_;
};

}  // namespace hearth::load
