// What is known and counted of a shard.

#include "protocol/name_hash.hpp"
#include "shard/shard.hpp"

#include <chrono>

namespace hearth::shard {

ClientSnapshot Shard::snapshot(const hub::Client& client, std::size_t most_rooms) const {
  const auto since_activity = net::in_millis(loop_.clock()) - client.last_activity;
  ClientSnapshot snapshot;
  snapshot.id = client.id.str();
  if (client.user != nullptr) snapshot.user_id = client.user->id;
  snapshot.state = client.is_open() ? client.state : ClientState::disconnected;
  snapshot.rooms = hub_.rooms_of(client, most_rooms);
  snapshot.room_count = client.memberships.size() + (client.in_own_room ? 1 : 0);
  snapshot.backpressured = client.backpressured();
  snapshot.encrypted = client.is_encrypted();
  snapshot.connected_at = client.connected_at;
  snapshot.last_activity = std::chrono::system_clock::now() - since_activity;
  snapshot.metadata = client.metadata();
  snapshot.remote_address = client.remote_address();
  snapshot.backlog_bytes = client.waiting_bytes();
  if (!client.details) return snapshot;
  snapshot.messages_dropped = client.details->messages_dropped;
  if (const auto end = client.details->expires_at) {
    snapshot.expires_at = std::chrono::system_clock::now() + (*end - net::in_millis(loop_.clock()));
  }
  return snapshot;
}

Figures Shard::figures() const {
  Figures figures;
  hub_.for_each_client([&](const hub::Client& client) {
    if (!client.is_open()) return;
    if (client.state == ClientState::unauthorized) ++figures.unauthorized;
    if (client.state == ClientState::authenticating) ++figures.authenticating;
    if (client.state == ClientState::authenticated) ++figures.authenticated;
    if (client.backpressured()) ++figures.backpressured;
    if (client.throttled) ++figures.throttled;
    figures.backlog_bytes += client.waiting_bytes();
  });
  figures.memberships = hub_.memberships();
  hub_.for_each_user([&](const hub::User& user) { figures.users.push_back(protocol::NameHash()(user.id)); });
  hub_.for_each_room([&](const hub::Room& room) { figures.rooms.push_back(protocol::NameHash()(room.name)); });
  figures.authentications = admission_.tally().counts();
  figures.disconnects = disconnects_;
  return figures;
}

}  // namespace hearth::shard
