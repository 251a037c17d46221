// What a server can be asked: who and what is there, and what was counted. Each shard answers for its own.

#include "server/metrics_sum.hpp"
#include "server/server_impl.hpp"
#include "shard/listing.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <future>
#include <initializer_list>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace hearth {

namespace {

/// Snapshots of what `visit(const Hub&, collect)` calls `collect(const Client&)` for, on all shards.
template <class Impl, class Visit>
std::vector<ClientSnapshot> collect(const Impl& impl, const Visit& visit) {
  std::vector<ClientSnapshot> all;
  for (const auto& shard : impl.life.switchboard().shards()) {
    auto part = impl.template ask<std::vector<ClientSnapshot>>(*shard, [&](const shard::Shard& at) {
      std::vector<ClientSnapshot> found;
      visit(at.hub(), [&](const hub::Client& client) { found.push_back(at.snapshot(client)); });
      return found;
    });
    std::move(part.begin(), part.end(), std::back_inserter(all));
  }
  return all;
}

void check_listed(std::string_view what, std::size_t count) {
  if (count >= 1 && count <= kMostListed) return;
  throw std::invalid_argument("hearth: " + std::string(what) + " is " + std::to_string(count) +
                              "; it must be from 1 to " + std::to_string(kMostListed));
}

/// Asks the shards for the busiest of each, `entries_of(Shard&)`; in no order.
template <class Impl, class EntriesOf>
std::vector<BusyEntry> gather(const Impl& impl, const EntriesOf& entries_of) {
  std::vector<BusyEntry> all;
  for (const auto& shard : impl.life.switchboard().shards()) {
    auto part = impl.template ask<std::vector<BusyEntry>>(*shard, entries_of);
    std::move(part.begin(), part.end(), std::back_inserter(all));
  }
  return all;
}

/// Every message to a room comes by each shard on which the room has members, and is counted there: the largest figure
/// is the right one.
std::vector<BusyEntry> largest_of_each(const std::vector<BusyEntry>& entries) {
  std::map<std::string, BusyEntry> by_name;
  for (const BusyEntry& entry : entries) {
    BusyEntry& known = by_name.try_emplace(entry.name, entry).first->second;
    if (entry.value > known.value) known = entry;
  }
  std::vector<BusyEntry> all;
  all.reserve(by_name.size());
  for (auto& [name, entry] : by_name) all.push_back(std::move(entry));
  return all;
}

std::vector<BusyEntry> tallied(shard::Shard& shard, shard::Tally::Kind kind) {
  std::vector<BusyEntry> entries;
  for (auto& [name, value, error] : shard.tally().ask(kind, shard.now())) {
    entries.push_back({std::move(name), value, error});
  }
  return entries;
}

}  // namespace

std::vector<ClientSnapshot> Server::clients() const {
  return collect(*impl_, [](const hub::Hub& hub, const auto& collect) { hub.for_each_client(collect); });
}

std::optional<ClientSnapshot> Server::client(std::string_view client_id) const {
  const auto id = protocol::ClientId::parse(client_id);
  shard::Shard* home = id ? impl_->life.switchboard().shard_of(*id) : nullptr;
  if (home == nullptr) return std::nullopt;
  return impl_->ask<std::optional<ClientSnapshot>>(*home, [&](const shard::Shard& at) {
    const hub::Client* client = at.hub().find(*id);
    return client != nullptr ? std::optional(at.snapshot(*client)) : std::nullopt;
  });
}

std::vector<ClientSnapshot> Server::clients_of_user(std::string_view user_id) const {
  return collect(*impl_, [&](const hub::Hub& hub, const auto& collect) { hub.for_each_of_user(user_id, collect); });
}

std::vector<ClientSnapshot> Server::clients_in_room(std::string_view room) const {
  return collect(*impl_, [&](const hub::Hub& hub, const auto& collect) { hub.for_each_in_room(room, collect); });
}

