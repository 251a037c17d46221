#include "shard/positions.hpp"

#include "protocol/json.hpp"

#include <optional>

namespace hearth::shard {

namespace {

std::string json_of(const history::JoinAnswer& answer) {
  std::string json = "{";
  const auto add = [&](std::string_view key, std::string_view value) {
    if (json.size() > 1) json += ',';
    json.append(1, '"').append(key).append(R"(":)").append(value);
  };
  if (answer.gave_position) add("recovered", answer.lost ? "false" : "true");
  if (answer.lost) add("reason", '"' + std::string(history::name_of(*answer.lost)) + '"');
  if (answer.stands) {
    add("epoch", '"' + answer.stands->epoch.str() + '"');
    add("offset", std::to_string(answer.stands->offset));
    add("top", std::to_string(answer.top));
  }
  return json + '}';
}

}  // namespace

void Positions::await(const protocol::ClientId& client, std::vector<std::string> rooms, Then then) {
  Waiting waiting{std::move(rooms), {}, 0, std::move(then)};
  for (const std::string& room : waiting.order) waiting.rooms.try_emplace(room);
  waiting.unknown = waiting.rooms.size();
  waiting_.insert_or_assign(client, std::move(waiting));
}

bool Positions::is_held(const protocol::ClientId& client, std::string_view name) const {
  const auto waiting = waiting_.find(client);
  if (waiting == waiting_.end()) return false;
  const auto room = waiting->second.rooms.find(name);
  return room != waiting->second.rooms.end() && !room->second.json.empty();
}

void Positions::tell(const protocol::ClientId& client, std::string_view name, const history::JoinAnswer* answer) {
  const auto waiting = waiting_.find(client);
  if (waiting == waiting_.end()) return;
  const auto found = waiting->second.rooms.find(name);
  if (found == waiting->second.rooms.end()) return;
  Room& room = found->second;
  if (room.json.empty()) --waiting->second.unknown;
  if (answer != nullptr) room.answer = *answer;
  room.json = answer != nullptr ? json_of(*answer) : "null";
  if (waiting->second.unknown == 0) finish(client);
}

void Positions::tell(const protocol::ClientId& client, std::string_view name, const history::Gap& gap) {
  const auto waiting = waiting_.find(client);
  if (waiting == waiting_.end()) return;
  const auto room = waiting->second.rooms.find(name);
  if (room == waiting->second.rooms.end()) return;
  history::JoinAnswer answer = room->second.answer;
  answer.lost = answer.gave_position ? std::optional(gap.reason) : std::nullopt;
  answer.stands = gap.stands;
  answer.top = gap.top;
  tell(client, name, &answer);
}

void Positions::finish(const protocol::ClientId& client) {
  const auto found = waiting_.find(client);
  const Waiting waiting = std::move(found->second);
  waiting_.erase(found);
  std::string json = "{";
  for (const std::string& room : waiting.order) {
    if (json.size() > 1) json += ',';
    protocol::append_quoted(json, room);
    json.append(1, ':').append(waiting.rooms.at(room).json);
  }
  released_.push_back(client);
  waiting.then(client, json + '}');
}

}  // namespace hearth::shard
