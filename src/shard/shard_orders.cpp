// What the server, or the whole cluster, is told to do with a client or a user: done with those that live here.

#include "protocol/system_events.hpp"
#include "shard/shard.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::shard {

void Shard::join_room(std::string_view client_id, std::string_view room) {
  hub::Client* client = hub_.find(client_id);
  if (client != nullptr && client->is_authenticated()) hub_.join(*client, room);
}

void Shard::leave_room(std::string_view client_id, std::string_view room) {
  if (hub::Client* client = hub_.find(client_id)) hub_.leave(*client, room);
}

void Shard::disconnect(std::string_view client_id, std::uint16_t code, std::string_view reason) {
  if (hub::Client* client = hub_.find(client_id)) deliveries_.close(*client, {code, reason});
}

void Shard::answer(std::string_view client_id, std::string_view id_json, std::string_view data) {
  hub::Client* client = hub_.find(client_id);
  if (client != nullptr && client->is_authenticated()) answers_.ack(*client, data, id_json);
}

void Shard::answer_error(std::string_view client_id, std::string_view id_json, const protocol::RequestError& error) {
  hub::Client* client = hub_.find(client_id);
  if (client != nullptr && client->is_authenticated()) answers_.error(*client, error, id_json);
}

void Shard::enable_encryption(std::string_view client_id) {
  hub::Client* client = hub_.find(client_id);
  if (client != nullptr && client->is_authenticated()) client->transformed = true;
}

// Closing may change the lists that are gone through.
template <class Function>
void Shard::for_each_of(const Order& order, const Function& function) {
  std::vector<hub::Client*> clients;
  if (order.kind == Target::Kind::client) {
    if (hub::Client* client = hub_.find(order.name)) clients.push_back(client);
  } else {
    hub_.for_each_of_user(order.name, [&](hub::Client& client) { clients.push_back(&client); });
  }
  std::for_each(clients.begin(), clients.end(), [&](hub::Client* client) { function(*client); });
}

template <class IsOut>
void Shard::revoke(const IsOut& is_out) {
  std::vector<hub::Client*> kept_out;
  hub_.for_each_client([&](hub::Client& client) {
    if (client.is_open() && is_out(Admission::subject_of(client))) kept_out.push_back(&client);
  });
  for (hub::Client* client : kept_out) deliveries_.close(*client, protocol::kRevoked);
}

void Shard::close_blocked() {
  const auto now = std::chrono::system_clock::now();
  revoke([&](const Blocks::Subject& subject) { return around_.blocks.keeps_out(subject, now); });
}

void Shard::carry_out(const Order& order) {
  switch (order.op) {
    case Order::Op::disconnect:
      return for_each_of(order, [&](hub::Client& client) {
        const bool stays = std::find(order.except.begin(), order.except.end(), client.id.str()) != order.except.end();
        if (!stays) deliveries_.close(client, {order.code, order.reason});
      });
    case Order::Op::join:
      return for_each_of(order, [&](hub::Client& client) {
        if (!client.is_authenticated()) return;
        for (const std::string& room : order.rooms) hub_.join(client, room);
      });
    case Order::Op::leave:
      return for_each_of(order, [&](hub::Client& client) {
        for (const std::string& room : order.rooms) hub_.leave(client, room);
      });
    case Order::Op::block:
      return revoke([&](const Blocks::Subject& subject) { return Blocks::concerns(order.block, subject); });
    case Order::Op::unblock:
      return;
  }
}

}  // namespace hearth::shard
