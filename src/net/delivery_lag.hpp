#pragma once

#include "net/deadline_list.hpp"
#include "net/duration_histogram.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace hearth::net {

/// How long publications take through a loop: of each turn that hands some on, the time from when the first of them was
/// taken in until every connection has been written to that was noted in that turn. What a socket does not take is its
/// client's affair, and not waited for. One thread counts, any may read.
class DeliveryLag {
 public:
  /// How far writing is: connections that were left to a later turn so far, those of them written to since, and those
  /// written to in the turn that noted them.
  struct Progress {
    std::uint64_t left = 0;
    std::uint64_t caught_up = 0;
    std::uint64_t at_once = 0;
  };

  /// In this turn a publication goes to somebody, which was taken in then.
  void note(Clock::time_point taken_in) noexcept { since_ = std::min(since_, taken_in); }

  /// A turn is over, at this time.
  void end_turn(Clock::time_point now, const Progress& progress) noexcept {
    if (since_ != kNever) end_noted(now, progress);
    while (count_ > 0 && waiting_[first_].until <= progress.caught_up) {
      durations_.add(now - waiting_[first_].since);
      first_ = (first_ + 1) % kMostWaiting;
      --count_;
    }
    before_ = progress;
  }

  const DurationHistogram& durations() const noexcept { return durations_; }

  /// Turns that wait to be written out. With more than that, one duration is for several.
  static constexpr std::size_t kMostWaiting = 64;

 private:
  static constexpr Clock::time_point kNever = Clock::time_point::max();

  /// Turns whose connections have not all been written to.
  struct Waiting {
    std::uint64_t until = 0;  // so many of those that were left
    Clock::time_point since{};
  };

  // Few connections are written to in the turn that notes them, although others wait since before. One that waits
  // already gets everything at once, with what it waits for: that turn's time is its time.
  void end_noted(Clock::time_point now, const Progress& progress) noexcept {
    const Clock::time_point since = std::exchange(since_, kNever);
    const bool waits = progress.left != before_.left || progress.at_once == before_.at_once;
    if (!waits || progress.caught_up == progress.left) return durations_.add(now - since);
    if (count_ == kMostWaiting) {
      waiting_[(first_ + count_ - 1) % kMostWaiting].until = progress.left;
    } else {
      waiting_[(first_ + count_++) % kMostWaiting] = {progress.left, since};
    }
  }

  DurationHistogram durations_;
  Clock::time_point since_ = kNever;  // of the turn that goes on
  Progress before_;
  std::array<Waiting, kMostWaiting> waiting_{};  // a ring, from first_ on
  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

}  // namespace hearth::net