// Shard by shard, so that a page is looked for on one or two of them.
ClientPage Server::clients(const ClientQuery& query) const {
  check_listed("limit of a query for clients", query.limit);
  const auto after = protocol::ClientId::parse(query.after);
  if (!after && !query.after.empty()) {
    throw std::invalid_argument("hearth: after of a query for clients is no client id; give the `next` of a page");
  }
  struct Part {
    std::vector<ClientSnapshot> clients;
    bool is_all = true;
  };
  const auto shards = impl_->life.switchboard().shards();
  ClientPage page;
  for (std::size_t i = after ? after->shard() : 0; i < shards.size(); ++i) {
    const std::size_t most = query.limit - page.clients.size();
    Part part = impl_->ask<Part>(*shards[i], [&](const shard::Shard& at) {
      const bool begins_here = after && after->shard() == i;
      const auto listed = shard::list_clients(at.hub(), query, begins_here ? after : std::nullopt, most);
      Part found;
      found.is_all = listed.is_all;
      for (const hub::Client* client : listed.items) {
        found.clients.push_back(at.snapshot(*client, query.rooms_of_each));
      }
      return found;
    });
    std::move(part.clients.begin(), part.clients.end(), std::back_inserter(page.clients));
    if (!part.is_all || (page.clients.size() == query.limit && i + 1 < shards.size())) {
      page.next = page.clients.back().id;
      break;
    }
  }
  return page;
}

// Each shard has its own part of a room's members. Of the first rooms of all, each shard names those that it has among
// its own first.
RoomPage Server::rooms(const RoomQuery& query) const {
  check_listed("limit of a query for rooms", query.limit);
  std::map<std::string, std::size_t> members;
  bool is_all = true;
  for (const auto& shard : impl_->life.switchboard().shards()) {
    const auto listed = impl_->ask<shard::Listed<RoomEntry>>(
        *shard, [&](const shard::Shard& at) { return shard::list_rooms(at.hub(), query); });
    for (const RoomEntry& room : listed.items) members[room.name] += room.members;
    is_all = is_all && listed.is_all;
  }
  RoomPage page;
  for (const auto& [name, count] : members) {
    if (page.rooms.size() == query.limit) break;
    page.rooms.push_back({name, count});
  }
  if (!is_all || members.size() > page.rooms.size()) page.next = page.rooms.back().name;
  return page;
}

std::vector<BusyEntry> Server::busiest(Busiest by, std::size_t count) const {
  using Kind = shard::Tally::Kind;
  const std::size_t most = std::min(count, shard::SpaceSaving::kMost);
  const auto of_hub = [&](auto list) {
    return gather(*impl_, [&](const shard::Shard& at) { return list(at.hub(), shard::SpaceSaving::kMost); });
  };
  const auto of_tally = [&](Kind kind) { return gather(*impl_, [&](shard::Shard& at) { return tallied(at, kind); }); };
  std::vector<BusyEntry> busiest;
  switch (by) {
    case Busiest::rooms_by_members:
      busiest = impl_->with_all_members(of_hub(shard::largest_rooms));
      break;
    case Busiest::rooms_by_messages:
      busiest = largest_of_each(of_tally(Kind::room_messages));
      break;
    case Busiest::rooms_by_bytes:
      busiest = largest_of_each(of_tally(Kind::room_bytes));
      break;
    case Busiest::clients_by_backlog:
      busiest = of_hub(shard::slowest_clients);
      break;
    case Busiest::clients_by_messages:
      busiest = of_tally(Kind::client_messages);
      break;
    case Busiest::clients_by_age:
      busiest = of_hub(shard::newest_clients);
      break;
  }
  shard::keep_busiest(busiest, most);
  return busiest;
}

// A room that is among the largest of one shard may have members on others where it is not.
std::vector<BusyEntry> Server::Impl::with_all_members(const std::vector<BusyEntry>& candidates) const {
  std::map<std::string, BusyEntry> rooms;
  for (const BusyEntry& entry : candidates) rooms.try_emplace(entry.name, BusyEntry{entry.name, 0, 0});
  for (const auto& shard : life.switchboard().shards()) {
    const auto counts = ask<std::map<std::string, std::size_t>>(*shard, [&](const shard::Shard& at) {
      std::map<std::string, std::size_t> here;
      for (const auto& [name, entry] : rooms) {
        if (const hub::Room* room = at.hub().find_room(name)) here[name] = room->members.size();
      }
      return here;
    });
    for (const auto& [name, members] : counts) rooms[name].value += static_cast<double>(members);
  }
  std::vector<BusyEntry> all;
  all.reserve(rooms.size());
  for (auto& [name, entry] : rooms) all.push_back(std::move(entry));
  return all;
}

std::optional<std::future<PresencePage>> Server::presence(std::string_view room, const PresenceQuery& query) const {
  auto promise = std::make_shared<std::promise<PresencePage>>();
  std::future<PresencePage> answer = promise->get_future();
  const bool has_presence = presence(room, query, [promise = std::move(promise)](Result<PresencePage> page) {
    page ? promise->set_value(*std::move(page))
         : promise->set_exception(std::make_exception_ptr(std::system_error(page.error())));
  });
  return has_presence ? std::optional(std::move(answer)) : std::nullopt;
}

