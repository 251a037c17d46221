#include "sim/presence_world.hpp"

#include <algorithm>
#include <utility>

namespace hearth::sim {

namespace {

constexpr Micros kFarewell = kSecond;  // what a node that ends takes at most to say so

}  // namespace

void PresenceWorld::record_fault(FaultKind kind, bool begins) {
  Record record;
  record.kind = begins ? RecordKind::fault : RecordKind::healed;
  record.fault = kind;
  this->record(record);
}

void PresenceWorld::begin_fault(std::uint32_t index) {
  const PresenceFault& fault = plan_.faults[index];
  record_fault(FaultKind::unreachable, true);
  plan_event(now_ + fault.length, Kind::fault_end, index);
  PresenceNode* node = fault.a < nodes_.size() ? nodes_[fault.a].get() : nullptr;
  switch (fault.op) {
    case PresenceOp::cut:
      return cut(fault, 1);
    case PresenceOp::kill_node:
      if (node != nullptr) kill_node(fault.a);
      return;
    case PresenceOp::end_node:
      if (node != nullptr && node->stopped_until <= now_) end_node(fault.a);
      return;
    case PresenceOp::stop_node:
      if (node != nullptr) node->stopped_until = std::max(node->stopped_until, now_ + fault.length);
      return;
    case PresenceOp::snapshot:
      snapshots_.resize(std::max<std::size_t>(snapshots_.size(), fault.a + 1));
      snapshots_[fault.a] = std::make_unique<broker::LocalPresence>(servers_.back()->kept);
      return;
    case PresenceOp::restart:
      return kill_server();
    case PresenceOp::stop_store:
      servers_.back()->stopped_until = std::max(servers_.back()->stopped_until, now_ + fault.length);
      for (const Link& its : links_) {
        if (its.is_up) plan_event(now_ + kDeadPeer, Kind::link_dead, index_of(its), its.generation);
      }
      return;
    case PresenceOp::refuse:
      servers_.back()->refuses_until = std::max(servers_.back()->refuses_until, now_ + fault.length);
      return;
    case PresenceOp::flush:
      servers_.back()->kept.clear();
      return;
  }
}

void PresenceWorld::end_fault(std::uint32_t index) {
  const PresenceFault& fault = plan_.faults[index];
  switch (fault.op) {
    case PresenceOp::cut:
      cut(fault, -1);
      break;
    case PresenceOp::kill_node:
    case PresenceOp::end_node:
      if (!nodes_[fault.a]) start_node(fault.a);
      break;
    case PresenceOp::restart: {
      if (servers_.back()->alive) break;  // another fault has brought it back
      const bool has_lost = fault.a != 0;
      if (has_lost) record_fault(FaultKind::store_lost, true);
      new_server(has_lost ? snapshots_[fault.a - 1].get() : &servers_.back()->kept);
      break;
    }
    default:
      break;
  }
  record_fault(FaultKind::unreachable, false);
}

void PresenceWorld::new_server(const broker::LocalPresence* kept) {
  auto made = std::make_unique<Server>();
  if (kept != nullptr) made = std::make_unique<Server>(Server{.kept = *kept});
  servers_.push_back(std::move(made));
}

void PresenceWorld::kill_server() {
  if (!std::exchange(servers_.back()->alive, false)) return;
  for (Link& its : links_) {
    if (its.is_up) break_off(its);
  }
}

void PresenceWorld::start_node(std::uint32_t index) {
  nodes_[index] = std::make_unique<PresenceNode>(*this, index, ++last_node_);
  for (const bool hears : {false, true}) {
    link(index, hears).was_down = false;
    connect_later(link(index, hears));
  }
  nodes_[index]->advance();
}

void PresenceWorld::people_leave(std::uint32_t node) {
  for (Person& person : people_) {
    if (person.member != 0 && person.node == node) go(person);
  }
}

void PresenceWorld::kill_node(std::uint32_t index) {
  people_leave(index);
  // What had left it already comes to the store, or not.
  Link& asking = link(index, false);
  if (asking.is_up && asking.cut_out == 0 && network_.chance(50)) {
    for (const PresenceRequest& request : std::exchange(asking.out, {})) serve(asking, request);
  }
  node_is_gone(index);
}

/// It says that everybody has gone, if that takes no longer than a second.
void PresenceWorld::end_node(std::uint32_t index) {
  people_leave(index);
  PresenceNode& node = *nodes_[index];
  node.ends_by = now_ + kFarewell;
  node.finish();
  plan_event(node.ends_by, Kind::ends, index, 0, node.id);
}

void PresenceWorld::node_is_gone(std::uint32_t index) {
  Record record;
  record.kind = RecordKind::dead;
  record.who = nodes_[index]->id;
  this->record(record);
  nodes_[index].reset();
  for (const bool hears : {false, true}) break_off(link(index, hears));
  // Another process may be there before its fault ends, if several take it away.
  const bool comes_back = std::any_of(plan_.faults.begin(), plan_.faults.end(), [&](const PresenceFault& fault) {
    const bool takes_away = fault.op == PresenceOp::kill_node || fault.op == PresenceOp::end_node;
    return takes_away && fault.a == index && fault.at <= now_ && fault.at + fault.length >= now_;
  });
  if (!comes_back) start_node(index);
}

}  // namespace hearth::sim
