#include "sim/world.hpp"

#include "history/checker/checker.hpp"
#include "sim/mistakes.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace hearth::sim {

namespace {

constexpr Micros kDeadPeer = 2 * kSecond;  // until a node notices that nothing comes any more

}  // namespace

void World::send(Link& link, Request request) {
  link.last_out = std::max(link.last_out, now_ + latency());
  link.out.push_back(std::move(request));
  plan_event(link.last_out, Kind::at_store, index_of(link), link.generation);
}

void World::reply(Link& link, Reply reply) {
  link.last_in = std::max(link.last_in, now_ + latency());
  link.in.push_back(std::move(reply));
  plan_event(link.last_in, Kind::at_node, index_of(link), link.generation);
}

void World::at_store(const Event& event) {
  Link& link = link_of(event);
  if (event.b != link.generation || link.out.empty()) return;
  if (link.cut_out > 0) {
    ++link.held_out;
    return;
  }
  if (servers_[link.server].stopped_until > now_) return events_.postpone(event, servers_[link.server].stopped_until);
  const Request request = std::move(link.out.front());
  link.out.pop_front();
  serve(link, request);
}

void World::at_node(const Event& event) {
  Link& link = link_of(event);
  if (event.b != link.generation || link.in.empty()) return;
  if (link.cut_in > 0) {
    ++link.held_in;
    return;
  }
  Node& node = *nodes_[link.node];
  if (node.stopped_until > now_) return events_.postpone(event, node.stopped_until);
  Reply reply = std::move(link.in.front());
  link.in.pop_front();
  node.reply(is_subscribing(link), reply);
  node.pump();
}

Logs::Context World::context(const Process& process, std::uint32_t room) {
  Logs::Context context;
  context.process = process;
  context.new_epoch = {network_.next() >> 16U | 1U};
  context.now_ms = moment().wall_ms;
  context.retention = retention(room);
  context.trim_slack = plan_.trim_slack;
  return context;
}

void World::serve(Link& link, const Request& request) {
  Server& server = servers_[link.server];
  const bool is_script = request.kind == Request::Kind::append || request.kind == Request::Kind::read;
  if (is_script && !server.has_script)
    return reply(link, {.kind = Reply::Kind::no_script, .id = request.id, .to = request.kind});
  switch (request.kind) {
    case Request::Kind::append: {
      if (server.refuses_until > now_) return reply(link, {.kind = Reply::Kind::refused, .to = request.kind});
      const Logs::Outcome outcome = append(server, request);
      if (outcome.is_out_of_order) return reply(link, {.kind = Reply::Kind::out_of_order});
      reply(link, {.kind = Reply::Kind::appended,
                   .room = request.draft.room,
                   .is_branch = outcome.is_branch,
                   .appended = outcome.appended});
      if (outcome.publication) publish(link.server, outcome.publication);
      return;
    }
    case Request::Kind::read: {
      // One that has to begin a log or a branch writes.
      if (server.refuses_until > now_ && server.logs.top(request.room).lineage.empty()) {
        return reply(link, {.kind = Reply::Kind::refused, .id = request.id, .to = request.kind});
      }
      Logs::Page read = server.logs.read(request.room, context(request.process, request.room), request.after,
                                         request.count, plan_.page);
      return reply(link, {.kind = Reply::Kind::page,
                          .room = request.room,
                          .id = request.id,
                          .is_branch = read.is_branch,
                          .page = std::move(read.page)});
    }
    case Request::Kind::tops: {
      std::vector<LogTop> tops;
      for (const std::uint32_t room : request.rooms) tops.push_back(server.logs.top(room));
      return reply(link, {.kind = Reply::Kind::tops, .id = request.id, .tops = std::move(tops)});
    }
    case Request::Kind::subscribe:
      link.channels = static_cast<std::uint8_t>(link.channels | 1U << request.room);
      return reply(link, {.kind = Reply::Kind::subscribed, .room = request.room});
    case Request::Kind::unsubscribe:
      link.channels = static_cast<std::uint8_t>(link.channels & ~(1U << request.room));
      return;
    case Request::Kind::load_script:
      server.has_script = true;
      return;
  }
}

