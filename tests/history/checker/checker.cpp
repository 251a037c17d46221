#include "history/checker/checker.hpp"

#include "history/checker/alarms.hpp"
#include "history/checker/branches.hpp"
#include "history/checker/presence_rules.hpp"
#include "history/checker/publisher_rules.hpp"
#include "history/lineage.hpp"
#include "protocol/json.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace hearth::test {

namespace {

using history::Reason;

constexpr std::size_t kMostViolations = 100;
constexpr std::uint64_t kMostEntries = 10'000'000;  // of a branch

/// A position whose branch has been looked up.
struct Place {
  std::size_t branch;
  std::uint64_t offset;
};

/// A logical client in a room: what it has been given, over all its connections.
struct Member {
  std::optional<Place> stands;  // as it knows itself
  std::optional<Place> since;   // what its last join asked for
  bool joined = false;
  bool answered = false;
  std::vector<std::vector<bool>> got;  // by branch and offset
};

class Check {
 public:
  Check(const Records& records, const CheckOptions& options) : records_(records), alarms_(options.aftermath) {}

  std::vector<Violation> run() {
    for (at_ = 0; at_ < records_.list.size(); ++at_) learn(records_.list[at_]);
    for (at_ = 0; at_ < records_.list.size(); ++at_) follow(records_.list[at_]);
    for (std::uint32_t room = 0; room < rooms_.size(); ++room) {
      publishers_.end(room, rooms_[room].branches, rooms_[room].end,
                      [this](auto rule, auto what) { fail(rule, what); });
    }
    presence_.end([this](auto rule, auto what) { fail(rule, what); });
    return std::move(violations_);
  }

 private:
  struct Room {
    Branches branches;
    std::uint64_t size = 0;
    std::optional<Place> end;  // how the log is at the end; newest branch and top
    std::set<std::pair<std::uint32_t, std::pair<std::size_t, std::uint64_t>>> excluded;  // who, branch, offset
    std::vector<Member> members;
  };

  [[gnu::noinline]] void fail(std::string_view rule, std::string what) {
    if (violations_.size() < kMostViolations) violations_.push_back({std::string(rule), std::move(what), at_});
  }

  Room& room_of(const Record& record) {
    if (record.room >= rooms_.size()) rooms_.resize(record.room + 1);
    return rooms_[record.room];
  }
  Member& member_of(const Record& record) {
    auto& members = room_of(record).members;
    if (record.who >= members.size()) members.resize(record.who + 1);
    return members[record.who];
  }

  static std::string name(const Position& position) {
    return position.epoch.str() + ':' + std::to_string(position.offset);
  }
  std::string name(const Room& room, const Place& place) const {
    return name(Position{room.branches.all()[place.branch].epoch, place.offset});
  }
  static std::string who(const Record& record) {
    return "client " + std::to_string(record.who) + " in room " + std::to_string(record.room);
  }

  /// What the observers and the fault driver say, whenever they say it.
  void learn(const Record& record) {
    Room& room = room_of(record);
    switch (record.kind) {
      case RecordKind::retain:
        room.size = record.count;
        break;
      case RecordKind::branch:
        if (!room.branches.add(record.position.epoch, record.position.offset, record.parent, record.at)) {
          fail("C4", "epoch " + record.position.epoch.str() + " names two branches");
        }
        break;
      case RecordKind::entry:
        learn_entry(record, room);
        break;
      case RecordKind::excluded:
        if (const auto place = locate(room, record.position)) {
          room.excluded.insert({record.who, {room.branches.owner(place->branch, place->offset), place->offset}});
        }
        break;
      case RecordKind::end_top:
        if (const auto branch = room.branches.find(record.parent)) room.end = Place{*branch, record.position.offset};
        break;
      case RecordKind::send:
        publishers_.sent(record);
        break;
      case RecordKind::refused:
        publishers_.refused(record);
        break;
      case RecordKind::rolled_back:
        publishers_.told(record);
        break;
      case RecordKind::node_gone:
        publishers_.gone(record);
        break;
      default:
        break;
    }
  }

