#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace hearth::broker {

/// Decides for how long what waited during an outage is held when the link is back. What Redis takes before the other
/// instances have subscribed again, they never get. It is told of the time, and has no clock of its own.
///
/// They are back when as many subscribe as before the outage; or, since some may be gone for good and their number may
/// not be known, when those have had the time to come back that are as fast as we are: from when they too must have
/// noticed, or, if that is later, from when Redis was there again.
class OutageHold {
 public:
  using Clock = std::chrono::steady_clock;

  struct Times {
    Clock::duration notice;       ///< by which others may notice an outage later than we do
    Clock::duration resubscribe;  ///< that they have for coming back; 0: nothing is ever held
  };

  /// `own`: the subscriptions among those counted that are ours.
  OutageHold(Times times, std::int64_t own) : times_(times), own_(own) {}

  void link_down(Clock::time_point now);
  void link_up(Clock::time_point now);
  /// So many subscribe now; nothing: Redis does not tell.
  void subscribers(std::optional<std::int64_t> count);
  /// Holds no more if the time is over.
  void look(Clock::time_point now);
  /// Holds no more, whoever is back.
  void give_up() noexcept { until_.reset(); }

  bool holds() const noexcept { return until_.has_value(); }

 private:
  const Times times_;
  const std::int64_t own_;
  std::optional<std::int64_t> now_;     // as many as were last told of
  std::optional<std::int64_t> before_;  // and before the outage
  std::optional<Clock::time_point> lost_;
  std::optional<Clock::time_point> until_;  // while it holds
  bool up_ = false;
};

}  // namespace hearth::broker
