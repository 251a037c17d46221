#include "sim/world.hpp"

#include <algorithm>
#include <utility>

namespace hearth::sim {

void World::record_fault(FaultKind kind, std::uint32_t room, std::uint32_t who) {
  Record record;
  record.kind = RecordKind::fault;
  record.fault = kind;
  record.room = room;
  record.who = who;
  this->record(record);
}

void World::record_healed(FaultKind kind) {
  Record record;
  record.kind = RecordKind::healed;
  record.fault = kind;
  this->record(record);
}

void World::begin_fault(std::uint32_t index) {
  const Fault& fault = plan_.faults[index];
  const auto node = fault.a < nodes_.size() ? nodes_[fault.a].get() : nullptr;
  Server& server = servers_[primary_];
  // The others are over at once, and have no more than an aftermath.
  record_fault(FaultKind::unreachable);
  plan_event(now_ + fault.length, Kind::fault_end, index);
  switch (fault.op) {
    case Op::cut:
      if (fault.a < nodes_.size()) cut(fault, 1);
      break;
    case Op::kill_node:
      if (node != nullptr) kill_node(fault.a);
      break;
    case Op::stop_node:
      if (node == nullptr) break;
      node->stopped_until = std::max(node->stopped_until, now_ + fault.length);
      // Its clients notice after a while, and go elsewhere.
      for (Client& client : clients_) {
        if (client.connection == nullptr || &client.connection->shard->node != node) continue;
        if (network_.chance(50)) disconnect_client(client, network_.between(0, fault.length));
      }
      break;
    case Op::congest:
      if (node != nullptr) node->congested_until = std::max(node->congested_until, now_ + fault.length);
      break;
    case Op::snapshot:
      if (fault.a >= snapshots_.size()) snapshots_.resize(fault.a + 1);
      snapshots_[fault.a] = server.logs;
      break;
    case Op::restart:
      kill_server(primary_);
      break;
    case Op::promote:
      kill_server(primary_);
      new_primary(fault.a, true);
      break;
    case Op::fail_back:
      replica_takes_over(index);
      break;
    case Op::split: {
      record_fault(FaultKind::two_stores);
      const std::uint32_t old = primary_;
      new_primary(fault.a, true);
      for (Link& link : links_) {
        const bool stays = (fault.b >> link.node & 1U) != 0;
        if (link.state != Link::State::up || link.server != old || stays) continue;
        if (!is_subscribing(link) || network_.chance(50)) break_off(link);
      }
      break;
    }
    case Op::stop_store:
      server.stopped_until = std::max(server.stopped_until, now_ + fault.length);
      for (const Link& link : links_) {
        if (link.state != Link::State::up || link.server != primary_) continue;
        plan_event(now_ + 2 * kSecond, Kind::link_dead, index_of(link), link.generation);
      }
      break;
    case Op::flush:
      for (std::uint32_t room = 0; room < plan_.rooms.size(); ++room) record_fault(FaultKind::log_lost, room);
      server.logs.flush();
      break;
    case Op::evict_meta:
    case Op::erase:
      if (fault.a >= plan_.rooms.size()) break;
      record_fault(FaultKind::log_lost, fault.a);
      fault.op == Op::erase ? server.logs.erase(fault.a) : server.logs.evict_meta(fault.a);
      break;
    case Op::evict_log:
      if (fault.a >= plan_.rooms.size()) break;
      record_fault(FaultKind::log_evicted, fault.a);
      server.logs.evict_log(fault.a);
      break;
    case Op::refuse_writes:
      server.refuses_until = std::max(server.refuses_until, now_ + fault.length);
      break;
    case Op::script_flush:
      server.has_script = false;
      break;
    case Op::drop_client:
      if (fault.a < clients_.size()) disconnect_client(clients_[fault.a], fault.length);
      break;
    case Op::drop_clients:
      for (Client& client : clients_) {
        const bool is_there = client.connection != nullptr && &client.connection->shard->node == node;
        if (is_there) disconnect_client(client, fault.length);
      }
      break;
    case Op::slow_client:
      if (fault.a >= clients_.size()) break;
      record_fault(FaultKind::client_slow, 0, fault.a);
      clients_[fault.a].slow_until = std::max(clients_[fault.a].slow_until, now_ + fault.length);
      break;
  }
}

void World::end_fault(std::uint32_t index) {
  const Fault& fault = plan_.faults[index];
  record_healed(FaultKind::unreachable);
  switch (fault.op) {
    case Op::cut:
      if (fault.a < nodes_.size()) cut(fault, -1);
      break;
    case Op::kill_node:
      if (fault.a < nodes_.size() && !nodes_[fault.a]) start_node(fault.a);
      break;
    case Op::stop_node:
    case Op::congest:
      if (fault.a < nodes_.size() && nodes_[fault.a]) nodes_[fault.a]->pump();
      break;
    case Op::restart:
      if (servers_[primary_].alive) break;  // a replica has taken over
      fault.a == 0 ? new_primary(std::nullopt, false) : new_primary(fault.a - 1, true);
      break;
    case Op::fail_back:
      former_primary_is_back(index);
      break;
    case Op::split:
      record_healed(FaultKind::two_stores);
      for (std::uint32_t server = 0; server < servers_.size(); ++server) {
        if (server != primary_ && servers_[server].alive) kill_server(server);
      }
      break;
    default:
      break;
  }
}

/// A process of the store that goes on from a snapshot, or from all that the last one had.
void World::new_primary(std::optional<std::uint32_t> snapshot, bool lost) {
  if (lost) record_fault(FaultKind::store_lost);
  const bool has_snapshot = snapshot && *snapshot < snapshots_.size() && snapshots_[*snapshot];
  if (has_snapshot) {
    servers_.emplace_back(*snapshots_[*snapshot]);
  } else if (!servers_.empty()) {
    servers_.emplace_back(servers_[primary_].logs);
  } else {
    servers_.emplace_back(Logs(plan_.rooms.size(), [this](std::uint32_t room, const Branch& branch, Epoch parent) {
      Record record;
      record.kind = RecordKind::branch;
      record.room = room;
      record.position = {branch.epoch, branch.first};
      record.parent = parent;
      this->record(record);
    }));
  }
  servers_.back().process = {.id = ++last_process_};
  primary_ = static_cast<std::uint32_t>(servers_.size() - 1);
}

/// By order: the former primary lives on, as a replica of the new one.
void World::replica_takes_over(std::uint32_t index) {
  const std::uint32_t former = primary_;
  const bool was_alive = servers_[former].alive;
  kill_server(former);  // whoever becomes a replica throws out everybody
  new_primary(plan_.faults[index].a, true);
  replaced_.resize(plan_.faults.size(), {0, 0});
  if (was_alive) replaced_[index] = {former, primary_};
}

/// And back: the same process as before, with what the other one has, or had.
void World::former_primary_is_back(std::uint32_t index) {
  const auto [former, replica] = replaced_[index];
  if (former == replica || replica != primary_ || !servers_[primary_].alive) return;
  kill_server(primary_);
  const std::uint32_t snapshot = plan_.faults[index].b;
  new_primary(snapshot == 0 ? std::nullopt : std::optional(snapshot - 1), true);
  servers_.back().process = {servers_[former].process.id, servers_.back().logs.written() + 1};
}

void World::kill_server(std::uint32_t server) {
  if (!servers_[server].alive) return;
  servers_[server].alive = false;
  for (Link& link : links_) {
    if (link.state != Link::State::up || link.server != server || !nodes_[link.node]) continue;
    // What has left the server already comes now, or not at all.
    if (network_.chance(50) && nodes_[link.node]->stopped_until <= now_) {
      const std::uint32_t generation = link.generation;
      while (link.generation == generation && !link.in.empty()) {
        Reply reply = std::move(link.in.front());
        link.in.pop_front();
        nodes_[link.node]->reply(is_subscribing(link), reply);
        nodes_[link.node]->pump();
      }
      if (link.generation != generation) continue;
    }
    break_off(link);
  }
}

void World::kill_node(std::uint32_t index) {
  Record record;
  record.kind = RecordKind::node_gone;
  record.who = nodes_[index]->id;
  this->record(record);
  for (Client& client : clients_) {
    if (client.connection != nullptr && &client.connection->shard->node == nodes_[index].get()) {
      disconnect_client(client, network_.magnitude(kMilli, 2 * kSecond));
    }
  }
  // Links first: what they had sent may still come to the store, and is of this process.
  for (const bool subscribing : {false, true}) {
    Link& its = link(index, subscribing);
    if (its.state == Link::State::up) break_off(its);
    ++its.generation;
    its.state = Link::State::down;
  }
  nodes_[index].reset();
}

void World::start_node(std::uint32_t index) {
  nodes_[index] = std::make_unique<Node>(*this, index, ++last_node_);
  for (const bool subscribing : {false, true}) {
    Link& its = link(index, subscribing);
    its.process = {};
    connect_later(its);
  }
  plan_event(now_ + kSecond, Kind::tick, index, 0, last_node_);
}

}  // namespace hearth::sim
