#include "broker/outage_hold.hpp"

#include <algorithm>

namespace hearth::broker {

void OutageHold::link_down(Clock::time_point now) {
  if (!up_) return;  // one more attempt that failed
  up_ = false;
  // A link that breaks again before the others are back has not seen how many there are.
  if (!holds()) before_ = now_;
  until_.reset();
  now_.reset();
  lost_ = now;
}

void OutageHold::link_up(Clock::time_point now) {
  up_ = true;
  const bool alone = before_ && *before_ <= own_;
  if (!lost_ || alone || times_.resubscribe == Clock::duration::zero()) return;
  until_ = std::max(*lost_ + times_.notice, now) + times_.resubscribe;
}

void OutageHold::subscribers(std::optional<std::int64_t> count) {
  now_ = count;
  if (count && before_ && *count >= *before_) until_.reset();
}

void OutageHold::look(Clock::time_point now) {
  if (until_ && now >= *until_) until_.reset();
}

}  // namespace hearth::broker
