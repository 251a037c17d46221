#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace hearth::redis {

/// Says when a peer is to be pinged, and when it has been silent for so long that it is given up. It is told the time
/// and has no clock of its own.
class Pulse {
 public:
  using Clock = std::chrono::steady_clock;

  /// Pings that fit into the time after which a silent peer is given up.
  static constexpr int kPings = 3;

  Pulse(Clock::duration timeout, Clock::time_point now)
      : timeout_(timeout), heard_(now), ping_(now + timeout / kPings) {}

  /// Something came.
  void heard(Clock::time_point now) noexcept { heard_ = now; }

  enum class Due : std::uint8_t { nothing, ping, end };
  /// What is due now. A ping that was due while nobody looked is due once.
  Due look(Clock::time_point now) noexcept {
    if (now - heard_ >= timeout_) return Due::end;
    if (now < ping_) return Due::nothing;
    ping_ = now + timeout_ / kPings;
    return Due::ping;
  }
  /// When to look again.
  Clock::time_point next() const noexcept { return std::min(ping_, heard_ + timeout_); }

 private:
  Clock::duration timeout_;
  Clock::time_point heard_;
  Clock::time_point ping_;
};

}  // namespace hearth::redis
