#include "sim/presence_node.hpp"

#include "presence/kept.hpp"
#include "sim/presence_world.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>

namespace hearth::sim {

using presence::ClientId;
using presence::Note;

namespace {

constexpr std::chrono::seconds kHeartbeat{5};
constexpr std::size_t kPage = 3;

ClientId client_id(std::uint32_t member) {
  ClientId id;
  id.bytes[6] = 0x40;
  id.bytes[8] = 0x80;
  for (std::size_t i = 0; i < 4; ++i) id.bytes[12 + i] = static_cast<std::uint8_t>(member >> (24 - 8 * i));
  return id;
}

std::uint32_t member_of(const ClientId& id) {
  std::uint32_t member = 0;
  for (std::size_t i = 0; i < 4; ++i) member = member << 8U | id.bytes[12 + i];
  return member;
}

std::uint32_t member_of(const boost::json::value& id) { return member_of(*ClientId::parse(id.as_string())); }

/// Writes down what a client has been told, as it understands it.
class Telling {
 public:
  Telling(PresenceWorld& world, std::uint32_t room, const std::string& text)
      : world_(world), room_(room), json_(boost::json::parse(text)) {}

  /// `shows`: it is everybody, whatever was told before.
  void to(std::uint32_t who, bool shows) const {
    Record record;
    record.who = who;
    record.room = room_;
    record.top = number("version");
    record.kind = shows ? RecordKind::shown : RecordKind::shown_more;
    const bool is_change = has("joined") || has("left");
    record.gave_position = !shows && !is_change;
    world_.record(record);
    each("left", [&](const boost::json::value& id) { member(RecordKind::unseen, who, member_of(id), 0); });
    for (const char* const key : {"members", "joined"}) {
      each(key, [&](const boost::json::value& one) {
        member(RecordKind::seen, who, member_of(one.at("id")), one.at("info").to_number<std::uint64_t>());
      });
    }
    record.kind = RecordKind::numbers;
    record.count = number("clients");
    record.gave_position = is_change || has("members");
    world_.record(record);
  }

 private:
  bool has(const char* key) const { return json_.as_object().contains(key); }
  std::uint64_t number(const char* key) const { return json_.at(key).to_number<std::uint64_t>(); }
  template <class Each>
  void each(const char* key, const Each& call) const {
    if (!has(key)) return;
    for (const boost::json::value& one : json_.at(key).as_array()) call(one);
  }
  void member(RecordKind kind, std::uint32_t who, std::uint32_t member, std::uint64_t node) const {
    Record record;
    record.kind = kind;
    record.who = who;
    record.room = room_;
    record.key = member;
    record.count = node;
    world_.record(record);
  }

