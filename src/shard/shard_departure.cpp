// Clients that go, and what is still done in their name.

#include "shard/owned_requests.hpp"
#include "shard/shard.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::shard {

namespace {

// Rooms that clients that go are taken out of at a time.
constexpr std::size_t kRoomsATime = 512;

}  // namespace

// Is called again after something was thrown, most likely for want of memory, and goes on where it was then.
bool Shard::closed(net::Connection& connection, std::uint16_t code, std::string_view reason) {
  auto& client = static_cast<hub::Client&>(connection);
  const bool has_left = client.state == ClientState::disconnected || leave(client, code, reason);
  subscriptions_.tell();
  if (!has_left) return false;
  const auto* departure = client.departure();
  if (departure == nullptr || !departure->was_authenticated) return true;
  tell_room_events();
  turns_.depart(client, {departure->user_id, departure->code, departure->reason, client.context()});
  return true;
}

// Many rooms are left in portions, so that one client, or many at once, hold up nobody: false if there are more.
bool Shard::leave(hub::Client& client, std::uint16_t code, std::string_view reason) {
  calls_.cancel(client.id);
  if (!hub_.leave_rooms(client, kRoomsATime)) return false;
  note_departure(client, code, reason);
  hub_.remove(client);
  // Nothing is thrown from here on.
  client.state = ClientState::disconnected;
  const auto* departure = client.departure();
  const bool was_authenticated = departure != nullptr && departure->was_authenticated;
  throttle_.gone(client);
  entrance_.gone(client, was_authenticated);
  if (departure != nullptr && departure->user_id) entrance_.leave_user(*departure->user_id);
  if (!was_authenticated) return true;
  admission_.left();
  rooms_.forget(client.id);
  ++disconnects_[code];
  return true;
}

// While it is known who it is.
void Shard::note_departure(hub::Client& client, std::uint16_t code, std::string_view reason) {
  if (client.departure() != nullptr || (client.user == nullptr && !client.is_authenticated())) return;
  disconnects_.try_emplace(code);
  const auto user_id = client.user != nullptr ? std::optional(client.user->id) : std::nullopt;
  client.make_details().departure = {client.is_authenticated(), user_id, code, std::string(reason)};
}

bool Shard::handle_departed(const protocol::ClientId& id, const Departed& departed, std::string_view text) {
  if (reader_.read(text) != protocol::EnvelopeReader::Result::envelope) return false;
  const protocol::Envelope& envelope = reader_.envelope();
  // It can be in no room any more.
  const bool is_own = envelope.event == protocol::event::kJoin || envelope.event == protocol::event::kLeave ||
                      (options_.client_publish && envelope.event == protocol::event::kPublish);
  if (is_own || !options_.message) return false;
  const std::string client_id = id.str();
  const Message message{client_id,      detail::view(departed.user_id),
                        envelope.event, JsonView::trusted(envelope.data),
                        envelope.id,    departed.context};
  return calls_.invoke(options_.message, id, HandlerCalls::Purpose::acts, message,
                       [this, id](const Outcome<void>& outcome, HandlerCalls::When when) {
                         calls_.log_if_threw("message", id, outcome);
                         if (when == HandlerCalls::When::later) turns_.end(id);
                       });
}

void Shard::departed(const protocol::ClientId& id, const Departed& departed) {
  if (!options_.client_disconnected) return;
  if (!room_events_.is_telling(id)) return disconnected(id, departed);
  const auto kept = std::make_shared<const Departed>(departed);
  room_events_.when_told(id, [this, id, kept] { disconnected(id, *kept); });
}

void Shard::disconnected(const protocol::ClientId& id, const Departed& departed) {
  const std::string client_id = id.str();
  const ClientDisconnected event{client_id, detail::view(departed.user_id), departed.code, departed.reason,
                                 departed.context};
  calls_.invoke(options_.client_disconnected, id, HandlerCalls::Purpose::acts, event,
                [this, id](const Outcome<void>& outcome, HandlerCalls::When /*when*/) {
                  calls_.log_if_threw("client_disconnected", id, outcome);
                });
}

}  // namespace hearth::shard