  void learn_entry(const Record& record, Room& room) {
    const auto branch = room.branches.find(record.position.epoch);
    const std::uint64_t offset = record.position.offset;
    if (!branch || offset < room.branches.all()[*branch].first ||
        offset - room.branches.all()[*branch].first > kMostEntries) {
      return fail("C4", "the log has " + name(record.position) + " outside of any branch");
    }
    Branches::Entry& entry = room.branches.put_entry(*branch, offset);
    if (entry.is_there && (entry.hash != record.hash || entry.key != record.key)) {
      fail("C4", "the log has two publications at " + name(record.position));
    }
    entry = {record.hash, record.key, record.who, true};
  }

  static std::optional<Place> locate(const Room& room, const Position& position) {
    const auto branch = room.branches.find(position.epoch);
    return branch ? std::optional(Place{*branch, position.offset}) : std::nullopt;
  }

  /// What happened, in its order.
  void follow(const Record& record) {
    alarms_.follow(record);
    const auto report = [this](auto rule, auto what) { fail(rule, what); };
    switch (record.kind) {
      case RecordKind::join:
        follow_join(record);
        break;
      case RecordKind::answer:
        follow_answer(record);
        break;
      case RecordKind::recv:
        follow_recv(record);
        break;
      case RecordKind::gap:
        follow_gap(record);
        break;
      case RecordKind::leave:
        member_of(record).joined = false;
        break;
      case RecordKind::close:
        for (Room& room : rooms_) {
          if (record.who < room.members.size()) room.members[record.who].joined = false;
        }
        break;
      case RecordKind::plain:
        follow_plain(record);
        break;
      case RecordKind::stand:
        follow_stand(record);
        break;
      case RecordKind::acked:
        publishers_.acked(record, room_of(record).branches, report);
        break;
      case RecordKind::bound:
        if (record.count > record.top) {
          fail("C11", records_.texts[record.text] + " is " + std::to_string(record.count) + ", more than " +
                          std::to_string(record.top));
        }
        break;
      default:
        presence_.follow(record, report);
        break;
    }
  }

  void follow_plain(const Record& record) {
    const std::string& text = records_.texts[record.text];
    if (auto wrong = wrong_for_ignis(text); !wrong.empty()) fail("C10", std::move(wrong));
    if (record.key == 0) return;
    const std::string& first = records_.texts[plain_.try_emplace(record.key, record.text).first->second];
    if (first != text) fail("C10", "one is sent " + text + ", another " + first);
  }

  void follow_join(const Record& record) {
    Member& member = member_of(record);
    member.joined = true;
    member.answered = false;
    member.since.reset();
    if (record.gave_position) member.since = locate(room_of(record), record.position);
    if (!record.gave_position) member.stands.reset();  // it begins anew
  }

  void follow_answer(const Record& record) {
    Room& room = room_of(record);
    Member& member = member_of(record);
    if (!member.joined || member.answered) return fail("C2", who(record) + " was answered without having asked");
    member.answered = true;
    if (record.lost) return break_off(record, room, member, member.since);
    const auto place = record.has_position ? locate(room, record.position) : std::nullopt;
    if (!place) return fail("C4", who(record) + " stands at " + name(record.position) + ", which the log never had");
    if (record.gave_position && !(member.since && member.since->offset == place->offset &&
                                  room.branches.is_on_line(place->branch, member.since->branch, place->offset))) {
      fail("C2", who(record) + " was recovered at " + name(record.position) + " and had asked for " +
                     (member.since ? name(room, *member.since) : "an epoch that never was"));
    }
    member.stands = place;
  }

  void follow_gap(const Record& record) {
    Member& member = member_of(record);
    if (!member.joined) return fail("C2", who(record) + " was told of a gap and is not a member");
    break_off(record, room_of(record), member, member.stands);
  }