  PresenceWorld& world_;
  const std::uint32_t room_;
  const boost::json::value json_;
};

}  // namespace

PresenceNode::PresenceNode(PresenceWorld& its_world, std::uint32_t its_index, std::uint32_t its_id)
    : world(its_world),
      index(its_index),
      id(its_id),
      name(std::string("n").append(std::to_string(its_id))),
      rooms_here_(its_world.plan().rooms.size()),
      rooms_(*this, {.store = this, .self = name, .heartbeat = kHeartbeat}, its_world.time()) {}

// --- what happens on its shards

std::uint8_t PresenceNode::shard_of(std::uint32_t member) const {
  return static_cast<std::uint8_t>(member % world.plan().shards);
}

void PresenceNode::note(std::uint8_t shard, Note note) {
  mail_.emplace_back(shard, std::move(note));
  world.mail_waits(*this);
}

void PresenceNode::join(std::uint32_t room, std::uint32_t member, std::uint32_t user) {
  if (!rooms_here_[room].members.insert(member).second) return;
  Record truth;
  truth.kind = RecordKind::present;
  truth.room = room;
  truth.key = member;
  truth.count = id;
  world.record(truth);
  presence::Member joined{.id = client_id(member), .info = std::to_string(id)};
  if (user != 0) joined.user = std::string("u").append(std::to_string(user));
  note(shard_of(member), {.kind = Note::Kind::joined,
                          .room = world.room_name(room),
                          .rule = world.rule(room),
                          .member = std::make_shared<const presence::Member>(std::move(joined))});
}

void PresenceNode::leave(std::uint32_t room, std::uint32_t member) {
  Here& here = rooms_here_[room];
  if (here.members.erase(member) == 0) return;
  Record record;
  record.kind = RecordKind::absent;
  record.room = room;
  record.key = member;
  world.record(record);
  record.kind = RecordKind::leave;
  record.who = member;
  world.record(record);
  const std::uint8_t shard = shard_of(member);
  const auto its = [&](const auto& one) { return shard_of(one.first) == shard; };
  if (here.watching.erase(member) > 0 && std::none_of(here.watching.begin(), here.watching.end(), its)) {
    note(shard, {.kind = Note::Kind::unwatch, .room = world.room_name(room)});
  }
  note(shard, {.kind = Note::Kind::left, .room = world.room_name(room), .client = client_id(member)});
}

void PresenceNode::watch(std::uint32_t room, std::uint32_t member) {
  if (!is_in(room, member)) return;
  rooms_here_[room].watching.try_emplace(member, false);
  note(shard_of(member), {.kind = Note::Kind::watch, .room = world.room_name(room), .client = client_id(member)});
}

void PresenceNode::ask(std::uint32_t room, std::uint32_t member, bool by_pages) {
  if (!is_in(room, member)) return;
  ++unanswered;
  Note asked{.kind = Note::Kind::ask, .room = world.room_name(room), .client = client_id(member), .id_json = R"("q")"};
  if (by_pages) asked.page = presence::Page{.after = {}, .limit = kPage};
  note(shard_of(member), std::move(asked));
}

void PresenceNode::take_said() {
  while (!said.empty()) {
    const SaidToShard item = std::move(said.front());
    said.pop_front();
    const std::uint32_t room = world.room_number(item.room);
    Here& here = rooms_here_[room];
    if (item.kind == SaidToShard::Kind::answer) {
      --unanswered;
      continue;
    }
    const Telling telling(world, room, *item.text);
    if (item.kind == SaidToShard::Kind::tell) {
      for (const auto& [member, is_shown] : here.watching) {
        if (is_shown && shard_of(member) == item.shard) telling.to(member, false);
      }
      continue;
    }
    const auto watching = here.watching.find(member_of(item.client));
    if (watching == here.watching.end()) continue;
    watching->second = true;
    telling.to(watching->first, true);
  }
}

// --- its presence thread

void PresenceNode::take_mail() {
  while (!mail_.empty()) {
    const auto [shard, note] = std::move(mail_.front());
    mail_.pop_front();
    rooms_.take(shard, note, world.time());
  }
  advance();
}

void PresenceNode::advance() {
  if (ends_by != 0) return rooms_.finish(world.time());
  rooms_.advance(world.time());
  if (const auto next = rooms_.next_deadline()) world.advance_at(*this, *next);
}

void PresenceNode::finish() {
  take_mail();
  rooms_.finish(world.time());
}

void PresenceNode::take(const PresenceReply& reply) {
  const auto now = world.time();
  using Kind = PresenceRequest::Kind;
  const bool is_done = reply.kind == PresenceReply::Kind::answered;
  switch (reply.kind) {
    case PresenceReply::Kind::lost:
      rooms_.lost(now);
      break;
    case PresenceReply::Kind::watched:
      rooms_.watched(reply.room, now);
      break;
    case PresenceReply::Kind::said:
      rooms_.report(reply.from, reply.room, presence::report_of(*reply.report), now);
      break;
    case PresenceReply::Kind::answered:
    case PresenceReply::Kind::failed:
      if (reply.to.kind == Kind::look) {
        is_done ? rooms_.living(reply.living.instances, reply.living.was_missing, now) : rooms_.cut_off(now);
      } else if (reply.to.kind == Kind::write) {
        rooms_.written(reply.to.room, is_done, now);
      } else if (reply.to.kind == Kind::read) {
        std::vector<presence::Entry> entries;
        for (const PresenceEntry& entry : reply.entries) entries.push_back(presence::entry_of(entry));
        is_done ? rooms_.read(reply.to.room, entries, now) : rooms_.read_failed(reply.to.room, now);
      }
      break;
  }
  advance();
}

void PresenceNode::ask_as_application(std::uint32_t room) {
  ++unanswered;
  const auto told = [this, room](const presence::Picture& picture, bool) {
    --unanswered;
    Record record;
    record.kind = RecordKind::shown;
    record.who = kApplications + id;
    record.room = room;
    record.top = picture.version;
    world.record(record);
    for (const presence::MemberPtr& member : picture.members) {
      record.kind = RecordKind::seen;
      record.key = member_of(member->id);
      record.count = std::stoull(member->info);
      world.record(record);
    }
    record.kind = RecordKind::numbers;
    record.count = picture.counts.clients;
    record.gave_position = picture.is_listed;
    world.record(record);
  };
  rooms_.ask(world.room_name(room), *world.rule(room), {.after = {}, .limit = presence::Roster::kMostListed}, told,
             world.time());
  advance();
}

void PresenceNode::tell(std::uint8_t shard, const std::string& room, const presence::TextPtr& text) {
  said.push_back({SaidToShard::Kind::tell, shard, room, {}, text});
  world.said_waits(*this);
}

void PresenceNode::show(std::uint8_t shard, const std::string& room, const ClientId& client,
                        const presence::TextPtr& text) {
  said.push_back({SaidToShard::Kind::show, shard, room, client, text});
  world.said_waits(*this);
}

void PresenceNode::answer(std::uint8_t shard, const ClientId& client, const std::string&,
                          const presence::TextPtr& text) {
  said.push_back({SaidToShard::Kind::answer, shard, world.room_name(0), client, text});
  world.said_waits(*this);
}

void PresenceNode::look(bool renews, std::chrono::milliseconds life) {
  world.ask(*this, {.kind = PresenceRequest::Kind::look, .life = renews ? std::optional(life) : std::nullopt});
}

void PresenceNode::write(const std::string& room, const presence::Report& report) {
  world.ask(*this, {.kind = PresenceRequest::Kind::write, .room = room, .report = presence::kept_report(room, report)});
}

void PresenceNode::read(const std::string& room) {
  world.ask(*this, {.kind = PresenceRequest::Kind::read, .room = room});
}

void PresenceNode::forget(const std::string& room, const std::string& node) {
  world.ask(*this, {.kind = PresenceRequest::Kind::forget, .room = room, .instance = node});
}

void PresenceNode::watch(const std::string& room) {
  channels.insert(room);
  world.subscribe(*this, room, true);
}

void PresenceNode::unwatch(const std::string& room) {
  channels.erase(room);
  world.subscribe(*this, room, false);
}

}  // namespace hearth::sim
