#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::broker {

/// Keeps whoever is outside from filling a log: of each kind of line one a period is written, the others are counted,
/// and the newest of them kept. Any thread.
///
///     if (const auto line = limiter.admit("malformed", text)) log(*line);
class LogLimiter {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr std::chrono::seconds kPeriod{1};

  explicit LogLimiter(Clock::duration period = kPeriod) : period_(period) {}

  /// What is to be written now: nothing if a line of its kind was less than a period ago, otherwise the line, which
  /// says how many have been held back since: `… (and 7 more like it)`. `kind` is a literal: there are as many as the
  /// program has, whatever comes from outside.
  std::optional<std::string> admit(std::string_view kind, std::string line, Clock::time_point now = Clock::now());

  /// The newest line of each kind that has been held back and whose turn it is now. For whoever has a timer, so that
  /// nobody is left with an old line.
  std::vector<std::string> overdue(Clock::time_point now = Clock::now());
  /// When `overdue` will have something; nothing if nothing is held back.
  std::optional<Clock::time_point> next_overdue() const;

 private:
  struct Kind {
    std::string_view name;
    Clock::time_point next;
    std::uint64_t held_back = 0;
    std::string newest{};  // of those
  };

  const Clock::duration period_;
  mutable std::mutex mutex_;
  std::vector<Kind> kinds_;  // a handful
};

}  // namespace hearth::broker