  /// Continuity was said to be broken: rightly so, and where it says?
  void break_off(const Record& record, Room& room, Member& member, const std::optional<Place>& before) {
    const Reason reason = record.lost.value_or(Reason::epoch);
    const auto place = record.has_position ? locate(room, record.position) : std::nullopt;
    if (record.has_position && !place && reason != Reason::unavailable) {
      fail("C4", who(record) + " was put at " + name(record.position) + ", which the log never had");
    }
    const auto told = [&](std::string_view what) {
      return who(record) + " was told " + std::string(history::name_of(reason)) + " at " + name(record.position) +
             ": " + std::string(what);
    };
    const Alarms::Case its{record, room.branches, before ? std::optional(before->branch) : std::nullopt,
                           before ? before->offset : 0, room.size};
    // What was lost had left it out: its node does not know that, and tells it all the same.
    const std::uint64_t lost_from = place && reason == Reason::rolled_back ? place->offset + 1
                                    : before                               ? before->offset + 1
                                                                           : 0;
    const bool is_about_branch = reason == Reason::rolled_back || reason == Reason::epoch;
    const bool lost_nothing = is_about_branch && place && before && lost_from > before->offset &&
                              is_excluded_from(room, record.who, lost_from);
    if (lost_nothing && reason == Reason::rolled_back) {
      check_skipped(record, room, *before, *place, place->offset, 0);
    } else if (const auto wrong = alarms_.wrong(its, reason); !lost_nothing && !wrong.empty()) {
      fail("C7", told(wrong));
    }
    if (place && before && !lost_nothing) {
      const bool on_line = room.branches.is_on_line(place->branch, before->branch, before->offset);
      if (reason == Reason::rolled_back) {
        const bool common =
            place->offset < before->offset && room.branches.is_on_line(before->branch, place->branch, place->offset);
        if (!common) fail("C3", told("that is not what it has in common with " + name(room, *before)));
      } else if (reason != Reason::epoch && !on_line && before->offset <= place->offset) {
        fail("C5", told("what it had at " + name(room, *before) + " is gone, and it was not told that"));
      }
      if (reason == Reason::slow) check_skipped(record, room, *before, *place, place->offset, record.count);
    }
    // What was taken back may come again: the log can return to a line that it had left.
    if (reason == Reason::epoch) member.got.clear();
    for (auto& got : member.got) {
      if (reason == Reason::rolled_back && place && place->offset + 1 < got.size()) {
        std::fill(got.begin() + static_cast<std::ptrdiff_t>(place->offset + 1), got.end(), false);
      }
    }
    member.stands = place;
    if (!place && reason == Reason::unavailable) member.stands = record.gave_position ? before : std::nullopt;
  }

  void follow_recv(const Record& record) {
    Room& room = room_of(record);
    Member& member = member_of(record);
    if (!member.joined || !member.answered)
      return fail("C2", who(record) + " got " + name(record.position) + " and is not a member");
    const auto place = locate(room, record.position);
    const Branches::Entry* entry = place ? room.branches.entry(place->branch, place->offset) : nullptr;
    if (entry == nullptr)
      return fail("C4", who(record) + " got " + name(record.position) + ", which the log never had");
    if (entry->hash != record.hash) fail("C4", who(record) + " got something else at " + name(record.position));
    if (is_excluded(room, record.who, *place))
      fail("C3", who(record) + " got " + name(record.position) + ", which leaves it out");
    if (!note_got(room, member, *place)) fail("C1", who(record) + " got " + name(record.position) + " twice");
    if (member.stands) {
      if (place->offset <= member.stands->offset) {
        fail("C2", who(record) + " got " + name(record.position) + " after " + name(room, *member.stands));
      } else if (!room.branches.is_on_line(place->branch, member.stands->branch, member.stands->offset)) {
        fail("C3", who(record) + " got " + name(record.position) + ", before which " + name(room, *member.stands) +
                       " was lost, and was not told");
      } else {
        check_skipped(record, room, *member.stands, *place, place->offset - 1, record.count);
      }
    }
    member.stands = place;
  }