bool Server::presence(std::string_view room, const PresenceQuery& query, Done<PresencePage> done) const {
  if (room.empty()) throw std::invalid_argument("hearth: a room needs a name; it is empty");
  if (!done) throw std::invalid_argument("hearth: presence needs somebody to tell the answer; done is empty");
  check_listed("limit of a query for who is in a room", query.limit);
  const auto after = protocol::ClientId::parse(query.after);
  if (!after && !query.after.empty()) {
    throw std::invalid_argument(
        "hearth: after of a query for who is in a room is no client id; give the `next` of a page");
  }
  shard::RulePtr rule = impl_->life.remembering().presence_of(room);
  if (!rule) return false;
  impl_->life.presence().ask(std::string(room), std::move(rule), {after, query.limit}, std::move(done));
  return true;
}

void Server::ask_cluster(const ClusterQuestion& question, std::chrono::milliseconds within,
                         std::function<void(std::vector<NodeAnswer>)> done) {
  if (!done) throw std::invalid_argument("hearth: ask_cluster needs somebody to tell the answers; done is empty");
  impl_->life.cluster().ask(question, within, std::move(done));
}

Watch Server::watch(std::string_view room, std::function<void(const WatchedPublication&)> callback,
                    const WatchOptions& options) {
  if (room.empty()) throw std::invalid_argument("hearth: a room needs a name; it is empty");
  if (!callback) throw std::invalid_argument("hearth: watch needs a callback; it is empty");
  if (options.most_a_second < 1 || options.most_a_second > 1'000'000) {
    throw std::invalid_argument("hearth: watch: most_a_second is not from 1 to 1,000,000");
  }
  if (options.most_waiting < 1 || options.most_waiting > 65'536) {
    throw std::invalid_argument("hearth: watch: most_waiting is not from 1 to 65,536");
  }
  server::LifeCycle& life = impl_->life;
  return Watch(life.watches().add(room, std::move(callback), options, life.executor(), life.log()));
}

Statistics Server::statistics() const {
  Statistics sum;
  for (const auto& shard : impl_->life.switchboard().shards()) {
    const net::LoopCounters& counters = shard->counters();
    sum.connections_accepted += counters.accepted.get();
    sum.connections_open += counters.open.get();
    sum.clients_authenticated += shard->authenticated_clients();
    for (const net::Counter& refused : counters.refused) sum.upgrades_refused += refused.get();
    sum.messages_received += counters.messages_received.get();
    sum.messages_sent += counters.messages_sent.get();
    sum.bytes_received += counters.bytes_received.get();
    sum.bytes_sent += counters.bytes_sent.get();
    sum.messages_dropped += counters.messages_dropped.get();
    sum.decryption_failures += shard->decryption_failures();
    sum.protocol_errors += counters.protocol_errors.get();
    sum.accept_pauses += counters.accept_pauses.get();
    sum.tls_handshakes += counters.tls_handshakes.get();
    sum.tls_resumptions += counters.tls_resumptions.get();
    sum.tls_failures += counters.tls_failures.get();
    sum.ticks += counters.ticks.get();
  }
  return sum;
}

Metrics Server::metrics() const {
  server::MetricsSum sum;
  std::uint64_t of_clients = 0;
  for (const auto& shard : impl_->life.switchboard().shards()) {
    sum.add(impl_->ask<shard::Figures>(*shard, [](const shard::Shard& at) { return at.figures(); }));
    sum.add(shard->loop(), impl_->life.options().tls.has_value());
    of_clients += shard->publications_of_clients();
  }
  Metrics metrics = sum.take();
  metrics.publications = {of_clients, impl_->publications.get(), impl_->life.port().messages()};
  metrics.counters = statistics();
  metrics.blocks = blocks().size();
  for (std::size_t i = 0; i < shard::kLimits; ++i) {
    const auto limit = static_cast<shard::Limit>(i);
    metrics.limit_hits[shard::name_of(limit)] = impl_->life.hits().count(limit);
  }
  metrics.draining = is_draining();
  metrics.log_lines_dropped = impl_->life.log().dropped();
  metrics.log_lines_suppressed = impl_->life.log().suppressed();
  metrics.broker_state = broker_state();
  metrics.broker = broker_statistics();
  metrics.history = impl_->life.port().history_metrics();
  metrics.presence = impl_->life.presence().metrics();
  return metrics;
}

}  // namespace hearth
