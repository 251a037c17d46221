#include "presence/own_room.hpp"

#include "presence/mistake.hpp"

#include <utility>

namespace hearth::presence {

void OwnRoom::join(const MemberPtr& member) {
  if (!members_.try_emplace(member->id, member).second) return;
  if (!member->user.empty()) ++users_[member->user];
  if (left_.erase(member->id) == 0) joined_.emplace(member->id, member);
}

void OwnRoom::leave(const ClientId& id) {
  const auto member = members_.find(id);
  if (member == members_.end()) return;
  const auto user = users_.find(member->second->user);
  if (user != users_.end() && --user->second == 0) users_.erase(user);
  if (joined_.erase(id) == 0) left_.insert(id);
  members_.erase(member);
}

Counts OwnRoom::counts(const Counts& told) const noexcept {
  return lists_ ? Counts{members_.size(), users_.size()} : told;
}

bool OwnRoom::has_news(const Counts& now) const noexcept {
  return whole_ || now != reported_ || (lists_ && !(joined_.empty() && left_.empty()));
}

std::optional<Report> OwnRoom::next(const Counts& told) {
  if (awaits_) return std::nullopt;
  const Counts now = counts(told);
  if (!under_way_) {
    if (!has_news(now)) return std::nullopt;
    under_way_ = make_report(now);
  }
  awaits_ = true;
  return under_way_;
}

void OwnRoom::written() {
  under_way_.reset();
  awaits_ = false;
}

void OwnRoom::failed() noexcept {
  if (made(Mistake::drops_failed_reports)) under_way_.reset();
  awaits_ = false;
}

// Past the limit the others tell numbers alone whoever is here, and need no names.
Report OwnRoom::make_report(const Counts& now) {
  const bool was_listed = is_listed_;
  is_listed_ = lists_ && (is_listed_ ? members_.size() <= limit_ : members_.size() <= limit_ * 9 / 10);
  Report report{.version = ++version_, .counts = now, .is_listed = is_listed_};
  const bool is_first = !std::exchange(has_said_, true);
  report.is_whole = std::exchange(whole_, false) || is_first || was_listed != is_listed_;
  if (is_listed_) {
    const auto& joined = report.is_whole ? members_ : joined_;
    for (const auto& [id, member] : joined) report.joined.push_back(member);
    if (!report.is_whole) report.left.assign(left_.begin(), left_.end());
  }
  joined_.clear();
  left_.clear();
  reported_ = now;
  owes_ = now.clients > 0;
  return report;
}

}  // namespace hearth::presence
