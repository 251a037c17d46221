#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace hearth::app {

/// Whether somebody who has failed several times in a row is asked at all. Past that the circuit is open: for a time
/// nobody asks, then one does, as a probe; if that fails too, the time doubles.
///
/// One thread. The clock is the caller's.
class Circuit {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr unsigned kMostFailures = 5;
  static constexpr std::chrono::milliseconds kFirstPause{1'000};
  static constexpr std::chrono::milliseconds kLongestPause{15'000};

  /// What an attempt was made under; its outcome is told with it.
  enum class Attempt : std::uint8_t {
    none,  ///< it is not to be made
    usual,
    probe,
  };

  Attempt begin(Time now) {
    if (!is_open_) return Attempt::usual;
    if (!admits(now)) return Attempt::none;
    is_probing_ = true;
    return Attempt::probe;
  }

  void succeed(Attempt attempt) {
    if (is_open_ && attempt != Attempt::probe) return;  // it was begun before
    *this = Circuit();
  }

  void fail(Attempt attempt, Time now) {
    if (is_open_ && attempt != Attempt::probe) return;
    if (is_open_) {
      pause_ = std::min(pause_ * 2, kLongestPause);
    } else if (++failures_ < kMostFailures) {
      return;
    }
    is_open_ = true;
    is_probing_ = false;
    until_ = now + pause_;
  }

  /// An attempt that was given up, and tells nothing.
  void forget(Attempt attempt) {
    if (attempt == Attempt::probe) is_probing_ = false;
  }

  /// Whether an attempt that begins now may be made.
  bool admits(Time now) const noexcept { return !is_open_ || (!is_probing_ && now >= until_); }
  bool is_open() const noexcept { return is_open_; }

 private:
  unsigned failures_ = 0;  // in a row
  bool is_open_ = false;
  bool is_probing_ = false;
  std::chrono::milliseconds pause_ = kFirstPause;
  Time until_{};
};

}  // namespace hearth::app