Logs::Outcome World::append(Server& server, const Request& request) {
  const Draft& draft = request.draft;
  std::vector<std::string> exclude;
  if (draft.excluded != 0) exclude.push_back(client_name(draft.excluded - 1));
  Logs::Outcome outcome = server.logs.append(context(request.process, draft.room),
                                             {&draft, request.publisher, request.sequence, request.previous, exclude});
  const PublicationPtr& publication = outcome.publication;
  if (!publication) return outcome;
  publications_.push_back(publication);
  Record record;
  record.kind = RecordKind::entry;
  record.who = draft.publisher;
  record.room = draft.room;
  record.position = publication->position();
  record.hash = draft.key;
  record.key = draft.key;
  this->record(record);
  if (draft.excluded != 0) {
    record.kind = RecordKind::excluded;
    record.who = draft.excluded - 1;
    this->record(record);
  }
  if (publications_.size() % 64 == 1) {
    Record plain;
    plain.kind = RecordKind::plain;
    plain.text = records_.text(std::string(publication->plain()) + '}');
    this->record(plain);
  }
  return outcome;
}

void World::publish(std::uint32_t server, const PublicationPtr& publication) {
  const std::uint32_t room = room_number(publication->room());
  for (std::size_t at = 1; at < links_.size(); at += 2) {
    Link& link = links_[at];
    if (link.state != Link::State::up || link.server != server || (link.channels >> room & 1U) == 0) continue;
    reply(link, {.kind = Reply::Kind::publication, .room = room, .publication = publication});
  }
}

void World::connect_later(Link& link) {
  link.state = Link::State::connecting;
  plan_event(now_ + network_.magnitude(5 * kMilli, 500 * kMilli), Kind::connect, index_of(link), link.generation);
}

void World::connect(const Event& event) {
  Link& link = link_of(event);
  if (event.b != link.generation || link.state != Link::State::connecting || !nodes_[link.node]) return;
  Node& node = *nodes_[link.node];
  if (node.stopped_until > now_) return events_.postpone(event, node.stopped_until);
  Server& server = servers_[primary_];
  if (!server.alive || server.stopped_until > now_ || link.cut_in > 0 || link.cut_out > 0) return connect_later(link);
  link.state = Link::State::up;
  link.server = primary_;
  link.last_in = link.last_out = now_;
  server.has_script = server.has_script || !is_subscribing(link);  // loaded whenever a link comes up
  const bool is_back = link.process.id != 0;
  link.process = server.process;
  node.link_up(is_subscribing(link), is_back);
  node.pump();
}

void World::close(Link& link) {
  if (link.state == Link::State::up) break_off(link);
}

/// The node gives a connection up. What it had sent may come to the server all the same, later.
void World::break_off(Link& link) {
  const Micros late = std::max(now_, servers_[link.server].stopped_until) + network_.magnitude(kMilli, 3 * kSecond);
  if (servers_[link.server].alive && nodes_[link.node] && network_.chance(40)) {
    for (Request& request : link.out) {
      if (request.kind != Request::Kind::append) continue;
      ghosts_.emplace_back(std::move(request), link.server);
      plan_event(late, Kind::ghost, static_cast<std::uint32_t>(ghosts_.size() - 1), link.node);
    }
  }
  ++link.generation;
  link.channels = 0;
  link.held_in = link.held_out = 0;
  link.in.clear();
  link.out.clear();
  link.state = Link::State::down;
  if (!nodes_[link.node]) return;
  connect_later(link);
  nodes_[link.node]->link_down(is_subscribing(link));
  nodes_[link.node]->pump();
}

void World::check_dead(const Event& event) {
  Link& link = link_of(event);
  if (event.b != link.generation || link.state != Link::State::up) return;
  const bool is_silent = link.cut_in > 0 || link.cut_out > 0 || servers_[link.server].stopped_until > now_;
  if (!is_silent) return;
  if (nodes_[link.node] && nodes_[link.node]->stopped_until > now_) {
    return events_.postpone(event, nodes_[link.node]->stopped_until);
  }
  break_off(link);
}

/// What a cut has held up goes on.
void World::release(Link& link) {
  for (; link.cut_out == 0 && link.held_out > 0; --link.held_out) {
    plan_event(now_, Kind::at_store, index_of(link), link.generation);
  }
  for (; link.cut_in == 0 && link.held_in > 0; --link.held_in) {
    plan_event(now_, Kind::at_node, index_of(link), link.generation);
  }
}

void World::cut(const Fault& fault, int by) {
  Link& appending = link(fault.a, false);
  Link& subscribing = link(fault.a, true);
  if ((fault.b & kCutAppends) != 0) appending.cut_out += by;
  if ((fault.b & kCutAnswers) != 0) appending.cut_in += by;
  if ((fault.b & kCutSubscribing) != 0) subscribing.cut_in += by;
  for (Link* link : {&appending, &subscribing}) {
    release(*link);
    plan_event(now_ + kDeadPeer, Kind::link_dead, index_of(*link), link->generation);
  }
}

}  // namespace hearth::sim
