#include "sim/world.hpp"

#include <algorithm>
#include <utility>

namespace hearth::sim {

namespace {

constexpr std::size_t kReadAtOnce = 64;
constexpr Micros kMostTurn = 5 * kMilli;         // so that nobody is slow who is not made to be
constexpr std::uint32_t kApplications = 10'000;  // publishers that are no clients: this and the node

}  // namespace

void World::connect_client(Client& client) {
  client.connects = false;
  if (client.connection != nullptr) return;
  if (client.away_until > now_) {
    client.connects = true;
    return plan_event(client.away_until, Kind::client_connects, client.number);
  }
  std::vector<Node*> up;
  for (const auto& node : nodes_) {
    if (node && node->stopped_until <= now_) up.push_back(node.get());
  }
  if (up.empty()) {
    client.connects = true;
    return plan_event(now_ + 100 * kMilli, Kind::client_connects, client.number);
  }
  // A load balancer may send it to where it was.
  const auto former = std::find_if(up.begin(), up.end(), [&](const Node* node) { return node->index == client.node; });
  Node& node = former != up.end() && network_.chance(40) ? **former : *network_.pick(up);
  client.node = node.index;
  Connection& connection = connections_.emplace_back();
  connection.number = static_cast<std::uint32_t>(connections_.size() - 1);
  connection.client = client.number;
  connection.shard = network_.pick(node.shards).get();
  connection.place.fill(UINT32_MAX);
  client.connection = &connection;
  for (std::uint32_t room = 0; room < plan_.rooms.size(); ++room) {
    Client::InRoom& in = client.rooms[room];
    if (!in.is_member) continue;
    in.was_answered = false;
    history::Since since;
    if (in.stands) {
      since = {history::Since::Kind::position, *in.stands};
    } else if (in.last > 0) {
      since = {history::Since::Kind::last, {{}, in.last}};
    }
    if (in.is_plain) {
      connection.shard->join(connection, room, std::nullopt);
      continue;
    }
    Record record;
    record.kind = RecordKind::join;
    record.who = client.number;
    record.room = room;
    record.gave_position = since.kind == history::Since::Kind::position;
    if (record.gave_position) record.position = since.position;
    this->record(record);
    connection.shard->join(connection, room, since);
  }
  for (Client::Waiting& waiting : client.unacked) waiting.is_sent = false;
  send_unacked(client);
  node.pump();
}

void World::disconnect_client(Client& client, Micros away) {
  client.away_until = std::max(client.away_until, now_ + away);
  if (Connection* connection = std::exchange(client.connection, nullptr)) {
    Record record;
    record.kind = RecordKind::close;
    record.who = client.number;
    this->record(record);
    connection->is_open = false;
    connection->inbox.clear();
    Node& node = connection->shard->node;
    connection->shard->leave_all(*connection);
    connection->shard = nullptr;
    node.pump();
  }
  if (client.connects) return;
  client.connects = true;
  plan_event(client.away_until, Kind::client_connects, client.number);
}

void World::deliver(Connection& connection, Item item) {
  if (!connection.is_open) return;
  connection.inbox.push_back(std::move(item));
  if (std::exchange(connection.is_read, true)) return;
  plan_event(now_ + std::min(latency(), kMostTurn), Kind::client_turn, connection.number);
}

void World::client_turn(Connection& connection) {
  if (!connection.is_open) return;
  Client& client = clients_[connection.client];
  if (client.slow_until > now_) return plan_event(client.slow_until, Kind::client_turn, connection.number);
  connection.is_read = false;
  for (std::size_t i = 0; i < kReadAtOnce && !connection.inbox.empty(); ++i) {
    const Item item = connection.inbox.front();
    connection.inbox.pop_front();
    if (item.kind != Item::Kind::plain) take_item(client, item);
  }
  Node& node = connection.shard->node;
  const bool can_serve = node.stopped_until <= now_;
  if (can_serve && connection.inbox.size() < plan_.window && connection.shard->drained(connection)) node.pump();
  if ((connection.inbox.empty() && can_serve) || connection.is_read) return;
  connection.is_read = true;
  plan_event(std::max(now_ + std::min(latency(), kMostTurn), node.stopped_until), Kind::client_turn, connection.number);
}

void World::take_item(Client& client, const Item& item) {
  Client::InRoom& in = client.rooms[item.room];
  Record record;
  record.who = client.number;
  record.room = item.room;
  record.position = item.position;
  record.top = item.top;
  record.lost = item.lost;
  record.count = item.skipped;
  switch (item.kind) {
    case Item::Kind::answer:
      record.kind = RecordKind::answer;
      record.gave_position = item.gave_position;
      record.has_position = item.has_position;
      in.was_answered = true;
      if (item.has_position) in.stands = item.position;
      break;
    case Item::Kind::gap:
      record.kind = RecordKind::gap;
      in.stands = item.position;
      break;
    case Item::Kind::publication: {
      // As a client knows it: the epoch is told when it changes.
      const Position& position = item.publication->position();
      const Epoch epoch = item.tells_epoch ? position.epoch : in.stands.value_or(Position{}).epoch;
      record.kind = RecordKind::recv;
      record.position = {epoch, position.offset};
      record.hash = item.content;
      in.stands = record.position;
      break;
    }
    case Item::Kind::plain:
      break;
    case Item::Kind::acked:
      record.kind = RecordKind::acked;
      record.key = item.key;
      record.count = item.node;
      std::erase_if(client.unacked, [&](const Client::Waiting& waiting) { return waiting.draft.key == item.key; });
      break;
    case Item::Kind::refused:
      record.kind = RecordKind::refused;
      record.key = item.key;
      for (Client::Waiting& waiting : client.unacked) {
        if (waiting.draft.key == item.key && waiting.draft.attempt == item.attempt) waiting.is_sent = false;
      }
      plan_event(now_ + 300 * kMilli, Kind::client_retries, client.number);
      break;
  }
  this->record(record);
}

void World::publish_something(std::optional<std::uint32_t> room) {
  Draft draft;
  draft.key = ++last_key_;
  draft.room = room ? *room : static_cast<std::uint32_t>(load_.below(plan_.rooms.size()));
  draft.conflates = load_.chance(50);
  Client& client = load_.pick(clients_);
  const std::uint64_t by = load_.below(100);
  const std::uint64_t node_index = load_.below(plan_.nodes);
  if (by < 60) {
    draft.publisher = client.number;
    draft.once = draft.key;
    if (by < 15) draft.excluded = client.number + 1;
    client.unacked.push_back({draft});
    return send_unacked(client);
  }
  Node* node = nodes_[node_index].get();
  if (node == nullptr || node->stopped_until > now_) return;
  draft.publisher = kApplications + node->id;
  Record record;
  record.kind = RecordKind::send;
  record.who = draft.publisher;
  record.room = draft.room;
  record.key = draft.key;
  this->record(record);
  node->append(draft);
  node->pump();
}

void World::send_unacked(Client& client) {
  if (client.connection == nullptr) return;
  Node& node = client.connection->shard->node;
  if (node.stopped_until > now_) return plan_event(node.stopped_until, Kind::client_retries, client.number);
  for (Client::Waiting& waiting : client.unacked) {
    if (std::exchange(waiting.is_sent, true)) continue;
    Record record;
    record.kind = RecordKind::send;
    record.who = client.number;
    record.room = waiting.draft.room;
    record.key = waiting.draft.key;
    this->record(record);
    waiting.draft.connection = client.connection->number + 1;
    ++waiting.draft.attempt;
    node.append(waiting.draft);
  }
  node.pump();
}

void World::answer_publisher(const Draft& draft, const Node& node, const Result<Appended>& result) {
  if (draft.connection != 0) {
    Item item;
    item.kind = result ? Item::Kind::acked : Item::Kind::refused;
    item.room = draft.room;
    item.node = node.id;
    item.key = draft.key;
    item.attempt = draft.attempt;
    if (result) item.position = result->position;
    return deliver(connections_[draft.connection - 1], std::move(item));
  }
  Record record;
  record.kind = result ? RecordKind::acked : RecordKind::refused;
  record.who = draft.publisher;
  record.room = draft.room;
  record.key = draft.key;
  record.count = node.id;
  if (result) record.position = result->position;
  this->record(record);
}

}  // namespace hearth::sim