  /// What lies between is what leaves the client out, or was said to be skipped.
  void check_skipped(const Record& record, const Room& room, const Place& from, const Place& line, std::uint64_t to,
                     std::uint64_t skipped) {
    std::uint64_t missing = 0;
    std::uint64_t first = 0;
    for (std::uint64_t offset = from.offset + 1; offset <= to; ++offset) {
      if (is_excluded(room, record.who, {line.branch, offset})) continue;
      if (missing++ == 0) first = offset;
    }
    const std::uint64_t all = to - std::min(to, from.offset);
    if (missing > skipped || skipped > all) {
      fail("C3", who(record) + " was not sent " + std::to_string(missing) + " publications after " + name(room, from) +
                     ", from offset " + std::to_string(first) + " on, and was told of " + std::to_string(skipped));
    }
  }

  static bool is_excluded(const Room& room, std::uint32_t client, const Place& place) {
    if (room.excluded.empty()) return false;
    return room.excluded.contains({client, {room.branches.owner(place.branch, place.offset), place.offset}});
  }

  /// From whatever any branch has at an offset.
  static bool is_excluded_from(const Room& room, std::uint32_t client, std::uint64_t offset) {
    return std::any_of(room.excluded.begin(), room.excluded.end(), [&](const auto& excluded) {
      return excluded.first == client && excluded.second.second == offset;
    });
  }

  /// False if it had it already.
  static bool note_got(const Room& room, Member& member, const Place& place) {
    const std::size_t branch = room.branches.owner(place.branch, place.offset);
    if (branch >= member.got.size()) member.got.resize(branch + 1);
    std::vector<bool>& got = member.got[branch];
    if (place.offset >= got.size()) got.resize(place.offset + place.offset / 2 + 64);
    if (got[place.offset]) return false;
    got[place.offset] = true;
    return true;
  }

  void follow_stand(const Record& record) {
    Room& room = room_of(record);
    const Member& member = member_of(record);
    if (!room.end) return fail("C8", "nobody says how the log of room " + std::to_string(record.room) + " ends");
    const auto place = locate(room, record.position);
    if (!member.joined || !member.answered) return fail("C8", who(record) + " is still not answered");
    if (!place || !room.branches.is_on_line(room.end->branch, place->branch, place->offset)) {
      return fail("C5", who(record) + " stands at " + name(record.position) + ", which is gone, and was not told");
    }
    if (!member.stands || member.stands->offset != place->offset) {
      return fail("C2", who(record) + " stands at " + name(record.position) + " by nothing that it was sent");
    }
    for (std::uint64_t offset = place->offset + 1; offset <= room.end->offset; ++offset) {
      if (is_excluded(room, record.who, {room.end->branch, offset})) continue;
      return fail("C8",
                  who(record) + " stands at " + name(record.position) + ", the log ends at " + name(room, *room.end));
    }
  }

  const Records& records_;
  std::size_t at_ = 0;
  std::vector<Violation> violations_;
  std::vector<Room> rooms_;
  std::map<std::uint64_t, std::uint32_t> plain_;  // by publication: what the first plain client got
  Alarms alarms_;
  PublisherRules publishers_;
  PresenceRules presence_;
};

}  // namespace

std::vector<Violation> check(const Records& records, const CheckOptions& options) {
  return Check(records, options).run();
}

std::string wrong_for_ignis(std::string_view text) {
  static const std::set<std::string_view> kKeys{"event", "data", "id", "from"};
  static const std::set<std::string_view> kEvents{"gap", "presence", "history", "reconnect", "token_expiring"};
  if (!protocol::is_valid_json(text) || !protocol::is_object(text)) return "no JSON object: " + std::string(text);
  std::string scratch;
  for (protocol::ObjectCursor at(text); at.next();) {
    const std::string_view key = protocol::unescape(at.key(), scratch);
    if (!kKeys.contains(key)) return "Ignis sends no key \"" + std::string(key) + "\": " + std::string(text);
    if (key != "event") continue;
    std::string event_scratch;
    const std::string_view event = protocol::unescape(at.value(), event_scratch);
    if (kEvents.contains(event)) return "Ignis sends no event \"" + std::string(event) + "\": " + std::string(text);
  }
  return {};
}

}  // namespace hearth::test
