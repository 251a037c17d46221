#include "history/checker/presence_rules.hpp"

#include <algorithm>

namespace hearth::test {

std::string PresenceRules::name(const Key& whose) {
  return "client " + std::to_string(whose.first) + " in room " + std::to_string(whose.second);
}

void PresenceRules::follow(const Record& record, const Report& report) {
  check_dead(record.at, report);
  const Key whose{record.who, record.room};
  switch (record.kind) {
    case RecordKind::shown:
      views_.insert_or_assign(whose, View{record.top, true, {}, {}});
      break;
    case RecordKind::shown_more:
      follow_change(record, report);
      break;
    case RecordKind::seen:
      if (!views_[whose].members.emplace(record.key, record.count).second) {
        report("C9", name(whose) + " was told twice that " + std::to_string(record.key) + " is there");
      }
      break;
    case RecordKind::unseen:
      if (views_[whose].members.erase(record.key) == 0) {
        report("C9", name(whose) + " was told that " + std::to_string(record.key) + " has gone, who was not there");
      }
      check_alive(record, record.key, report);
      break;
    case RecordKind::numbers:
      follow_numbers(record, report);
      break;
    case RecordKind::leave:
      views_.erase(whose);
      break;
    case RecordKind::close:
      std::erase_if(views_, [&](const auto& view) { return view.first.first == record.who; });
      break;
    case RecordKind::present:
      present_[record.room].insert_or_assign(record.key, record.count);
      since_.insert_or_assign({record.key, record.room}, record.at);
      break;
    case RecordKind::absent:
      present_[record.room].erase(record.key);
      break;
    case RecordKind::dead:
      dead_.insert_or_assign(record.who, record.at);
      break;
    case RecordKind::beat:
      follow_beat(record);
      break;
    case RecordKind::heartbeat:
      beat_ = static_cast<std::int64_t>(record.count);
      lateness_ = static_cast<std::int64_t>(record.top);
      break;
    case RecordKind::fault:
      follow_fault(record, 1);
      break;
    case RecordKind::healed:
      follow_fault(record, -1);
      break;
    default:
      break;
  }
}

void PresenceRules::follow_change(const Record& record, const Report& report) {
  const Key whose{record.who, record.room};
  View& view = views_[whose];
  if (!view.is_shown) return report("C9", name(whose) + " was told a change of what it was not shown");
  if (record.top != view.version + 1) {
    report("C9",
           name(whose) + " was told version " + std::to_string(record.top) + " after " + std::to_string(view.version));
  }
  view.version = record.top;
  if (record.gave_position) view.members.clear();
}

void PresenceRules::follow_numbers(const Record& record, const Report& report) {
  const Key whose{record.who, record.room};
  View& view = views_[whose];
  view.numbers.reset();
  if (!record.gave_position) {
    view.numbers = record.count;
    view.members.clear();
  } else if (view.members.size() != record.count) {
    report("C9", name(whose) + " is told of " + std::to_string(record.count) + " members and knows " +
                     std::to_string(view.members.size()));
  }
}

void PresenceRules::follow_beat(const Record& record) {
  Beats& beats = beats_.try_emplace(record.who, Beats{record.at, record.at}).first->second;
  if (record.at - beats.last > beat_ + beat_ / 2) beats.first = record.at;
  beats.last = record.at;
}

void PresenceRules::follow_fault(const Record& record, int by) {
  if (record.fault != FaultKind::unreachable) return;
  if (faults_ == 0 && !is_troubled(record.at)) trouble_ = record.at;
  faults_ += by;
  healed_ = record.at;
}

/// One that is there must not be told as gone while its node beats, whatever a store that lost its end says of it.
void PresenceRules::check_alive(const Record& record, std::uint64_t member, const Report& report) const {
  const auto truth = present_.find(record.room);
  if (truth == present_.end() || !truth->second.contains(member)) return;
  const std::uint64_t node = truth->second.at(member);
  const auto beat = beats_.find(node);
  if (beat == beats_.end() || record.at - beat->second.last >= beat_ || record.at - beat->second.first < settled())
    return;
  const std::int64_t since = since_.at({member, record.room});
  if (record.at - since < settled() || (since >= trouble_ && is_troubled(record.at))) return;
  report("C9", name({record.who, record.room}) + " was told that " + std::to_string(member) +
                   " has gone, who is there, and whose node " + std::to_string(node) + " has just beaten");
}

/// Who has been dead for two beats is shown to nobody; each death is judged once, when nothing has failed for a while.
void PresenceRules::check_dead(std::int64_t now, const Report& report) {
  if (dead_.empty() || is_troubled(now)) return;
  for (auto death = dead_.begin(); death != dead_.end();) {
    if (now - death->second < two_beats()) {
      ++death;
      continue;
    }
    for (const auto& [whose, view] : views_) {
      const auto is_its = [&](const auto& member) { return member.second == death->first; };
      if (std::none_of(view.members.begin(), view.members.end(), is_its)) continue;
      report("C9", name(whose) + " is shown members of node " + std::to_string(death->first) +
                       ", which has been dead for two beats");
    }
    death = dead_.erase(death);
  }
}

void PresenceRules::end(const Report& report) const {
  for (const auto& [whose, view] : views_) {
    const auto truth = present_.find(whose.second);
    const auto& members = truth == present_.end() ? std::map<std::uint64_t, std::uint64_t>() : truth->second;
    const std::uint64_t shown = view.numbers.value_or(view.members.size());
    if (view.numbers ? shown == members.size() : view.members == members) continue;
    report("C8", name(whose) + " is shown " + std::to_string(shown) + " members, where " +
                     std::to_string(members.size()) + " are, or others");
  }
}

}  // namespace hearth::test
