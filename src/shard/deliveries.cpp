#include "shard/deliveries.hpp"

#include "protocol/json.hpp"
#include "shard/exclusion.hpp"
#include "shard/remembered_room.hpp"

#include <optional>
#include <string>
#include <utility>

namespace hearth::shard {

template <class Function>
void Deliveries::for_each_receiver(const Target& target, const hub::Room* room, Function function) {
  switch (target.kind) {
    case Target::Kind::client:
      if (hub::Client* client = hub_.find(target.name); client != nullptr && may_be_sent(*client)) function(*client);
      break;
    case Target::Kind::user:
      hub_.for_each_of_user(target.name, function);
      break;
    case Target::Kind::room:
      hub_.for_each_in_room(target.name, room, function);
      break;
    case Target::Kind::everybody:
      hub_.for_each_client(function);
      break;
  }
}

void Deliveries::deliver(const Publication& publication) {
  if (tally_.is_on()) count(publication);
  const Target& target = publication.target;
  const hub::Room* room = target.kind == Target::Kind::room ? hub_.find_room(target.name) : nullptr;
  if (room != nullptr && room->memory && room->memory->delivers) {
    return static_cast<RememberedRoom&>(*room->memory).deliver(publication);
  }
  const PublicationText text(publication, room_of(publication));
  const bool is_own = target.kind == Target::Kind::client;
  {
    const Exclusion exclusion(hub_, publication.exclude);
    // Encoded when the first receiver is found: most rooms have no member on most shards.
    std::optional<net::Outgoing> message;
    for_each_receiver(target, room, [&](hub::Client& client) {
      // One that is not authenticated yet may be in its rooms already, until the broker has subscribed to them.
      if (client.excluded || (!is_own && !client.is_authenticated())) return;
      if (client.transformed) return to_transform_.push_back(&client);
      if (!message) message = stage(text);
      loop_.send(client, *message);
    });
  }
  transform_noted(text);
}

net::Outgoing Deliveries::stage(const PublicationText& text) {
  loop_.note_publication();
  return loop_.stage(text.pieces());
}

// When all others have it: a handler may send something itself, and whom a message leaves out is not left out of that.
void Deliveries::transform_noted(const PublicationText& text) {
  if (to_transform_.empty()) return;
  const std::vector<hub::Client*> clients = std::exchange(to_transform_, {});
  for (hub::Client* client : clients) transform(*client, text.pieces());
}

void Deliveries::count(const Publication& publication) {
  const Target& target = publication.target;
  if (target.kind != Target::Kind::room || hub_.find_room(target.name) == nullptr) return;
  tally_.room_message(target.name, publication.event.size() + publication.data.size());
}

// The room's name as JSON, if messages are to have it.
std::string_view Deliveries::room_of(const Publication& publication) {
  if (!options_.name_rooms || publication.target.kind != Target::Kind::room) return {};
  room_.clear();
  protocol::append_quoted(room_, publication.target.name);
  return room_;
}

void Deliveries::deliver_to_client(const protocol::ClientId& id, const Publication& publication) {
  hub::Client* client = hub_.find(id);
  if (client == nullptr || !may_be_sent(*client)) return;
  if (!client->transformed) loop_.note_publication();
  send(*client, PublicationText(publication).pieces());
}

void Deliveries::deliver_to(std::span<hub::Client* const> clients, const Publication& publication) {
  const PublicationText text(publication);
  std::optional<net::Outgoing> message;
  for (hub::Client* client : clients) {
    if (client->transformed) {
      to_transform_.push_back(client);
      continue;
    }
    if (!message) message = loop_.stage(text.pieces());
    loop_.send(*client, *message);
  }
  transform_noted(text);
}

void Deliveries::send(hub::Client& client, std::span<const std::string_view> pieces) {
  if (client.transformed) return transform(client, pieces);
  net::Outgoing message = loop_.stage(pieces);
  loop_.send(client, message);
}

void Deliveries::transform(hub::Client& client, std::span<const std::string_view> pieces) {
  std::string envelope;
  for (const std::string_view piece : pieces) envelope += piece;
  transforms_.send(client, envelope);
}

// With encryption, what is sent to a client before the handshake is done would be plain.
bool Deliveries::may_be_sent(const hub::Client& client) const noexcept {
  return client.is_authenticated() || options_.encryption == Encryption::off;
}

}  // namespace hearth::shard
