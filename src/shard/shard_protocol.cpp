// What clients say (docs/protocol.md, section 1).

#include "shard/shard.hpp"

#include "log/quoted.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace hearth::shard {

namespace {

bool is_request(std::string_view event) {
  return event == protocol::event::kJoin || event == protocol::event::kLeave || event == protocol::event::kPublish;
}

}  // namespace

void Shard::received(net::Connection& connection, websocket::Opcode /*opcode*/, std::span<char> message) {
  auto& client = static_cast<hub::Client&>(connection);
  client.last_activity = loop_.now();
  tally_.client_message(client.id);
  if (client.is_authenticated()) timeouts_.heard(client, loop_.now());
  if (client.limited) {
    throttle_.count(client, message.size(), loop_.now());
    if (!client.is_open()) return;
  }
  read_message(client, {message.data(), message.size()}, false);
  tell_room_events();
}

// `opened`: it came encrypted.
void Shard::read_message(hub::Client& client, std::string_view text, bool opened) {
  using Result = protocol::EnvelopeReader::Result;
  switch (reader_.read(text)) {
    case Result::envelope:
      return dispatch(client, reader_.envelope(), text, opened);
    case Result::not_json:
      return answers_.error(client, protocol::kInvalidMessageFormat);
    case Result::not_envelope:
      if (!log_.wants(LogLevel::debug)) return;
      log_(LogLevel::debug, "message_dropped", "a client sent JSON that is no envelope", {{"client", client.id.str()}});
  }
}

// The order of "What the server does with a message".
void Shard::dispatch(hub::Client& client, const protocol::Envelope& envelope, std::string_view text, bool opened) {
  if (envelope.event == protocol::event::kHeartbeat) {
    if (!envelope.id_json.empty()) answers_.ack(client, "{}", envelope.id_json);
    return;
  }
  if (envelope.event == protocol::event::kAuthenticate) return admission_.authenticate(client, envelope);
  if (!client.is_authenticated()) {
    if (envelope.id_json.empty() || !is_request(envelope.event)) {
      return answers_.error(client, protocol::kNotAuthenticated);
    }
    return answers_.error(client, protocol::request_error::kNotAuthenticated, envelope.id_json);
  }
  if (client.key && handle_encryption(client, envelope, opened)) return;
  if (Turns::must_wait(client)) return turns_.wait(client, text);
  handle(client, envelope);
}

// Whether that was all there is to do with the message. `join` and `leave` may always come plain: Ignis' clients send
// them so.
bool Shard::handle_encryption(hub::Client& client, const protocol::Envelope& envelope, bool opened) {
  if (envelope.event == protocol::event::kEncrypted) {
    // One inside another has no meaning, and would be a way to have the server open many for one message.
    open_message(client, opened ? std::string_view() : envelope.data);
    return true;
  }
  const bool may_be_plain = opened || options_.encryption != Encryption::required ||
                            envelope.event == protocol::event::kJoin || envelope.event == protocol::event::kLeave;
  if (may_be_plain) return false;
  answers_.error(client, protocol::request_error::kEncryptionRequired, envelope.id_json);
  return true;
}

void Shard::open_message(hub::Client& client, std::string_view data) {
  const Sealing::Message message = sealing_.open(client, data);
  switch (message.opened) {
    case Sealing::Opened::text:
      return read_message(client, message.text, true);
    case Sealing::Opened::worn_out:
      return deliveries_.close(client, protocol::kRekeyRequired);
    case Sealing::Opened::no:
    case Sealing::Opened::no_once_more:
      break;
  }
  answers_.error(client, protocol::request_error::kDecryptionFailed, reader_.envelope().id_json);
  if (message.opened == Sealing::Opened::no_once_more) deliveries_.close(client, protocol::kDecryptionFailed);
}

void Shard::handle(hub::Client& client, std::string_view text) {
  if (reader_.read(text) == protocol::EnvelopeReader::Result::envelope) handle(client, reader_.envelope());
  tell_room_events();
}

void Shard::log_payload(const hub::Client& client, const protocol::Envelope& envelope) const {
  if (!log_.wants(LogLevel::debug)) return;
  log_(LogLevel::debug, "message_received", "a client has sent a message",
       {{"client", client.id.str()},
        {"user", client.user != nullptr ? std::string_view(client.user->id) : std::string_view()},
        {"message", envelope.event},
        {"data", log::beginning(envelope.data)}});
}

void Shard::handle(hub::Client& client, const protocol::Envelope& envelope) {
  if (options_.log_payloads) log_payload(client, envelope);
  if (envelope.event == protocol::event::kJoin) return rooms_.join(client, envelope);
  if (envelope.event == protocol::event::kLeave) return rooms_.leave(client, envelope);
  if (options_.client_publish && envelope.event == protocol::event::kPublish) return rooms_.publish(client, envelope);
  if (memories() != nullptr || present_.any()) {
    if (envelope.event == protocol::event::kHistory) return history_.history(client, envelope);
    if (envelope.event == protocol::event::kPresence) return present_.request(client, envelope);
  }
  handle_application_message(client, envelope);
}

void Shard::handle_application_message(hub::Client& client, const protocol::Envelope& envelope) {
  if (!options_.message) return;
  client_id_.clear();
  client.id.append_to(client_id_);
  const Message message{
      client_id_,     client.user != nullptr ? std::optional<std::string_view>(client.user->id) : std::nullopt,
      envelope.event, JsonView::trusted(envelope.data),
      envelope.id,    client.context()};
  const bool waits = calls_.invoke(options_.message, client.id, HandlerCalls::Purpose::acts, message,
                                   [this, id = client.id](const Outcome<void>& outcome, HandlerCalls::When when) {
                                     calls_.log_if_threw("message", id, outcome);
                                     if (when == HandlerCalls::When::later) turns_.end(id);
                                   });
  if (waits) Turns::begin(client);
}

}  // namespace hearth::shard
