#include "presence/roster.hpp"

#include "presence/mistake.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace hearth::presence {

bool Roster::join(MemberPtr member) {
  const ClientId id = member->id;
  const auto shown = shown_.find(id);
  if (shown != shown_.end() ? gone_.erase(id) == 0 : fresh_.contains(id)) return false;
  if (!member->user.empty()) ++users_[member->user];
  // One that was told of, and has come and gone since, is the same one.
  if (shown == shown_.end()) fresh_.emplace(id, std::move(member));
  return true;
}

bool Roster::leave(const ClientId& id, TimePoint now) {
  MemberPtr member;
  if (const auto fresh = fresh_.find(id); fresh != fresh_.end()) {
    member = fresh->second;
    if (!made(Mistake::tells_who_has_gone_again)) fresh_.erase(fresh);  // nobody has heard of it
  } else if (const auto shown = shown_.find(id); shown != shown_.end() && gone_.try_emplace(id, now).second) {
    member = shown->second;
  } else {
    return false;
  }
  const auto user = users_.find(member->user);
  if (user != users_.end() && --user->second == 0) users_.erase(user);
  return true;
}

// So one whose user comes back as another client is told with that: at no moment is the user told as gone.
bool Roster::may_be_told(const ClientId& id, TimePoint gone, TimePoint now) const {
  return now >= gone + options_.grace || users_.contains(shown_.at(id)->user);
}

std::vector<ClientId> Roster::take_gone(TimePoint now, std::size_t most) {
  std::vector<ClientId> left;
  for (auto at = gone_.begin(); at != gone_.end() && left.size() < most;) {
    if (!may_be_told(at->first, at->second, now)) {
      ++at;
      continue;
    }
    left.push_back(at->first);
    shown_.erase(at->first);
    at = gone_.erase(at);
  }
  return left;
}

std::vector<MemberPtr> Roster::take_fresh(std::size_t most) {
  std::vector<MemberPtr> joined;
  while (!fresh_.empty() && joined.size() < most) {
    joined.push_back(fresh_.begin()->second);
    shown_.insert(fresh_.extract(fresh_.begin()));
  }
  return joined;
}

bool Roster::has_other_form() const noexcept {
  if (!options_.lists) return false;
  const bool all_are_known = unlisted_.clients == 0;
  return counts_only_ ? all_are_known && present() <= options_.limit * 9 / 10
                      : !all_are_known || present() > options_.limit;
}

std::optional<Change> Roster::next(TimePoint now) {
  if (has_other_form()) return change_form();
  const bool lists = tells_members();
  const std::size_t most = lists ? kMostListed : SIZE_MAX;
  Change change;
  change.left = take_gone(now, most);
  change.joined = take_fresh(most);
  change.counts = counts();
  if (!lists) {
    change.left.clear();
    change.joined.clear();
  }
  if (change.counts == told_ && change.left.empty() && change.joined.empty()) return std::nullopt;
  told_ = change.counts;
  change.version = ++version_;
  return change;
}

// Whoever is held back is not held any longer: what follows is not compared with what was told.
Change Roster::change_form() {
  counts_only_ = !counts_only_;
  for (const auto& [id, when] : gone_) shown_.erase(id);
  gone_.clear();
  shown_.merge(fresh_);
  Change change{.is_whole = true, .is_listed = !counts_only_ && shown_.size() <= kMostListed};
  change.counts = told_ = counts();
  change.version = ++version_;
  if (!change.is_listed) return change;
  for (const auto& [id, member] : shown_) change.joined.push_back(member);
  return change;
}

std::optional<TimePoint> Roster::held_until() const {
  const auto first =
      std::min_element(gone_.begin(), gone_.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return first == gone_.end() ? std::nullopt : std::optional(first->second + options_.grace);
}

Counts Roster::counts() const {
  const Counts listed = listed_counts();
  return {listed.clients + unlisted_.clients, listed.users + unlisted_.users};
}

/// Those whose leaving is held back are there still, for whoever is told.
Counts Roster::listed_counts() const {
  std::vector<std::string_view> held;
  for (const auto& [id, when] : gone_) {
    const std::string& user = shown_.at(id)->user;
    if (!user.empty() && !users_.contains(user)) held.push_back(user);
  }
  std::sort(held.begin(), held.end());
  const auto users = std::distance(held.begin(), std::unique(held.begin(), held.end()));
  return {shown_.size() + fresh_.size(), users_.size() + static_cast<std::size_t>(users)};
}

Picture Roster::picture() const {
  Picture picture{.version = version_, .counts = told_};
  picture.is_listed = tells_members() && shown_.size() <= kMostListed;
  if (!picture.is_listed) return picture;
  for (const auto& [id, member] : shown_) picture.members.push_back(member);
  return picture;
}

Picture Roster::page(const std::optional<ClientId>& after, std::size_t limit) const {
  Picture picture{.version = version_, .counts = told_, .is_listed = tells_members()};
  if (!picture.is_listed) return picture;
  std::size_t bytes = 0;
  auto at = after ? shown_.upper_bound(*after) : shown_.begin();
  for (; at != shown_.end() && picture.members.size() < std::min(limit, kMostListed); ++at) {
    bytes += ClientId::kTextSize + at->second->user.size() + at->second->info.size();
    if (bytes > kMostPageSize && !picture.members.empty()) break;
    picture.members.push_back(at->second);
  }
  picture.is_cut = at != shown_.end();
  return picture;
}

}  // namespace hearth::presence
