#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace hearth::app {

/// When a key set is fetched, and how long the last good one counts. One thread; the clock is the caller's.
class KeySetSchedule {
 public:
  using Clock = std::chrono::steady_clock;
  using Time = Clock::time_point;
  static constexpr std::chrono::seconds kInterval{600};  ///< unless the answer has a `max-age`, within these bounds:
  static constexpr std::chrono::seconds kShortest{60};
  static constexpr std::chrono::seconds kLongest{24 * 3'600};
  static constexpr std::chrono::seconds kFirstRetry{1};  ///< after a failure; it doubles
  static constexpr std::chrono::seconds kLongestRetry{60};
  static constexpr std::chrono::seconds kQuiet{10};  ///< between fetches for the sake of a key that nobody knows

  /// After failures the last good set counts for so long.
  explicit KeySetSchedule(std::chrono::milliseconds max_stale) : max_stale_(max_stale) {}

  void succeed(Time now, std::optional<std::chrono::seconds> max_age) {
    is_known_ = true;
    failing_since_.reset();
    retry_ = kFirstRetry;
    due_ = now + std::clamp(max_age.value_or(kInterval), kShortest, kLongest);
  }

  void fail(Time now) {
    if (!failing_since_) failing_since_ = now;
    due_ = now + retry_;
    retry_ = std::min(retry_ * 2, kLongestRetry);
  }

  /// When the next one is to be fetched.
  Time due() const noexcept { return due_; }

  /// Whether a key that nobody knows has it fetched now; if so, the next one does not for a while.
  bool admits_unknown_key(Time now) {
    if (now < quiet_until_) return false;
    quiet_until_ = now + kQuiet;
    return true;
  }

  /// Whether the last fetch has failed, so that of a key that is not there nothing is known.
  bool is_failing() const noexcept { return failing_since_.has_value(); }
  /// Whether it has been fetched once.
  bool is_known() const noexcept { return is_known_; }
  /// Whether the last good set has to go.
  bool is_stale(Time now) const noexcept { return failing_since_ && now - *failing_since_ >= max_stale_; }

 private:
  std::chrono::milliseconds max_stale_;
  bool is_known_ = false;
  Time due_{};
  Time quiet_until_{};
  std::optional<Time> failing_since_{};
  std::chrono::seconds retry_ = kFirstRetry;
};

}  // namespace hearth::app
