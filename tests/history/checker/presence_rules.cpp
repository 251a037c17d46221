#include "history/checker/presence_rules.hpp"

namespace hearth::test {

std::string PresenceRules::name(const Record& record) {
  return "client " + std::to_string(record.who) + " in room " + std::to_string(record.room);
}

void PresenceRules::follow(const Record& record, const Report& report) {
  switch (record.kind) {
    case RecordKind::shown: {
      View& view = views_[{record.who, record.room}];
      view = {record.top, true, {}};
      break;
    }
    case RecordKind::shown_more: {
      View& view = views_[{record.who, record.room}];
      if (!view.is_shown) return report("C9", name(record) + " was told a change of what it was not shown");
      if (record.top != view.version + 1) {
        report("C9", name(record) + " was told version " + std::to_string(record.top) + " after " +
                         std::to_string(view.version));
      }
      view.version = record.top;
      check_dead(view, record, report);
      break;
    }
    case RecordKind::seen: {
      View& view = views_[{record.who, record.room}];
      if (!view.members.emplace(record.key, record.count).second) {
        report("C9", name(record) + " was told twice that " + std::to_string(record.key) + " is there");
      }
      break;
    }
    case RecordKind::unseen:
      if (views_[{record.who, record.room}].members.erase(record.key) == 0) {
        report("C9", name(record) + " was told that " + std::to_string(record.key) + " has gone, who was not there");
      }
      break;
    case RecordKind::leave:
      views_.erase({record.who, record.room});
      break;
    case RecordKind::close:
      std::erase_if(views_, [&](const auto& view) { return view.first.first == record.who; });
      break;
    case RecordKind::present:
      present_[record.room].insert_or_assign(record.key, record.count);
      break;
    case RecordKind::absent:
      present_[record.room].erase(record.key);
      break;
    case RecordKind::dead:
      dead_.insert_or_assign(record.who, record.at);
      break;
    default:
      break;
  }
}

void PresenceRules::check_dead(const View& view, const Record& record, const Report& report) const {
  for (const auto& [member, node] : view.members) {
    const auto dead = dead_.find(node);
    if (dead == dead_.end() || record.at - dead->second < kTwoBeats) continue;
    report("C9", name(record) + " is shown " + std::to_string(member) + " of node " + std::to_string(node) +
                     ", which has been dead for two beats");
  }
}

void PresenceRules::end(const Report& report) const {
  for (const auto& [whose, view] : views_) {
    const auto truth = present_.find(whose.second);
    const auto& members = truth == present_.end() ? std::map<std::uint64_t, std::uint64_t>() : truth->second;
    if (view.members == members) continue;
    report("C8", "client " + std::to_string(whose.first) + " is shown " + std::to_string(view.members.size()) +
                     " members of room " + std::to_string(whose.second) + ", where " + std::to_string(members.size()) +
                     " are, or others");
  }
}

}  // namespace hearth::test
