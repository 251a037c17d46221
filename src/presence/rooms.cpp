#include "presence/rooms.hpp"

#include "presence/mistake.hpp"
#include "presence/wording.hpp"

#include <algorithm>

namespace hearth::presence {

Rooms::Rooms(Sink& sink, Cluster cluster, TimePoint now)
    : sink_(sink), cluster_(std::move(cluster)), liveness_(cluster_.self, cluster_.heartbeat, now) {}

Room* Rooms::find(std::string_view name) {
  const auto room = rooms_.find(name);
  return room == rooms_.end() ? nullptr : room->second.get();
}

Room& Rooms::make(const Note& note, TimePoint now) {
  auto made = std::make_unique<Room>(++last_number_, note.room, *note.rule);
  if (!is_alone()) {
    made->own.emplace(made->options.lists, made->options.limit, last_version_);
    // All say everything once more in the same time, and not in the same moment.
    made->heals = now + kHealPeriod * (64 + static_cast<int>(last_number_ % 64)) / 128;
  }
  return *rooms_.emplace(note.room, std::move(made)).first->second;
}

/// A room that was kept although nobody is in it, if somebody comes; null if it is as if it were not there. The rule of
/// its name may be another by now.
Room* Rooms::revive(Room& room, bool somebody_comes) {
  if (!somebody_comes) return nullptr;
  if (room.own->is_done()) {
    forget(room);
    return nullptr;
  }
  room.forgets = {};
  --empty_;
  return &room;
}

void Rooms::take(std::uint8_t shard, const Note& note, TimePoint now) {
  Room* room = find(note.room);
  if (room != nullptr && room->forgets != TimePoint()) room = revive(*room, note.kind == Note::Kind::joined);
  if (room == nullptr) {
    if (note.kind == Note::Kind::ask) sink_.answer(shard, note.client, note.id_json, nullptr);
    if (note.kind != Note::Kind::joined) return;
    room = &make(note, now);
  }
  switch (note.kind) {
    case Note::Kind::joined:
      if (room->own) room->own->join(note.member);
      if (room->roster.join(note.member)) schedule(*room, now + room->interval);
      return;
    case Note::Kind::left:
      std::erase_if(room->waiting, [&](const auto& waits) { return waits.second == note.client; });
      if (room->own) room->own->leave(note.client);
      if (room->roster.leave(note.client, now)) schedule(*room, now + room->interval);
      return let_go(*room, now);
    case Note::Kind::watch:
      return take_watch(shard, *room, note.client, now);
    case Note::Kind::unwatch:
      room->watched_by.erase(shard);
      return let_go(*room, now);
    case Note::Kind::ask:
      return take_question(shard, *room, note, now);
  }
}

// --- who wants to know

void Rooms::take_watch(std::uint8_t shard, Room& room, const ClientId& client, TimePoint now) {
  room.waiting.emplace_back(shard, client);
  if (is_alone()) return show(room, now);
  if (!room.others) {
    room.others.emplace(cluster_.self, cluster_.heartbeat * 2);
    cluster_.store->watch(room.name);
  }
  if (room.others->is_ready() || liveness_.is_stale()) show(room, now);
}

/// Nobody wants to be told any more.
void Rooms::forget_others(Room& room) {
  cluster_.store->unwatch(room.name);
  room.others.reset();
  room.roster = room.fresh_roster();
  room.shown.reset();
}

/// All who wait for it.
void Rooms::show(Room& room, TimePoint now) {
  if (room.waiting.empty()) return;
  settle(room, now);
  for (const auto& [shard, client] : std::exchange(room.waiting, {})) {
    room.watched_by.insert(shard);
    sink_.show(shard, room.name, client, picture_of(room));
  }
}

/// Where nobody is told, everything is as if it had been.
void Rooms::settle(Room& room, TimePoint now) {
  if (!room.watched_by.empty()) return;
  while (room.roster.next(now)) room.shown.reset();
}

TextPtr Rooms::picture_of(Room& room) {
  if (liveness_.is_stale()) {
    return std::make_shared<const std::string>(wording(room.quoted_name, room.roster.picture(), true));
  }
  if (!room.shown) {
    room.shown = std::make_shared<const std::string>(wording(room.quoted_name, room.roster.picture(), false));
  }
  return room.shown;
}

void Rooms::take_question(std::uint8_t shard, Room& room, const Note& note, TimePoint now) {
  const auto told = [this, shard, note, quoted = room.quoted_name](const Picture& picture, bool is_stale) {
    sink_.answer(shard, note.client, note.id_json,
                 std::make_shared<const std::string>(wording(quoted, picture, is_stale)));
  };
  if (is_alone() || liveness_.is_stale() || (room.others && room.others->is_ready())) {
    settle(room, now);
    if (!note.page) return sink_.answer(shard, note.client, note.id_json, picture_of(room));
    return told(room.roster.page(note.page->after, note.page->limit), liveness_.is_stale());
  }
  questions_[room.name].push_back({room.options, note.page, told});
  want_read(room.name);
}

void Rooms::ask(const std::string& name, const RoomRule& rule, const Page& page, Told told, TimePoint now) {
  Room* room = find(name);
  const bool is_stale = liveness_.is_stale();
  if (room != nullptr && (is_alone() || is_stale || (room->others && room->others->is_ready()))) {
    settle(*room, now);
    return told(room->roster.page(page.after, page.limit), is_stale);
  }
  if (is_alone() || is_stale) return told({}, is_stale);
  questions_[name].push_back({Room(0, name, rule).options, page, std::move(told)});
  want_read(name);
}

/// Those who asked where nobody keeps what the others say.
void Rooms::answer(const std::string& name, std::span<const Entry> entries, TimePoint now) {
  const auto asked = questions_.find(name);
  if (asked == questions_.end()) return;
  const std::vector<Question> questions = std::move(asked->second);
  questions_.erase(asked);
  const Room* room = find(name);
  for (const Question& question : questions) {
    Roster roster = room != nullptr ? room->fresh_roster() : Roster(question.options);
    Others others(cluster_.self, {});
    others.read(entries, roster, now);
    while (roster.next(now)) {
    }
    const Picture picture = question.page ? roster.page(question.page->after, question.page->limit) : roster.picture();
    question.told(picture, liveness_.is_stale());
  }
}

// --- what there is to tell

void Rooms::tell(Room& room, TimePoint now) {
  while (const auto change = room.roster.next(now)) {
    room.shown.reset();
    if (room.watched_by.empty()) continue;
    ++done_.changes;
    const auto text = std::make_shared<const std::string>(wording(room.quoted_name, *change, liveness_.is_stale()));
    for (const std::uint8_t shard : room.watched_by) sink_.tell(shard, room.name, text);
  }
  const auto held = room.roster.held_until();
  if (held) schedule(room, std::max(*held, now + room.interval));
  tell_others(room, now);
}

void Rooms::tell_others(Room& room, TimePoint now) {
  if (!room.own || liveness_.is_stale()) return;
  if (now < room.retries) return schedule(room, room.retries);
  if (now >= room.heals) {
    room.own->repeat();
    room.heals = now + kHealPeriod;
  }
  if (const auto report = room.own->next(room.roster.listed_counts())) {
    ++done_.reports;
    cluster_.store->write(room.name, *report);
  }
  if (!room.own->members().empty()) schedule(room, room.heals);
}

void Rooms::written(const std::string& name, bool is_done, TimePoint now) {
  if (!is_done) ++done_.failures;
  Room* room = find(name);
  if (room == nullptr || !room->own) return;
  is_done ? room->own->written() : room->own->failed();
  if (!is_done) room->retries = now + kRetry;
  schedule(*room, is_done ? now + room->interval : room->retries);
  let_go(*room, now);
}

void Rooms::report(std::string_view node, const std::string& name, const Report& report, TimePoint now) {
  if (node == cluster_.self) return;
  liveness_.heard(node, now);
  Room* room = find(name);
  if (room == nullptr || !room->others) return;
  room->others->report(node, report, room->roster, now);
  if (room->others->wants_read(now)) want_read(name);
  schedule(*room, now + room->interval);
}

void Rooms::watched(const std::string& name, TimePoint now) {
  Room* room = find(name);
  if (room == nullptr || !room->others || made(Mistake::trusts_a_renewed_watch)) return;
  room->others->doubt();
  if (room->others->wants_read(now)) want_read(name);
}

// --- the store is read

void Rooms::want_read(const std::string& room) {
  if (!reading_.insert(room).second) return;
  to_read_.push_back(room);
  read_next();
}

void Rooms::read_next() {
  while (reads_ < kMostReads && !to_read_.empty()) {
    const std::string name = std::move(to_read_.front());
    to_read_.pop_front();
    if (Room* room = find(name); room != nullptr && room->others) room->others->begin_read();
    ++reads_;
    ++done_.reads;
    cluster_.store->read(name);
  }
}

/// What comes first may be something else: then it is seen to once more.
void Rooms::read_again(Room& room) {
  if (!room.others || made(Mistake::forgets_to_read_again)) return;
  if (const auto again = room.others->next_read()) schedule(room, *again);
}

void Rooms::read(const std::string& name, std::span<const Entry> entries, TimePoint now) {
  --reads_;
  reading_.erase(name);
  for (const Entry& entry : entries) liveness_.heard(entry.node, now);
  answer(name, entries, now);
  if (Room* room = find(name); room != nullptr && room->others) {
    room->others->read(entries, room->roster, now);
    show(*room, now);
    schedule(*room, now + room->interval);
    if (room->others->wants_read(now)) want_read(name);
    read_again(*room);
  }
  read_next();
}

void Rooms::read_failed(const std::string& name, TimePoint now) {
  ++done_.failures;
  --reads_;
  reading_.erase(name);
  answer(name, {}, now);
  if (Room* room = find(name); room != nullptr && room->others) {
    room->others->read_failed(now + kRetry);
    show(*room, now);
    schedule(*room, now + kRetry);
  }
  read_next();
}

// --- who lives

void Rooms::look(TimePoint now) {
  if (is_alone()) return;
  const Liveness::Ask ask = liveness_.next(now);
  if (ask != Liveness::Ask::nothing) cluster_.store->look(ask == Liveness::Ask::beat, liveness_.life());
}

void Rooms::living(std::span<const std::string> nodes, bool was_missing, TimePoint now) {
  const Liveness::Change change = liveness_.answered(nodes, was_missing, now);
  if (!change.was_missing && !change.is_back && change.dead.empty()) return;
  for (auto& [name, room] : rooms_) {
    if (change.was_missing && !made(Mistake::keeps_silent_after_missing)) room->own->repeat();
    if (room->others && change.is_back) {
      room->others->doubt();
      want_read(name);
    }
    for (const std::string& node : change.dead) {
      if (!room->others) continue;  // whoever reads it passes over what the dead have left
      room->others->dead(node, room->roster, now);
      cluster_.store->forget(name, node);
    }
    schedule(*room, now + room->interval);
  }
}

void Rooms::cut_off(TimePoint now) {
  ++done_.failures;
  liveness_.failed(now);
  for (auto& [name, room] : rooms_) show(*room, now);
}

// --- time

void Rooms::advance(TimePoint now) {
  while (!due_.empty() && due_.begin()->first.first <= now) {
    Room& room = *due_.begin()->second;
    due_.erase(due_.begin());
    room.due.reset();
    tell(room, now);
    if (room.others && room.others->wants_read(now)) want_read(room.name);
    read_again(room);
    let_go(room, now);
  }
  look(now);
}

std::optional<TimePoint> Rooms::next_deadline() const {
  std::optional<TimePoint> next;
  if (!due_.empty()) next = due_.begin()->first.first;
  if (!is_alone() && (!next || liveness_.next_deadline() < *next)) next = liveness_.next_deadline();
  return next;
}

void Rooms::finish(TimePoint now) {
  for (auto& [name, room] : rooms_) tell_others(*room, now);
}

bool Rooms::owes() const {
  return std::any_of(rooms_.begin(), rooms_.end(),
                     [](const auto& room) { return room.second->own && !room.second->own->is_done(); });
}

PresenceMetrics Rooms::metrics() const {
  PresenceMetrics metrics = done_;
  metrics.rooms = size();
  for (const auto& [name, room] : rooms_) metrics.members += room->roster.size();
  metrics.instances = liveness_.known();
  metrics.stale = liveness_.is_stale();
  return metrics;
}

/// At the earlier of two times.
void Rooms::schedule(Room& room, TimePoint when) {
  if (room.due && *room.due <= when) return;
  if (room.due) due_.erase({*room.due, room.number});
  room.due = when;
  due_.emplace(std::pair(when, room.number), &room);
}

/// What nobody is in, nobody is told of, and the others know to be empty has no need to be remembered.
void Rooms::let_go(Room& room, TimePoint now) {
  if (!room.watched_by.empty() || !room.waiting.empty()) return;
  if (room.others) forget_others(room);
  if (!room.roster.is_empty() || (room.own && !room.own->is_done())) return;
  // ⚑ A store that has lost its end has those again who had just left, and has to be told once more that they have.
  if (room.own && room.own->version() > 0 && room.forgets == TimePoint() && empty_ < kMostEmpty) {
    room.forgets = now + kLossTime;
    ++empty_;
  }
  now < room.forgets ? schedule(room, room.forgets) : forget(room);
}

void Rooms::forget(Room& room) {
  if (room.own && !made(Mistake::counts_versions_anew)) last_version_ = std::max(last_version_, room.own->version());
  if (room.forgets != TimePoint()) --empty_;
  if (room.due) due_.erase({*room.due, room.number});
  rooms_.erase(rooms_.find(room.name));
}

}  // namespace hearth::presence
