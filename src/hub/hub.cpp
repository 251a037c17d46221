#include "hub/hub.hpp"

#include <utility>

namespace hearth::hub {

namespace {

// There are many of these lists, and they live long: they grow by a quarter, not to twice the size.
template <class T>
void make_place(std::vector<T>& list) {
  if (list.size() == list.capacity()) list.reserve(list.size() + list.size() / 4 + 1);
}

}  // namespace

void Hub::add(Client& client) {
  const std::lock_guard lock(clients_mutex_);
  clients_.insert(&client);
}

void Hub::remove(Client& client) {
  {
    const std::lock_guard lock(clients_mutex_);
    clients_.erase(&client);
  }
  set_in_own_room(client, false);
  if (std::exchange(client.admitted, false) && interest_ != nullptr) end(Interest::Kind::client, client.id.str());
  while (!client.memberships.empty()) leave_at(client, client.memberships.size() - 1);
  client.memberships.shrink_to_fit();
  if (client.user != nullptr) {
    client.UserHook::unlink();
    if (client.user->clients.empty()) {
      end(Interest::Kind::user, client.user->id);
      users_.erase(users_.find(std::string_view(client.user->id)));
    }
    client.user = nullptr;
  }
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
  const bool changes = client.in_own_room != in;
  client.in_own_room = in;
  if (!changes || interest_ == nullptr) return changes;
  const std::string name = client.id.str();
  in ? begin(Interest::Kind::room, name) : end(Interest::Kind::room, name);
  return changes;
}

bool Hub::join(Client& client, std::string_view name) {
  if (client.id == protocol::ClientId::parse(name)) return set_in_own_room(client, true);
  if (membership_in(client, name)) return false;
  auto room = rooms_.find(name);
  if (room == rooms_.end()) {
    room = rooms_.insert(std::make_unique<Room>(Room{std::string(name), {}})).first;
    begin(Interest::Kind::room, name);
  }
  auto& members = (*room)->members;
  make_place(members);
  make_place(client.memberships);
  client.memberships.push_back({room->get(), static_cast<std::uint32_t>(members.size())});
  members.push_back({&client, static_cast<std::uint32_t>(client.memberships.size() - 1)});
  return true;
}

bool Hub::leave(Client& client, std::string_view name) {
  if (client.id == protocol::ClientId::parse(name)) return set_in_own_room(client, false);
  const auto index = membership_in(client, name);
  if (index) leave_at(client, *index);
  return index.has_value();
}

// The last of each list takes the place of what is taken out, and is told.
void Hub::leave_at(Client& client, std::size_t index) {
  const Membership left = client.memberships[index];
  auto& members = left.room->members;
  if (left.place + 1 != members.size()) {
    members[left.place] = members.back();
    members[left.place].client->memberships[members[left.place].membership].place = left.place;
  }
  members.pop_back();
  if (index + 1 != client.memberships.size()) {
    client.memberships[index] = client.memberships.back();
    client.memberships[index].room->members[client.memberships[index].place].membership =
        static_cast<std::uint32_t>(index);
  }
  client.memberships.pop_back();
  if (members.empty()) {
    end(Interest::Kind::room, left.room->name);
    rooms_.erase(rooms_.find(std::string_view(left.room->name)));
  } else if (members.capacity() > 64 && members.size() * 4 < members.capacity()) {
    members.shrink_to_fit();
  }
}

std::optional<std::size_t> Hub::membership_in(const Client& client, std::string_view room) {
  for (std::size_t i = 0; i < client.memberships.size(); ++i) {
    if (client.memberships[i].room->name == room) return i;
  }
  return std::nullopt;
}

bool Hub::is_member(const Client& client, std::string_view room) const {
  if (client.id == protocol::ClientId::parse(room)) return client.in_own_room;
  return membership_in(client, room).has_value();
}

std::vector<std::string> Hub::rooms_of(const Client& client) const {
  std::vector<std::string> names;
  if (client.in_own_room) names.push_back(client.id.str());
  for (const Membership& membership : client.memberships) names.push_back(membership.room->name);
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
