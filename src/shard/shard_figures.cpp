// What is counted of a shard.

#include "protocol/name_hash.hpp"
#include "shard/shard.hpp"

namespace hearth::shard {

Figures Shard::figures() const {
  Figures figures;
  hub_.for_each_client([&](const hub::Client& client) {
    if (!client.is_open()) return;
    if (client.state == ClientState::unauthorized) ++figures.unauthorized;
    if (client.state == ClientState::authenticating) ++figures.authenticating;
    if (client.state == ClientState::authenticated) ++figures.authenticated;
    if (client.backpressured()) ++figures.backpressured;
    figures.backlog_bytes += client.waiting_bytes();
  });
  figures.memberships = hub_.memberships();
  hub_.for_each_user([&](const hub::User& user) { figures.users.push_back(protocol::NameHash()(user.id)); });
  hub_.for_each_room([&](const hub::Room& room) { figures.rooms.push_back(protocol::NameHash()(room.name)); });
  figures.authentications = admission_.counts();
  figures.disconnects = disconnects_;
  return figures;
}

}  // namespace hearth::shard
