#include "sim/presence_world.hpp"

#include <algorithm>
#include <utility>

namespace hearth::sim {

namespace {

constexpr Micros kLateness = 8 * kSecond;  // of what was sent over a link that broke

}  // namespace

void PresenceWorld::ask(PresenceNode& node, PresenceRequest request) {
  Link& its = link(node.index, false);
  if (!its.is_up) return tell_locally(node, {.kind = PresenceReply::Kind::failed, .to = std::move(request)});
  its.asked.push_back(request);
  send(its, std::move(request));
}

void PresenceWorld::subscribe(PresenceNode& node, const std::string& room, bool is_wanted) {
  Link& its = link(node.index, true);
  if (!its.is_up) return;
  send(its, {.kind = is_wanted ? PresenceRequest::Kind::subscribe : PresenceRequest::Kind::unsubscribe, .room = room});
}

void PresenceWorld::send(Link& link, PresenceRequest request) {
  link.last_out = std::max(link.last_out, now_ + latency());
  link.out.push_back(std::move(request));
  plan_event(link.last_out, Kind::at_store, index_of(link), link.generation);
}

void PresenceWorld::reply(Link& link, PresenceReply reply) {
  link.last_in = std::max(link.last_in, now_ + latency());
  link.in.push_back(std::move(reply));
  plan_event(link.last_in, Kind::at_node, index_of(link), link.generation);
}

/// As by mail: whoever asks is in the middle of something.
void PresenceWorld::tell_locally(PresenceNode& node, PresenceReply reply) {
  node.local.push_back(std::move(reply));
  plan_event(now_, Kind::local, node.index, 0, node.id);
}

void PresenceWorld::at_store(const Event& event) {
  Link& its = links_[event.a];
  if (event.b != its.generation || its.out.empty()) return;
  if (its.cut_out > 0) {
    ++its.held_out;
    return;
  }
  if (servers_[its.server]->stopped_until > now_) return events_.postpone(event, servers_[its.server]->stopped_until);
  const PresenceRequest request = std::move(its.out.front());
  its.out.pop_front();
  serve(its, request);
}

void PresenceWorld::at_node(const Event& event) {
  Link& its = links_[event.a];
  if (event.b != its.generation || its.in.empty()) return;
  if (its.cut_in > 0) {
    ++its.held_in;
    return;
  }
  PresenceNode& node = *nodes_[its.node];
  if (node.stopped_until > now_) return events_.postpone(event, node.stopped_until);
  PresenceReply reply = std::move(its.in.front());
  its.in.pop_front();
  if (!its.hears) its.asked.pop_front();
  // As broker/redis_presence.cpp does.
  const bool says_who_lives =
      reply.kind == PresenceReply::Kind::answered && reply.to.kind == PresenceRequest::Kind::look;
  if (says_who_lives && std::exchange(its.was_down, false)) reply.living.was_missing = true;
  node.take(reply);
  if (node.ends_by != 0 && !node.owes()) node_is_gone(its.node);
}

void PresenceWorld::serve(Link& link, const PresenceRequest& request) {
  const std::string& name = nodes_[link.node]->name;
  broker::LocalPresence& kept = servers_[link.server]->kept;
  const bool takes_memory = request.kind == PresenceRequest::Kind::write || request.life;
  if (takes_memory && servers_[link.server]->refuses_until > now_) {
    return reply(link, {.kind = PresenceReply::Kind::failed, .to = request});
  }
  PresenceReply answer{.kind = PresenceReply::Kind::answered, .to = request};
  switch (request.kind) {
    case PresenceRequest::Kind::look:
      answer.living = kept.look(name, request.life, time());
      if (request.life) {
        Record record;
        record.kind = RecordKind::beat;
        record.who = nodes_[link.node]->id;
        this->record(record);
      }
      break;
    case PresenceRequest::Kind::write:
      write(link.server, name, request);
      break;
    case PresenceRequest::Kind::read:
      answer.entries = kept.read(request.room, time());
      break;
    case PresenceRequest::Kind::forget:
      kept.forget(request.room, request.instance, time());
      break;
    case PresenceRequest::Kind::subscribe:
      link.channels.insert(request.room);
      return reply(link, {.kind = PresenceReply::Kind::watched, .room = request.room});
    case PresenceRequest::Kind::unsubscribe:
      link.channels.erase(request.room);
      return;
  }
  reply(link, std::move(answer));
}

void PresenceWorld::write(std::uint32_t server, const std::string& instance, const PresenceRequest& request) {
  if (!servers_[server]->kept.write(instance, request.report)) return;
  const auto report = std::make_shared<const PresenceReport>(request.report);
  for (Link& its : links_) {
    if (!its.hears || !its.is_up || its.server != server || !its.channels.contains(request.room)) continue;
    reply(its, {.kind = PresenceReply::Kind::said, .room = request.room, .from = instance, .report = report});
  }
}

void PresenceWorld::late(const Event& event) {
  const Late& its = late_[event.a];
  const Server& server = *servers_[its.server];
  if (!server.alive || server.refuses_until > now_) return;
  if (server.stopped_until > now_) return events_.postpone(event, server.stopped_until);
  // A kernel tries again, ever more seldom.
  if (links_[its.link].cut_out > 0) return events_.postpone(event, now_ + network_.magnitude(kMilli, kLateness));
  write(its.server, its.instance, its.request);
}

void PresenceWorld::connect_later(Link& link) {
  plan_event(now_ + network_.magnitude(5 * kMilli, 500 * kMilli), Kind::connect, index_of(link), link.generation);
}

void PresenceWorld::connect(const Event& event) {
  Link& its = links_[event.a];
  if (event.b != its.generation || its.is_up || !nodes_[its.node]) return;
  PresenceNode& node = *nodes_[its.node];
  if (node.stopped_until > now_) return events_.postpone(event, node.stopped_until);
  const Server& server = *servers_.back();
  if (!server.alive || server.stopped_until > now_ || its.cut_in > 0 || its.cut_out > 0) return connect_later(its);
  its.is_up = true;
  its.server = static_cast<std::uint32_t>(servers_.size() - 1);
  its.last_in = its.last_out = now_;
  if (!its.hears) return;
  for (const std::string& channel : node.channels) {
    send(its, {.kind = PresenceRequest::Kind::subscribe, .room = channel});
  }
}

/// A connection ends. What waits for an answer has failed; and reports that had been sent may come to the server all
/// the same, later.
void PresenceWorld::break_off(Link& link) {
  const bool has_sent = link.is_up && !link.hears && nodes_[link.node] && !link.out.empty();
  if (has_sent && servers_[link.server]->alive && network_.chance(40)) {
    const Micros when = now_ + network_.magnitude(kMilli, kLateness);
    for (const PresenceRequest& request : link.out) {
      if (request.kind != PresenceRequest::Kind::write) continue;
      late_.push_back({request, nodes_[link.node]->name, index_of(link), link.server});
      plan_event(when, Kind::late, static_cast<std::uint32_t>(late_.size() - 1));
    }
  }
  ++link.generation;
  link.was_down = true;
  link.is_up = false;
  link.channels.clear();
  link.held_in = link.held_out = 0;
  link.in.clear();
  link.out.clear();
  auto asked = std::exchange(link.asked, {});
  if (!nodes_[link.node]) return;
  PresenceNode& node = *nodes_[link.node];
  for (PresenceRequest& request : asked) {
    tell_locally(node, {.kind = PresenceReply::Kind::failed, .to = std::move(request)});
  }
  if (link.hears) tell_locally(node, {.kind = PresenceReply::Kind::lost});
  connect_later(link);
}

void PresenceWorld::check_dead(const Event& event) {
  Link& its = links_[event.a];
  if (event.b != its.generation || !its.is_up) return;
  if (its.cut_in == 0 && its.cut_out == 0 && servers_[its.server]->stopped_until <= now_) return;
  if (nodes_[its.node] && nodes_[its.node]->stopped_until > now_) {
    return events_.postpone(event, nodes_[its.node]->stopped_until);
  }
  break_off(its);
}

/// What a cut has held up goes on.
void PresenceWorld::release(Link& link) {
  for (; link.cut_out == 0 && link.held_out > 0; --link.held_out) {
    plan_event(now_, Kind::at_store, index_of(link), link.generation);
  }
  for (; link.cut_in == 0 && link.held_in > 0; --link.held_in) {
    plan_event(now_, Kind::at_node, index_of(link), link.generation);
  }
}

void PresenceWorld::cut(const PresenceFault& fault, int by) {
  Link& asking = link(fault.a, false);
  Link& hearing = link(fault.a, true);
  if ((fault.b & kAskingOut) != 0) asking.cut_out += by;
  if ((fault.b & kAskingIn) != 0) asking.cut_in += by;
  if ((fault.b & kHearing) != 0) hearing.cut_in += by;
  for (Link* its : {&asking, &hearing}) {
    release(*its);
    plan_event(now_ + kDeadPeer, Kind::link_dead, index_of(*its), its->generation);
  }
}

}  // namespace hearth::sim
