#include "presence/liveness.hpp"

#include "presence/mistake.hpp"

#include <algorithm>

namespace hearth::presence {

Liveness::Ask Liveness::next(TimePoint now) {
  if (awaits_ || now < next_) return Ask::nothing;
  awaits_ = true;
  asked_ = now;
  // After a failure it says at once that it lives, instead of merely looking.
  beats_ = stale_ || !was_beat_;
  was_beat_ = beats_;
  next_ = now + interval_ / 2;
  return beats_ ? Ask::beat : Ask::look;
}

Liveness::Change Liveness::answered(std::span<const std::string> living, bool was_missing, TimePoint now) {
  awaits_ = false;
  Change change;
  change.is_back = std::exchange(stale_, false);
  const auto lives = [&](std::string_view node) {
    return std::find(living.begin(), living.end(), node) != living.end();
  };
  // ⚑ A set that lacks this one was emptied, or this one was stopped for a while: the others are no deader than it is.
  // Or it has just begun: who has read a room before this beat has passed over what it had said there.
  if (was_missing || !lives(self_)) {
    change.was_missing = true;
    if (!made(Mistake::judges_over_an_emptied_store)) well_since_.reset();
    if (!beats_) next_ = std::min(next_, now);  // before anybody who has just begun takes this one for dead
  }
  if (beats_ && !well_since_) well_since_ = now;
  for (const std::string& node : living) {
    if (node != self_) known_.try_emplace(node, now);
  }
  if (!may_judge(now)) return change;
  for (auto node = known_.begin(); node != known_.end();) {
    // ⚑ One that was heard of after the question may have come, or come back, after it.
    if (lives(node->first) || node->second >= asked_) {
      ++node;
      continue;
    }
    change.dead.push_back(node->first);
    node = known_.erase(node);
  }
  return change;
}

void Liveness::failed(TimePoint now) {
  awaits_ = false;
  next_ = std::min(next_, now + std::min<std::chrono::milliseconds>(interval_ / 2, std::chrono::seconds(1)));
  stale_ = true;
  well_since_.reset();  // ⚑ to be cut off is not the death of the others
}

// Two beats long nobody is judged: after a restart of the store, or where another one takes over, all come back one
// after the other, and nobody has died.
bool Liveness::may_judge(TimePoint now) const noexcept {
  return made(Mistake::judges_at_once) || (well_since_ && now - *well_since_ >= 2 * interval_);
}

void Liveness::heard(std::string_view node, TimePoint now) {
  if (node != self_) known_.insert_or_assign(std::string(node), now);
}

}  // namespace hearth::presence
