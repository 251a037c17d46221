#include "sim/world.hpp"

#include "history/checker/checker.hpp"

#include <algorithm>
#include <string>

namespace hearth::sim {

namespace {

constexpr Micros kTick = kSecond;
// In which all have to come to the end of the log once nothing fails any more: at once if links were the trouble,
// within one comparison if a log was lost that nobody writes to.
constexpr Micros kQuiet = 15 * kSecond;
constexpr Micros kSilentQuiet = 45 * kSecond;
constexpr Micros kProbe = 2 * kSecond;  // until something is published in each room, if it is

bool loses_silently(const Fault& fault) {
  return fault.op == Op::flush || fault.op == Op::evict_meta || fault.op == Op::evict_log || fault.op == Op::erase;
}
constexpr Micros kLinger = 2 * kSecond;
constexpr std::int64_t kWallAtStart = 1'700'000'000'000;

}  // namespace

World::World(const Plan& plan) : plan_(plan), network_(plan.seed, "network"), load_(plan.seed, "load") {
  records_.list.reserve(std::size_t{plan_.publications} * plan_.clients / 2 + 10'000);
  servers_.reserve(1 + 2 * plan_.faults.size());
  links_.resize(std::size_t{2} * plan_.nodes);
  for (std::uint32_t room = 0; room < plan_.rooms.size(); ++room) {
    Record record;
    record.kind = RecordKind::retain;
    record.room = room;
    record.count = plan_.rooms[room].size;
    this->record(record);
    if (plan_.rooms[room].ttl < plan_.length + kSilentQuiet) record_fault(FaultKind::log_evicted, room);
  }
  new_primary(std::nullopt, false);
  for (std::uint32_t node = 0; node < plan_.nodes; ++node) {
    links_[2 * node].node = links_[2 * node + 1].node = node;
    nodes_.push_back(nullptr);
    start_node(node);
  }
  for (std::uint32_t number = 0; number < plan_.clients; ++number) {
    Client& client = clients_.emplace_back();
    client.number = number;
    for (std::size_t room = 0; room < plan_.rooms.size(); ++room) {
      Client::InRoom& in = client.rooms[room];
      in.is_member = load_.chance(plan_.membership);
      in.is_plain = in.is_member && load_.chance(10);
      if (load_.chance(30)) in.last = static_cast<std::uint32_t>(load_.magnitude(1, 300));
    }
    client.connects = true;
    plan_event(load_.between(0, plan_.length / 2), Kind::client_connects, number);
  }
  Micros at = kSecond / 2;
  for (std::uint32_t i = 0; i < plan_.publications; ++i) {
    // Now and then many at once.
    if (!load_.chance(40)) at = load_.between(kSecond / 2, plan_.length);
    events_.plan({.at = at, .kind = static_cast<std::uint32_t>(Kind::publish)});
  }
  for (std::uint32_t i = 0; i < plan_.faults.size(); ++i) {
    events_.plan({.at = plan_.faults[i].at, .kind = static_cast<std::uint32_t>(Kind::fault), .a = i});
  }
  events_.start();
}

World::~World() = default;

const Records& World::run() {
  Micros end = plan_.length;
  for (const Fault& fault : plan_.faults) end = std::max(end, fault.at + fault.length);
  for (std::uint32_t room = 0; plan_.probe != 0 && room < plan_.rooms.size(); ++room) {
    plan_event(end + kProbe, Kind::probe, room);
  }
  const bool waits = std::any_of(plan_.faults.begin(), plan_.faults.end(), loses_silently);
  if (waits && plan_.probe != 0) plan_event(end + kQuiet, Kind::stand);
  end += waits ? kSilentQuiet : kQuiet;
  while (!events_.empty() && events_.next_time() <= end) {
    const Event event = events_.take();
    now_ = event.at;
    handle(event);
  }
  now_ = end;
  finish();
  return records_;
}

void World::plan_event(Micros at, Kind kind, std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  events_.add({.at = at, .kind = static_cast<std::uint32_t>(kind), .a = a, .b = b, .c = c});
}

Micros World::latency() {
  const Micros base =
      plan_.latency / 2 + static_cast<Micros>(network_.below(static_cast<std::uint64_t>(plan_.latency)));
  return network_.below(50) == 0 ? base * 10 : base;
}

history::Moment World::moment() const noexcept {
  constexpr std::chrono::hours kUptime{1};
  return {std::chrono::steady_clock::time_point(kUptime + std::chrono::microseconds(now_)),
          kWallAtStart + now_ / kMilli};
}

Retention World::retention(std::uint32_t room) const {
  return {plan_.rooms[room].size, std::chrono::milliseconds(plan_.rooms[room].ttl / kMilli)};
}

void World::handle(const Event& event) {
  switch (static_cast<Kind>(event.kind)) {
    case Kind::at_store:
      return at_store(event);
    case Kind::at_node:
      return at_node(event);
    case Kind::ghost: {
      const auto& [request, server] = ghosts_[event.a];
      if (!servers_[server].alive || !servers_[server].has_script) return;
      const Logs::Outcome outcome = append(servers_[server], request);
      if (outcome.publication) publish(server, outcome.publication);
      return;
    }
    case Kind::connect:
      return connect(event);
    case Kind::link_dead:
      return check_dead(event);
    case Kind::mail: {
      Node* node = nodes_[event.a].get();
      if (node == nullptr || node->id != event.c) return;
      const Micros until = std::max(node->stopped_until, node->congested_until);
      if (until > now_) return events_.postpone(event, until);
      Shard& shard = *node->shards[event.b];
      shard.mail_is_planned = false;
      while (!shard.mail.empty()) {
        const Mail mail = std::move(shard.mail.front());
        shard.mail.pop_front();
        shard.take(mail);
      }
      return node->pump();
    }
    case Kind::linger: {
      Node* node = nodes_[event.a].get();
      if (node != nullptr && node->id == event.c) node->linger_ended(event.b);
      return;
    }
    case Kind::tick: {
      Node* node = nodes_[event.a].get();
      if (node == nullptr || node->id != event.c) return;
      if (node->stopped_until > now_) return events_.postpone(event, node->stopped_until);
      node->tick();
      node->pump();
      return plan_event(now_ + kTick, Kind::tick, event.a, 0, event.c);
    }
    case Kind::client_turn:
      return client_turn(connections_[event.a]);
    case Kind::client_connects:
      return connect_client(clients_[event.a]);
    case Kind::client_retries:
      return send_unacked(clients_[event.a]);
    case Kind::publish:
      return publish_something(std::nullopt);
    case Kind::stand:
      return record_stands();
    case Kind::probe:
      return publish_something(event.a);
    case Kind::fault:
      return begin_fault(event.a);
    case Kind::fault_end:
      return end_fault(event.a);
  }
}

void World::mail_waits(Node& node, Shard& shard) {
  if (std::exchange(shard.mail_is_planned, true)) return;
  plan_event(now_ + static_cast<Micros>(network_.below(static_cast<std::uint64_t>(plan_.mail_latency) + 1)), Kind::mail,
             node.index, shard.number, node.id);
}

void World::channel_lingers(Node& node, std::uint32_t room) {
  plan_event(now_ + kLinger, Kind::linger, node.index, room, node.id);
}

/// How everything is at the end.
void World::finish() {
  const auto bound = [this](std::string what, std::uint64_t value, std::uint64_t most) {
    Record record;
    record.kind = RecordKind::bound;
    record.text = records_.text(std::move(what));
    record.count = value;
    record.top = most;
    this->record(record);
  };
  for (std::uint32_t room = 0; room < plan_.rooms.size(); ++room) {
    const LogTop log = servers_[primary_].logs.top(room);
    if (log.lineage.empty()) continue;
    Record record;
    record.kind = RecordKind::end_top;
    record.room = room;
    record.position = log.top;
    record.parent = log.lineage.back().epoch;
    this->record(record);
  }
  for (const Client& client : clients_) {
    bound("what client " + std::to_string(client.number) + " waits to be acknowledged", client.unacked.size(), 0);
  }
  record_stands();
  bound("publications that plain members were sent twice or out of order", disorder_, 0);
  for (const auto& node : nodes_) {
    const std::string name = "node " + std::to_string(node->id) + ": ";
    bound(name + "members that are behind", node->behind(), 0);
    std::uint64_t unready = 0;
    for (std::uint32_t room = 0; room < plan_.rooms.size(); ++room) {
      const history::Feed* feed = node->feeds.find(room_name(room));
      if (feed != nullptr && feed->mode() != history::Feed::Mode::live) ++unready;
    }
    bound(name + "feeds that are not live", unready, 0);
    bound(name + "questions that wait", node->waiting(), 3);  // the rooms are compared now and then
    bound(name + "blind feeds", node->feeds.blind(), 0);
    bound(name + "appends that wait", node->appends.size(), 0);
    bound(name + "buffered publications of a feed", node->most_buffered, history::ReorderBuffer::kMostPublications);
    bound(name + "reads of feeds under way", node->most_reads, history::Feeds::kMostReads);
    bound(name + "reads of a shard under way", node->most_page_reads, history::PageReads::kMost);
  }
}

void World::record_stands() {
  for (const Client& client : clients_) {
    for (std::uint32_t room = 0; room < plan_.rooms.size(); ++room) {
      const Client::InRoom& in = client.rooms[room];
      if (!in.is_member || in.is_plain) continue;
      Record record;
      record.kind = RecordKind::stand;
      record.who = client.number;
      record.room = room;
      record.position = in.stands.value_or(Position{});
      this->record(record);
    }
  }
}

}  // namespace hearth::sim
