#include "shard/listing.hpp"

#include "http/origins.hpp"
#include "protocol/name_hash.hpp"

#include <boost/unordered/unordered_flat_set.hpp>

#include <algorithm>
#include <chrono>
#include <string_view>

namespace hearth::shard {

namespace {

/// The first `most` in this order.
template <class Item, class Less>
Listed<Item> first_of(std::vector<Item> all, std::size_t most, Less less) {
  const bool is_all = all.size() <= most;
  const auto end = all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), most));
  std::partial_sort(all.begin(), end, all.end(), less);
  all.erase(end, all.end());
  return {std::move(all), is_all};
}

/// `address` may have a port or not, and an IPv6 one brackets or not.
bool is_at(const std::string& remote, std::string_view address) {
  if (remote == address) return true;
  std::string_view host = http::without_port(remote);
  if (host == address) return true;
  if (!host.starts_with('[') || !host.ends_with(']')) return false;
  host.remove_prefix(1);
  host.remove_suffix(1);
  return host == address;
}

bool is_wanted(const hub::Hub& hub, const hub::Client& client, const ClientQuery& query) {
  const ClientState state = client.is_open() ? client.state : ClientState::disconnected;
  if (query.state && state != *query.state) return false;
  if (query.user && (client.user == nullptr || client.user->id != *query.user)) return false;
  if (query.room && !hub.is_member(client, *query.room)) return false;
  return !query.address || is_at(client.remote_address(), *query.address);
}

/// Those among whom all that are wanted are.
template <class Function>
void for_each_candidate(const hub::Hub& hub, const ClientQuery& query, Function function) {
  if (query.user) {
    hub.for_each_of_user(*query.user, function);
  } else if (query.room) {
    hub.for_each_in_room(*query.room, function);
  } else {
    hub.for_each_client(function);
  }
}

BusyEntry entry_of(const hub::Client& client, double value) { return {client.id.str(), value, 0}; }

/// The first `most` by this measure, of those of whom it is more than 0.
template <class Measure>
std::vector<BusyEntry> first_clients(const hub::Hub& hub, std::size_t most, Measure measure) {
  std::vector<std::pair<double, const hub::Client*>> all;
  hub.for_each_client([&](const hub::Client& client) {
    const double value = client.is_open() ? measure(client) : 0;
    if (value > 0) all.emplace_back(value, &client);
  });
  const auto first = first_of(std::move(all), most, [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<BusyEntry> entries;
  for (const auto& [value, client] : first.items) entries.push_back(entry_of(*client, value));
  return entries;
}

}  // namespace

Listed<const hub::Client*> list_clients(const hub::Hub& hub, const ClientQuery& query,
                                        const std::optional<protocol::ClientId>& after, std::size_t most) {
  std::vector<const hub::Client*> wanted;
  for_each_candidate(hub, query, [&](const hub::Client& client) {
    if (after && client.id.bytes <= after->bytes) return;
    if (is_wanted(hub, client, query)) wanted.push_back(&client);
  });
  return first_of(std::move(wanted), most,
                  [](const hub::Client* a, const hub::Client* b) { return a->id.bytes < b->id.bytes; });
}

Listed<RoomEntry> list_rooms(const hub::Hub& hub, const RoomQuery& query) {
  std::vector<const hub::Room*> wanted;
  const auto consider = [&](const hub::Room& room) {
    if (room.name.starts_with(query.prefix) && room.name > query.after) wanted.push_back(&room);
  };
  if (query.user) {
    boost::unordered_flat_set<const hub::Room*> seen;
    hub.for_each_of_user(*query.user, [&](const hub::Client& client) {
      for (const auto& membership : client.memberships) {
        if (seen.insert(membership.room).second) consider(*membership.room);
      }
    });
  } else {
    hub.for_each_room(consider);
  }
  const auto first = first_of(std::move(wanted), query.limit,
                              [](const hub::Room* a, const hub::Room* b) { return a->name < b->name; });
  Listed<RoomEntry> listed;
  listed.is_all = first.is_all;
  for (const hub::Room* room : first.items) listed.items.push_back({room->name, room->members.size()});
  return listed;
}

std::vector<BusyEntry> largest_rooms(const hub::Hub& hub, std::size_t most) {
  std::vector<const hub::Room*> all;
  hub.for_each_room([&](const hub::Room& room) { all.push_back(&room); });
  const auto first = first_of(std::move(all), most, [](const hub::Room* a, const hub::Room* b) {
    return a->members.size() > b->members.size();
  });
  std::vector<BusyEntry> entries;
  for (const hub::Room* room : first.items) {
    entries.push_back({room->name, static_cast<double>(room->members.size()), 0});
  }
  return entries;
}

std::vector<BusyEntry> slowest_clients(const hub::Hub& hub, std::size_t most) {
  return first_clients(hub, most,
                       [](const hub::Client& client) { return static_cast<double>(client.waiting_bytes()); });
}

std::vector<BusyEntry> newest_clients(const hub::Hub& hub, std::size_t most) {
  return first_clients(hub, most, [](const hub::Client& client) {
    return std::chrono::duration<double>(client.connected_at.time_since_epoch()).count();
  });
}

void keep_busiest(std::vector<BusyEntry>& entries, std::size_t most) {
  const auto comes_first = [](const BusyEntry& a, const BusyEntry& b) {
    return a.value != b.value ? a.value > b.value : a.name < b.name;
  };
  std::sort(entries.begin(), entries.end(), comes_first);
  if (entries.size() > most) entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(most), entries.end());
}

}  // namespace hearth::shard
