#pragma once

#include "hearth/broker.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace hearth::app {

/// Whether the link to the other instances lets this one be sent clients: it may be away for a while. One thread.
class BrokerReadiness {
 public:
  using Clock = std::chrono::steady_clock;

  /// `unready_after`: how long it may be away; nothing: forever.
  explicit BrokerReadiness(std::optional<std::chrono::milliseconds> unready_after) : unready_after_(unready_after) {}

  /// Notes how the link is; to be called every now and then, and before the two below.
  void note(BrokerState state, Clock::time_point now = Clock::now()) {
    if (state == BrokerState::ready) {
      degraded_since_.reset();
    } else if (!degraded_since_) {
      degraded_since_ = now;
    }
  }
  bool is_ready(Clock::time_point now = Clock::now()) const {
    return !degraded_since_ || !unready_after_ || now - *degraded_since_ < *unready_after_;
  }
  /// `ok`, or `degraded 41s`.
  std::string str(Clock::time_point now = Clock::now()) const {
    if (!degraded_since_) return "ok";
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now - *degraded_since_).count();
    return "degraded " + std::to_string(seconds) + 's';
  }

 private:
  const std::optional<std::chrono::milliseconds> unready_after_;
  std::optional<Clock::time_point> degraded_since_{};
};

}  // namespace hearth::app
