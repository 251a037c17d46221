#include "history/checker/alarms.hpp"

#include <algorithm>

namespace hearth::test {

using history::Reason;

void Alarms::follow(const Record& record) {
  if (record.kind == RecordKind::entry) {
    std::uint64_t& top = tops_[record.room];
    top = std::max(top, record.position.offset);
  }
  if (record.kind == RecordKind::healed && record.fault == FaultKind::unreachable) {
    --unreachable_;
    unreachable_until_ = record.at;
  }
  if (record.kind == RecordKind::healed && record.fault == FaultKind::two_stores) {
    --two_stores_;
    two_stores_until_ = record.at;
  }
  if (record.kind != RecordKind::fault) return;
  switch (record.fault) {
    case FaultKind::unreachable:
      ++unreachable_;
      break;
    case FaultKind::store_lost:
      store_lost_ = record.at;
      break;
    case FaultKind::log_lost:
      log_lost_[record.room] = record.at;
      break;
    case FaultKind::log_evicted:
      log_evicted_[record.room] = record.at;
      break;
    case FaultKind::client_slow:
      was_slow_[record.who] = true;
      break;
    case FaultKind::two_stores:
      ++two_stores_;
      break;
    case FaultKind::none:
      break;
  }
}

std::string Alarms::wrong(const Case& its, Reason reason) const {
  switch (reason) {
    case Reason::epoch:
      return wrong_epoch(its);
    case Reason::rolled_back:
      return wrong_rollback(its);
    case Reason::trimmed:
      return wrong_trimming(its);
    case Reason::unavailable: {
      const bool recent = unreachable_until_ && its.record.at - *unreachable_until_ < aftermath_;
      return unreachable_ > 0 || recent ? "" : "the store could be reached by all";
    }
    case Reason::slow:
      return was_slow_.contains(its.record.who) ? "" : "it has read all the time";
  }
  return {};
}

// Some line of the log that there was does not have the epoch among its last branches: one that began after it, or, if
// the store had lost something or an older one is still served, an older line.
std::string Alarms::wrong_epoch(const Case& its) const {
  if (!its.branch) return {};  // an epoch that never was
  if (log_lost_.contains(its.record.room)) return {};
  const std::int64_t since = its.branches.all()[*its.branch].since;
  const bool was_older = two_stores_ > 0 || (two_stores_until_ && its.record.at - *two_stores_until_ < aftermath_);
  for (std::size_t newer = 0; newer < its.branches.all().size(); ++newer) {
    const std::int64_t began = its.branches.all()[newer].since;
    if (began > its.record.at || its.branches.in_lineage(newer, *its.branch)) continue;
    if (began >= since || was_older || (store_lost_ && *store_lost_ >= since)) return {};
  }
  return "every log that there was knows the epoch";
}

std::string Alarms::wrong_rollback(const Case& its) const {
  if (!its.branch) return "it had nothing";
  if (!store_lost_) return "no store has lost anything";
  const std::size_t owner = its.branches.owner(*its.branch, its.offset);
  for (std::size_t line = 0; line < its.branches.all().size(); ++line) {
    if (its.branches.all()[line].since > its.record.at) continue;
    if (its.branches.owner(line, its.offset) == owner) continue;
    const auto end = its.branches.end_on_line(line, owner);
    if (end && *end == its.record.position.offset) return {};
  }
  return "no log that there was ends the epoch there";
}

std::string Alarms::wrong_trimming(const Case& its) const {
  if (log_evicted_.contains(its.record.room) || log_lost_.contains(its.record.room)) return {};
  const auto top = tops_.find(its.record.room);
  const std::uint64_t newest = top == tops_.end() ? 0 : top->second;
  return newest > its.offset + its.size ? "" : "what comes after its position is kept";
}

}  // namespace hearth::test
