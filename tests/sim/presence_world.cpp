#include "sim/presence_world.hpp"

#include <algorithm>
#include <chrono>

namespace hearth::sim {

namespace {

// In which all have to know what is there once nothing fails any more: whoever was cut off waits two heartbeats before
// it judges anybody, and so does who looks for what a store has nothing of.
constexpr Micros kQuiet = 20 * kSecond;
constexpr Micros kProbe = kSecond;    // until somebody new comes to each node, if anybody does
constexpr Micros kAsk = 4 * kSecond;  // before the end, the applications ask
constexpr std::chrono::hours kUptime{1};

}  // namespace

PresenceWorld::PresenceWorld(const PresencePlan& plan)
    : plan_(plan), network_(plan.seed, "presence network"), load_(plan.seed, "presence load") {
  for (const PresencePlan::Room& room : plan_.rooms) {
    RoomRule rule;
    rule.presence = room.lists ? RoomPresence::members : RoomPresence::count;
    rule.presence_limit = room.limit;
    rule.presence_interval = std::chrono::milliseconds(room.interval / kMilli);
    rule.presence_grace = std::chrono::milliseconds(room.grace / kMilli);
    rules_.push_back(std::make_shared<const RoomRule>(rule));
    names_.push_back(std::string("r").append(std::to_string(names_.size())));
  }
  new_server(nullptr);
  links_.resize(std::size_t{2} * plan_.nodes);
  nodes_.resize(plan_.nodes);
  for (std::uint32_t node = 0; node < plan_.nodes; ++node) {
    for (const bool hears : {false, true}) {
      link(node, hears).node = node;
      link(node, hears).hears = hears;
    }
    start_node(node);
  }
  for (std::uint32_t number = 0; number < plan_.people; ++number) {
    people_.push_back({.user = load_.chance(20) ? 0 : number / 2 + 1, .node = 0, .member = 0});
  }
  for (std::uint32_t i = 0; i < plan_.deeds; ++i) {
    plan_event(load_.between(0, plan_.length), Kind::deed);
  }
  for (std::uint32_t i = 0; i < plan_.faults.size(); ++i) plan_event(plan_.faults[i].at, Kind::fault, i);
}

PresenceWorld::~PresenceWorld() = default;

const Records& PresenceWorld::run() {
  Micros end = plan_.length;
  Micros grace = 0;
  for (const PresenceFault& fault : plan_.faults) end = std::max(end, fault.at + fault.length);
  for (const PresencePlan::Room& room : plan_.rooms) grace = std::max(grace, room.grace);
  if (load_.chance(50)) {
    for (std::uint32_t node = 0; node < plan_.nodes; ++node) plan_event(end + kProbe, Kind::probe, node);
  }
  end += kQuiet + grace;
  for (std::uint32_t node = 0; node < plan_.nodes; ++node) plan_event(end - kAsk, Kind::ask, node);
  while (!events_.empty() && events_.next_time() <= end) {
    const Event event = events_.take();
    now_ = event.at;
    handle(event);
  }
  now_ = end;
  finish();
  return records_;
}

presence::TimePoint PresenceWorld::time() const noexcept {
  return presence::TimePoint(kUptime + std::chrono::microseconds(now_));
}

std::uint32_t PresenceWorld::room_number(const std::string& name) const {
  return static_cast<std::uint32_t>(std::find(names_.begin(), names_.end(), name) - names_.begin());
}

void PresenceWorld::plan_event(Micros at, Kind kind, std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  events_.add({.at = at, .kind = static_cast<std::uint32_t>(kind), .a = a, .b = b, .c = c});
}

Micros PresenceWorld::latency() {
  const Micros base =
      plan_.latency / 2 + static_cast<Micros>(network_.below(static_cast<std::uint64_t>(plan_.latency)));
  // Not so long that a beat comes too late, which lasts one and a half.
  return network_.below(50) == 0 && base < 50 * kMilli ? base * 10 : base;
}

Micros PresenceWorld::mail_latency() {
  return static_cast<Micros>(network_.below(static_cast<std::uint64_t>(plan_.mail_latency) + 1));
}

void PresenceWorld::mail_waits(PresenceNode& node) {
  if (std::exchange(node.mail_is_planned, true)) return;
  plan_event(now_ + mail_latency(), Kind::mail, node.index, 0, node.id);
}

void PresenceWorld::said_waits(PresenceNode& node) {
  if (std::exchange(node.said_is_planned, true)) return;
  plan_event(now_ + mail_latency(), Kind::said, node.index, 0, node.id);
}

void PresenceWorld::advance_at(PresenceNode& node, presence::TimePoint when) {
  // Threads wake by whole milliseconds, and not before the time.
  const auto since_start = std::chrono::ceil<std::chrono::milliseconds>(when.time_since_epoch() - kUptime);
  const Micros at = std::max<Micros>(now_, since_start.count() * kMilli);
  if (node.advances_at && *node.advances_at <= at) return;
  node.advances_at = at;
  plan_event(at, Kind::advance, node.index, 0, node.id);
}

void PresenceWorld::handle(const Event& event) {
  switch (static_cast<Kind>(event.kind)) {
    case Kind::at_store:
      return at_store(event);
    case Kind::at_node:
      return at_node(event);
    case Kind::late:
      return late(event);
    case Kind::connect:
      return connect(event);
    case Kind::link_dead:
      return check_dead(event);
    case Kind::deed:
      return deed();
    case Kind::probe: {
      if (!takes_people(event.a)) return;
      Person& person = people_.emplace_back();
      return arrive(person, event.a, true);
    }
    case Kind::ask:
      if (!takes_people(event.a)) return;
      for (std::uint32_t room = 0; room < rules_.size(); ++room) nodes_[event.a]->ask_as_application(room);
      return;
    case Kind::fault:
      return begin_fault(event.a);
    case Kind::fault_end:
      return end_fault(event.a);
    case Kind::local:
    case Kind::mail:
    case Kind::said:
    case Kind::advance:
    case Kind::ends:
      return handle_of_node(event);
  }
}

void PresenceWorld::handle_of_node(const Event& event) {
  PresenceNode* node = nodes_[event.a].get();
  if (node == nullptr || node->id != event.c) return;
  if (node->stopped_until > now_) return events_.postpone(event, node->stopped_until);
  switch (static_cast<Kind>(event.kind)) {
    case Kind::local:
      while (!node->local.empty()) {
        const PresenceReply reply = std::move(node->local.front());
        node->local.pop_front();
        node->take(reply);
      }
      break;
    case Kind::mail:
      node->mail_is_planned = false;
      node->take_mail();
      break;
    case Kind::said:
      node->said_is_planned = false;
      node->take_said();
      break;
    case Kind::advance:
      node->advances_at.reset();
      node->advance();
      break;
    default:
      break;
  }
  if (node->ends_by != 0 && (!node->owes() || node->ends_by <= now_)) node_is_gone(event.a);
}

// --- what people do

bool PresenceWorld::takes_people(std::uint32_t node) const {
  return nodes_[node] && nodes_[node]->stopped_until <= now_ && nodes_[node]->ends_by == 0;
}

void PresenceWorld::arrive(Person& person, std::uint32_t node, bool watches) {
  person.node = node;
  person.member = ++last_member_;
  for (std::uint32_t room = 0; room < rules_.size(); ++room) {
    if (!watches && load_.chance(30)) continue;
    nodes_[node]->join(room, person.member, person.user);
    if (watches || load_.chance(plan_.watching)) nodes_[node]->watch(room, person.member);
  }
}

void PresenceWorld::go(Person& person) {
  for (std::uint32_t room = 0; room < rules_.size(); ++room) nodes_[person.node]->leave(room, person.member);
  person.member = 0;
}

void PresenceWorld::deed() {
  Person& person = load_.pick(people_);
  if (person.member == 0) {
    const auto node = static_cast<std::uint32_t>(load_.below(nodes_.size()));
    if (takes_people(node)) arrive(person, node, false);
    return;
  }
  if (!takes_people(person.node)) return;
  PresenceNode& node = *nodes_[person.node];
  const auto room = static_cast<std::uint32_t>(load_.below(rules_.size()));
  const auto what = load_.below(100);
  if (what < 30) return go(person);
  if (what < 45) return node.leave(room, person.member);
  if (what < 70) return node.join(room, person.member, person.user);
  if (what < 85) return node.watch(room, person.member);
  node.ask(room, person.member, load_.chance(50));
}

/// How everything is at the end.
void PresenceWorld::finish() {
  const auto bound = [this](std::string what, std::uint64_t value, std::uint64_t most) {
    Record record;
    record.kind = RecordKind::bound;
    record.text = records_.text(std::move(what));
    record.count = value;
    record.top = most;
    this->record(record);
  };
  for (const auto& node : nodes_) {
    if (!node) continue;
    bound(node->name + ": questions of clients that wait", node->unanswered, 0);
    bound(node->name + ": reports that wait", node->owes() ? 1 : 0, 1);
  }
}

}  // namespace hearth::sim
