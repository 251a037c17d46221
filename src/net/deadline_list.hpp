#pragma once

#include <boost/intrusive/list.hpp>

#include <algorithm>
#include <chrono>
#include <optional>

namespace hearth::net {

/// Steady time in milliseconds, as loops count it.
using Clock = std::chrono::steady_clock;
using Millis = std::chrono::milliseconds;
using TimePoint = std::chrono::time_point<Clock, Millis>;

inline TimePoint in_millis(Clock::time_point time) noexcept { return std::chrono::floor<Millis>(time); }
inline TimePoint clock_now() noexcept { return in_millis(Clock::now()); }

/// `length` after `now`; the end of time if that is later.
constexpr TimePoint after(TimePoint now, Millis length) noexcept {
  return length > TimePoint::max() - now ? TimePoint::max() : now + length;
}

/// A place in a DeadlineList; what waits for a deadline derives from it, once for each deadline it can wait for.
/// Leaves its list by itself when it is destroyed.
template <class Tag>
class DeadlineHook
    : public boost::intrusive::list_base_hook<boost::intrusive::tag<Tag>,
                                              boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  TimePoint deadline() const noexcept { return deadline_; }

 private:
  template <class T, class U>
  friend class DeadlineList;
  TimePoint deadline_{};
};

/// Things that each wait for the same length of time, in the order in which it ends: adding, renewing and leaving cost
/// the same however many there are, and expiring costs what expires. A length of 0 means never.
template <class T, class Tag>
class DeadlineList {
 public:
  explicit DeadlineList(Millis length) noexcept
      : length_(length), renewed_(length - std::min(length / 16, Millis(1000)) + Millis(1)) {}

  /// Puts `item` at the end, from wherever it is.
  void add(T& item, TimePoint now) {
    remove(item);
    hook(item).deadline_ = length_ == Millis::zero() ? TimePoint::max() : after(now, length_);
    list_.push_back(item);
  }

  /// As `add` for an item that is in this list, but leaves it where it is while that is wrong by less than a sixteenth
  /// of the length, at most a second, so that busy items cost nothing. Of a length of 0 no deadline is passed.
  void renew(T& item, TimePoint now) {
    if (after(now, renewed_) > hook(item).deadline_) add(item, now);
  }

  static void remove(T& item) noexcept {
    if (hook(item).is_linked()) hook(item).unlink();
  }

  /// The item whose time is over, or null. It stays in the list: whoever asks takes it out.
  T* expired(TimePoint now) noexcept {
    return !list_.empty() && hook(list_.front()).deadline_ <= now ? &list_.front() : nullptr;
  }

  /// When the next one's time is over.
  std::optional<TimePoint> next() const noexcept {
    if (list_.empty() || length_ == Millis::zero()) return std::nullopt;
    return static_cast<const DeadlineHook<Tag>&>(list_.front()).deadline_;
  }

  bool empty() const noexcept { return list_.empty(); }
  T& front() noexcept { return list_.front(); }

  /// `function` may remove or destroy what it is given.
  template <class Function>
  void for_each(Function function) {
    for (auto at = list_.begin(); at != list_.end();) function(*at++);
  }

 private:
  static DeadlineHook<Tag>& hook(T& item) noexcept { return item; }

  boost::intrusive::list<T, boost::intrusive::base_hook<DeadlineHook<Tag>>, boost::intrusive::constant_time_size<false>>
      list_;
  Millis length_;
  Millis renewed_;  // a deadline that is so far away is good enough
};

}  // namespace hearth::net
