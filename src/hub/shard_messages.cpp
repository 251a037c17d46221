#include "hub/invoke.hpp"
#include "hub/shard.hpp"

#include <utility>

namespace hearth::hub {

namespace {

// What a client may have waiting while a coroutine handler is at work for it; past either, nothing more is read from it
// until it is.
constexpr std::size_t kMaxWaitingMessages = 32;
constexpr std::size_t kMaxWaitingBytes = std::size_t{64} * 1024;

std::optional<std::string_view> view(const std::optional<std::string>& text) {
  return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

struct OwnedMessage {
  std::string client_id;
  std::optional<std::string> user_id;
  std::string event;
  std::string data;
  std::string id;

  static OwnedMessage of(const Message& message) {
    return {std::string(message.client_id),
            message.user_id ? std::optional<std::string>(*message.user_id) : std::nullopt, std::string(message.event),
            std::string(message.data.text()), std::string(message.id)};
  }
  Message request() const { return {client_id, view(user_id), event, JsonView::trusted(data), id}; }
};

struct OwnedDisconnected {
  std::string client_id;
  std::optional<std::string> user_id;
  std::uint16_t code;
  std::string reason;

  ClientDisconnected request() const { return {client_id, view(user_id), code, reason}; }
};

}  // namespace

void Shard::handle_application_message(Client& client, const protocol::Envelope& envelope) {
  if (!options_.message) return;
  scratch_.clear();
  client.id.append_to(scratch_);
  const Message message{scratch_,
                        client.user != nullptr ? std::optional<std::string_view>(client.user->id) : std::nullopt,
                        envelope.event, JsonView::trusted(envelope.data), envelope.id};
  client.busy = options_.message.is_coroutine();
  invoke(
      options_.message, message, [&] { return OwnedMessage::of(message); },
      [id = client.id](Shard& shard, Outcome<void> outcome) {
        shard.log_if_threw("message", id, outcome);
        if (shard.options_.message.is_coroutine()) shard.next_turn(id);
      });
}

void Shard::wait_for_turn(Client& client, std::string_view text) {
  if (!client.waiting) client.waiting = std::make_unique<Client::Waiting>();
  Client::Waiting& waiting = *client.waiting;
  waiting.messages.emplace_back(text);
  waiting.bytes += text.size();
  if (waiting.messages.size() >= kMaxWaitingMessages || waiting.bytes >= kMaxWaitingBytes) loop_.pause(client);
}

// A handler of a client is done: whatever came for it meanwhile, up to the next handler that waits.
void Shard::next_turn(const protocol::ClientId& id) {
  Client* client = hub_.find(id);
  if (client == nullptr) return next_departed_turn(id);
  client->busy = false;
  while (!client->busy && client->waiting && client->is_open()) {
    Client::Waiting& waiting = *client->waiting;
    if (waiting.messages.empty()) {
      client->waiting.reset();
      break;
    }
    const std::string text = std::move(waiting.messages.front());
    waiting.messages.pop_front();
    waiting.bytes -= text.size();
    if (reader_.read(text) == protocol::EnvelopeReader::Result::envelope) handle(*client, reader_.envelope());
  }
  if (!client->waiting) loop_.resume(*client);
}

// What a client sent before it went is handled like the rest, but that it can be in no room any more; then its leaving.
void Shard::next_departed_turn(const protocol::ClientId& id) {
  const auto entry = departed_.find(id);
  if (entry == departed_.end()) return;
  Departed& departed = entry->second;
  while (!departed.messages.empty()) {
    const std::string text = std::move(departed.messages.front());
    departed.messages.pop_front();
    if (reader_.read(text) != protocol::EnvelopeReader::Result::envelope) continue;
    const protocol::Envelope& envelope = reader_.envelope();
    const bool is_own = envelope.event == protocol::event::kJoin || envelope.event == protocol::event::kLeave ||
                        (options_.client_publish && envelope.event == protocol::event::kPublish);
    if (is_own || !options_.message) continue;
    const std::string client_id = id.str();
    const Message message{client_id, view(departed.user_id), envelope.event, JsonView::trusted(envelope.data),
                          envelope.id};
    const bool waits = options_.message.is_coroutine();
    invoke(
        options_.message, message, [&] { return OwnedMessage::of(message); },
        [id, waits](Shard& shard, const Outcome<void>& outcome) {
          shard.log_if_threw("message", id, outcome);
          if (waits) shard.next_departed_turn(id);
        });
    if (waits) return;
  }
  const Departed gone = std::move(departed);
  departed_.erase(entry);
  call_disconnected(id, gone.user_id, gone.code, gone.reason);
}

void Shard::call_disconnected(const protocol::ClientId& id, const std::optional<std::string>& user_id,
                              std::uint16_t code, std::string_view reason) {
  if (!options_.client_disconnected) return;
  const std::string client_id = id.str();
  const ClientDisconnected event{client_id, view(user_id), code, reason};
  invoke(
      options_.client_disconnected, event,
      [&] {
        return OwnedDisconnected{client_id, user_id, code, std::string(reason)};
      },
      [id](Shard& shard, const Outcome<void>& outcome) { shard.log_if_threw("client_disconnected", id, outcome); });
}

}  // namespace hearth::hub
