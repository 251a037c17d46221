#include "presence/rooms.hpp"

#include "presence/wording.hpp"
#include "protocol/json.hpp"

#include <algorithm>

namespace hearth::presence {

namespace {

std::string quote(std::string_view text) {
  std::string json;
  protocol::append_quoted(json, text);
  return json;
}

std::chrono::milliseconds interval_of(const RoomRule& rule) {
  const bool lists = rule.presence == RoomPresence::members;
  return rule.presence_interval.value_or(std::chrono::milliseconds(lists ? 100 : 1000));
}

}  // namespace

Rooms::Room::Room(std::uint64_t its_number, std::string its_name, const RoomRule& rule)
    : number(its_number),
      name(std::move(its_name)),
      quoted_name(quote(name)),
      interval(interval_of(rule)),
      roster({.lists = rule.presence == RoomPresence::members,
              .limit = rule.presence_limit,
              .grace = rule.presence_grace}) {}

void Rooms::take(std::uint8_t shard, const Note& note, TimePoint now) {
  auto found = rooms_.find(note.room);
  if (found == rooms_.end()) {
    if (note.kind == Note::Kind::ask) sink_.answer(shard, note.client, note.id_json, nullptr);
    if (note.kind != Note::Kind::joined) return;
    found = rooms_.emplace(note.room, std::make_unique<Room>(++last_number_, note.room, *note.rule)).first;
  }
  Room& room = *found->second;
  switch (note.kind) {
    case Note::Kind::joined:
      if (room.roster.join(note.member)) schedule(room, now + room.interval);
      return;
    case Note::Kind::left:
      if (room.roster.leave(note.client, now)) schedule(room, now + room.interval);
      return let_go(room);
    case Note::Kind::watch:
      settle(room, now);
      room.watched_by.insert(shard);
      return sink_.show(shard, room.name, note.client, picture_of(room));
    case Note::Kind::unwatch:
      room.watched_by.erase(shard);
      return let_go(room);
    case Note::Kind::ask:
      return answer(shard, room, note, now);
  }
}

/// Where nobody is told, everything is as if it had been.
void Rooms::settle(Room& room, TimePoint now) {
  if (!room.watched_by.empty()) return;
  while (room.roster.next(now)) room.shown.reset();
}

TextPtr Rooms::picture_of(Room& room) {
  if (!room.shown) room.shown = std::make_shared<const std::string>(wording(room.quoted_name, room.roster.picture()));
  return room.shown;
}

void Rooms::answer(std::uint8_t shard, Room& room, const Note& note, TimePoint now) {
  settle(room, now);
  const TextPtr text = note.page ? std::make_shared<const std::string>(
                                       wording(room.quoted_name, room.roster.page(note.page->after, note.page->limit)))
                                 : picture_of(room);
  sink_.answer(shard, note.client, note.id_json, text);
}

Picture Rooms::ask(std::string_view name, const Page& page, TimePoint now) {
  const auto room = rooms_.find(name);
  if (room == rooms_.end()) return {};
  settle(*room->second, now);
  return room->second->roster.page(page.after, page.limit);
}

void Rooms::tell(Room& room, TimePoint now) {
  while (const auto change = room.roster.next(now)) {
    room.shown.reset();
    if (room.watched_by.empty()) continue;
    const auto text = std::make_shared<const std::string>(wording(room.quoted_name, *change));
    for (const std::uint8_t shard : room.watched_by) sink_.tell(shard, room.name, text);
  }
  const auto held = room.roster.held_until();
  if (held) schedule(room, std::max(*held, now + room.interval));
}

void Rooms::advance(TimePoint now) {
  while (!due_.empty() && due_.begin()->first.first <= now) {
    Room& room = *due_.begin()->second;
    due_.erase(due_.begin());
    room.due.reset();
    tell(room, now);
    let_go(room);
  }
}

std::optional<TimePoint> Rooms::next_deadline() const {
  return due_.empty() ? std::nullopt : std::optional(due_.begin()->first.first);
}

/// At the earlier of two times.
void Rooms::schedule(Room& room, TimePoint when) {
  if (room.due && *room.due <= when) return;
  if (room.due) due_.erase({*room.due, room.number});
  room.due = when;
  due_.emplace(std::pair(when, room.number), &room);
}

/// What nobody is in and nobody is told of has no need to be remembered.
void Rooms::let_go(Room& room) {
  if (!room.roster.is_empty() || !room.watched_by.empty()) return;
  if (room.due) due_.erase({*room.due, room.number});
  const auto at = rooms_.find(room.name);
  rooms_.erase(at);
}

}  // namespace hearth::presence
