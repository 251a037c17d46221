#include "shard/room_events.hpp"

#include "shard/owned_requests.hpp"

namespace hearth::shard {

void RoomEvents::joined(const hub::Client& client, const hub::Room& room) { note(client, room, true); }
void RoomEvents::left(const hub::Client& client, const hub::Room& room) { note(client, room, false); }

void RoomEvents::not_joined(const hub::Client& client, const hub::Room& room) noexcept {
  if (news_.empty()) return;
  const Event& last = news_.back();
  if (last.has_joined && last.client == client.id && last.room == room.name) news_.pop_back();
}

// Before it is authenticated nobody knows of it: it is in its rooms already, but may have to wait for the broker.
void RoomEvents::note(const hub::Client& client, const hub::Room& room, bool has_joined) {
  if (!client.is_authenticated()) return;
  const auto user_id = client.user != nullptr ? std::optional<std::string>(client.user->id) : std::nullopt;
  news_.push_back({client.id, has_joined, user_id, room.name, client.context()});
}

void RoomEvents::admitted(const hub::Client& client) {
  if (!any()) return;
  for (const auto& membership : client.memberships) {
    const hub::Room& room = *membership.room;
    if (room.attended_by != 0 && is_taken(room.name)) note(client, room, true);
  }
}

void RoomEvents::tell() {
  // A handler may make news itself, by a plain call for a client of this shard.
  while (!news_.empty()) {
    for (Event& event : std::exchange(news_, {})) begin(std::move(event));
  }
}

void RoomEvents::begin(Event event) {
  const auto line = lines_.find(event.client);
  if (line == lines_.end()) {
    if (call(event)) lines_.emplace(event.client, Line());
    return;
  }
  // What a client makes more of than is listened to holds up the client.
  hub::Client* client = hub_.find_open(event.client);
  if (client != nullptr && !client->busy) {
    Turns::begin(*client);
    line->second.holds_turn = true;
  }
  line->second.waiting.push_back(std::move(event));
}

// True: a coroutine listens to it until `go_on`.
bool RoomEvents::call(const Event& event) {
  const auto& handler = event.has_joined ? options_.room_joined : options_.room_left;
  if (!handler) return false;
  const std::string client_id = event.client.str();
  const RoomMembership membership{client_id, detail::view(event.user_id), event.room, event.context};
  const char* const name = event.has_joined ? "room_joined" : "room_left";
  return calls_.invoke(handler, event.client, HandlerCalls::Purpose::acts, membership,
                       [this, id = event.client, name](const Outcome<void>& outcome, HandlerCalls::When when) {
                         calls_.log_if_threw(name, id, outcome);
                         if (when == HandlerCalls::When::later) go_on(id);
                       });
}

void RoomEvents::go_on(const protocol::ClientId& client) {
  const auto line = lines_.find(client);
  if (line == lines_.end()) return;
  while (!line->second.waiting.empty()) {
    const Event event = std::move(line->second.waiting.front());
    line->second.waiting.pop_front();
    if (call(event)) return;
  }
  const Line ended = std::move(line->second);
  lines_.erase(line);
  if (ended.then) ended.then();
  if (ended.holds_turn) turns_.end(client);
}

void RoomEvents::when_told(const protocol::ClientId& client, std::function<void()> then) {
  const auto line = lines_.find(client);
  if (line == lines_.end()) return then();
  line->second.then = std::move(then);
}

}  // namespace hearth::shard
