#include "hub/hub.hpp"

#include <utility>

namespace hearth::hub {

void Hub::add(Client& client) {
  const std::lock_guard lock(clients_mutex_);
  clients_.insert(&client);
}

bool Hub::leave_rooms(Client& client, std::size_t most) {
  for (; most > 0 && !client.memberships.empty(); --most) leave_at(client, client.memberships.size() - 1);
  return client.memberships.empty();
}

// Each step is either done or not, so that it can be taken again.
void Hub::remove(Client& client) {
  {
    const std::lock_guard lock(clients_mutex_);
    clients_.erase(&client);
  }
  set_in_own_room(client, false);
  if (client.admitted && interest_ != nullptr) end(Interest::Kind::client, client.id.str());
  client.admitted = false;
  if (client.user != nullptr) leave_user(client);
  leave_rooms(client, client.memberships.size());
}

void Hub::leave_user(Client& client) {
  User& user = *client.user;
  const bool was_last = &user.clients.front() == &client && &user.clients.back() == &client;
  if (was_last) end(Interest::Kind::user, user.id);
  client.UserHook::unlink();
  client.user = nullptr;
  if (was_last) users_.erase(users_.find(std::string_view(user.id)));
}

void Hub::assign_user(Client& client, std::string_view user_id) {
  auto user = users_.find(user_id);
  if (user == users_.end()) {
    user = users_.insert(std::make_unique<User>(User{std::string(user_id), {}})).first;
    begin(Interest::Kind::user, user_id);
  }
  client.user = user->get();
  client.user->clients.push_back(client);
}

void Hub::admit(Client& client) {
  if (!std::exchange(client.admitted, true) && interest_ != nullptr) begin(Interest::Kind::client, client.id.str());
  set_in_own_room(client, true);
}

bool Hub::set_in_own_room(Client& client, bool in) {
  if (client.in_own_room == in) return false;
  if (interest_ != nullptr) {
    const std::string name = client.id.str();
    in ? begin(Interest::Kind::room, name) : end(Interest::Kind::room, name);
  }
  client.in_own_room = in;
  return true;
}

// What is thrown leaves everything as it was, but for a room without members, which the next who joins it finds.
bool Hub::join(Client& client, std::string_view name, bool asked) {
  if (client.id == protocol::ClientId::parse(name)) return set_in_own_room(client, true);
  auto room = rooms_.find(name);
  if (room == rooms_.end()) {
    auto made = std::make_unique<Room>(Room{std::string(name), {}, nullptr});
    if (memories_ != nullptr) made->memory = memories_->memory_of(*made);
    made->attended_by = attended_by(name);
    room = rooms_.insert(std::move(made)).first;
  } else if (client.memberships.find(room->get())) {
    return false;
  }
  auto& members = (*room)->members;
  reserve_tightly(members);
  client.memberships.add(room->get(), members.size(), asked);
  members.push_back(&client);
  ++memberships_;
  try {
    if ((*room)->attended_by != 0) tell_attendances(**room, [&](Attendance& at) { at.joined(client, **room); });
    if (members.size() == 1) begin(Interest::Kind::room, name);
  } catch (...) {
    members.pop_back();
    --memberships_;
    client.memberships.remove(client.memberships.size() - 1);
    tell_attendances(**room, [&](Attendance& at) { at.not_joined(client, **room); });
    throw;
  }
  return true;
}

std::uint8_t Hub::attended_by(std::string_view room) const {
  unsigned by = 0;
  for (std::size_t i = 0; i < attendances_.size(); ++i) {
    if (attendances_[i] != nullptr && attendances_[i]->is_taken(room)) by |= 1U << i;
  }
  return static_cast<std::uint8_t>(by);
}

bool Hub::leave(Client& client, std::string_view name) {
  if (client.id == protocol::ClientId::parse(name)) return set_in_own_room(client, false);
  const auto index = membership_in(client, name);
  if (index) leave_at(client, *index);
  return index.has_value();
}

// The room's last member takes the place of the one who leaves.
void Hub::leave_at(Client& client, std::size_t index) {
  Room* const room = client.memberships[index].room;
  const std::size_t place = client.memberships[index].place;
  auto& members = room->members;
  if (room->attended_by != 0) tell_attendances(*room, [&](Attendance& at) { at.left(client, *room); });
  if (members.size() == 1) end(Interest::Kind::room, room->name);
  --memberships_;
  const auto moved = [room](Client* member, std::size_t to) {
    member->memberships.move(*member->memberships.find(room), to);
  };
  if (room->memory) {
    Memory& memory = *room->memory;
    if (place < memory.parts.cursors()) memory.cursor_leaves(place);
    memory.parts.remove(members, place, moved);
    client.memberships.remove(*client.memberships.find(room));
  } else {
    client.memberships.remove(index);
    Client* last = members.back();
    members.pop_back();
    if (last != &client) {
      members[place] = last;
      moved(last, place);
    }
  }
  if (members.empty()) {
    rooms_.erase(rooms_.find(std::string_view(room->name)));
  } else if (members.capacity() > 64 && members.size() * 4 < members.capacity()) {
    members.shrink_to_fit();
  }
}

std::optional<std::size_t> Hub::membership_in(const Client& client, std::string_view name) const {
  const auto room = rooms_.find(name);
  return room == rooms_.end() ? std::nullopt : client.memberships.find(room->get());
}

bool Hub::is_member(const Client& client, std::string_view room) const {
  if (client.id == protocol::ClientId::parse(room)) return client.in_own_room;
  return membership_in(client, room).has_value();
}

// What a room that comes to remember is told by is heard of when it is subscribed to, be it once more. In a memory that
// is made anew all members are plain.
void Hub::rules_changed() {
  for (const auto& room : rooms_) {
    if (memories_ != nullptr && (!room->memory || memories_->retire(*room))) {
      room->memory.reset();
      room->memory = memories_->memory_of(*room);
      if (room->memory) {
        begin(Interest::Kind::room, room->name);
        end(Interest::Kind::room, room->name);
      }
    }
    room->attended_by = attended_by(room->name);
  }
}

Room* Hub::find_room(std::string_view name) const {
  const auto room = rooms_.find(name);
  return room == rooms_.end() ? nullptr : room->get();
}

std::vector<std::string> Hub::rooms_of(const Client& client, std::size_t most) const {
  std::vector<std::string> names;
  if (client.in_own_room && most > 0) names.push_back(client.id.str());
  for (const auto& membership : client.memberships) {
    if (names.size() >= most) break;
    names.push_back(membership.room->name);
  }
  return names;
}

Client* Hub::find(const protocol::ClientId& id) const noexcept {
  const auto client = clients_.find(id);
  return client == clients_.end() ? nullptr : *client;
}

Client* Hub::find(std::string_view id) const noexcept {
  const auto parsed = protocol::ClientId::parse(id);
  return parsed ? find(*parsed) : nullptr;
}

bool Hub::knows(const protocol::ClientId& id) const {
  const std::lock_guard lock(clients_mutex_);
  return clients_.contains(id);
}

}  // namespace hearth::hub
