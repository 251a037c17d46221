#include "hub/shard.hpp"

#include <optional>

namespace hearth::hub {

namespace {

/// Marks the clients that a message leaves out, for as long as it is being delivered.
class Exclusion {
 public:
  Exclusion(const Hub& hub, std::span<const protocol::ClientId> ids) : hub_(hub), ids_(ids) { mark(true); }
  ~Exclusion() { mark(false); }
  Exclusion(const Exclusion&) = delete;
  Exclusion& operator=(const Exclusion&) = delete;

 private:
  void mark(bool excluded) const {
    for (const auto& id : ids_) {
      if (Client* client = hub_.find(id)) client->excluded = excluded;
    }
  }

  const Hub& hub_;
  std::span<const protocol::ClientId> ids_;
};

}  // namespace

void Shard::deliver(const Destination& destination, std::span<const std::string_view> pieces) {
  const Target& target = destination.target;
  // Encoded when the first receiver is found: most rooms have no member on most shards.
  std::optional<net::Outgoing> message;
  const auto send = [&](Client& client) {
    // One that is not authenticated yet may be in its rooms already, until the broker has subscribed to them.
    const bool is_own = target.kind == Target::Kind::client;
    if (client.excluded || (!is_own && !client.is_authenticated())) return;
    if (client.transformed) return to_transform_.push_back(&client);
    if (!message) message = loop_.stage(pieces);
    loop_.send(client, *message);
  };
  const Exclusion exclusion(hub_, destination.exclude);
  switch (target.kind) {
    case Target::Kind::client:
      if (Client* client = hub_.find(target.name); client != nullptr && may_be_sent(*client)) send(*client);
      break;
    case Target::Kind::user:
      hub_.for_each_of_user(target.name, send);
      break;
    case Target::Kind::room:
      hub_.for_each_in_room(target.name, send);
      break;
    case Target::Kind::everybody:
      hub_.for_each_client(send);
      break;
  }
  if (to_transform_.empty()) return;
  // Only now: a handler may send something itself.
  std::vector<Client*> clients;
  clients.swap(to_transform_);
  for (Client* client : clients) send_pieces(*client, pieces);
}

void Shard::deliver_to_client(const protocol::ClientId& id, std::span<const std::string_view> pieces) {
  Client* client = hub_.find(id);
  if (client != nullptr && may_be_sent(*client)) send_pieces(*client, pieces);
}

// With encryption, what is sent to a client before the handshake is done would be plain.
bool Shard::may_be_sent(const Client& client) const noexcept {
  return client.is_authenticated() || options_.encryption == Encryption::off;
}

void Shard::join_room(std::string_view client_id, std::string_view room) {
  Client* client = hub_.find(client_id);
  if (client != nullptr && client->is_authenticated()) hub_.join(*client, room);
}

void Shard::leave_room(std::string_view client_id, std::string_view room) {
  if (Client* client = hub_.find(client_id)) hub_.leave(*client, room);
}

void Shard::disconnect(std::string_view client_id, std::uint16_t code, std::string_view reason) {
  if (Client* client = hub_.find(client_id)) loop_.close(*client, code, reason);
}

ClientSnapshot Shard::snapshot(const Client& client) const {
  const auto since_activity = net::clock_now() - client.last_activity;
  ClientSnapshot snapshot;
  snapshot.id = client.id.str();
  if (client.user != nullptr) snapshot.user_id = client.user->id;
  snapshot.state = client.is_open() ? client.state : ClientState::disconnected;
  snapshot.rooms = hub_.rooms_of(client);
  snapshot.backpressured = client.backpressured();
  snapshot.encrypted = client.is_encrypted();
  snapshot.connected_at = client.connected_at;
  snapshot.last_activity = std::chrono::system_clock::now() - since_activity;
  snapshot.metadata = client.metadata;
  snapshot.remote_address = client.remote_address();
  return snapshot;
}

}  // namespace hearth::hub
