#pragma once

#include "load/pace.hpp"
#include "load/plan.hpp"
#include "load/traffic.hpp"

#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace hearth::load {

/// The lanes whose senders are on one thread: which streams' turn it is to send, and when. For that thread.
class Lanes {
 public:
  Lanes(const Plan& plan, Traffic& traffic, unsigned thread);

  /// Sending begins now: at the plan's rate, or with a window for every lane.
  void start(std::uint64_t now);

  /// Calls `send(stream, at)` for each message whose time has come; `now()` is asked for that.
  template <class Now, class Send>
  void send_due(Now now, Send send) {
    if (pace_.runs()) {
      const std::uint64_t until = now();
      // At the time that it was due: a server that stalls does not get fewer latencies to answer for.
      while (const auto due = pace_.take(until)) send(pick(*lanes_[next_lane_++ % lanes_.size()]), *due);
      return;
    }
    for (Lane* lane : std::exchange(complete_, {})) {
      const std::vector<std::uint32_t> streams = fill(*lane);
      const std::uint64_t at = now();
      for (const auto stream : streams) send(stream, at);
    }
  }
  /// All of a lane's window has arrived, so that the next may leave.
  void complete(Lane& lane) { complete_.push_back(&lane); }

  /// When send_due() has something to send, as far as that is known; 0: at once.
  std::uint64_t next_due() const noexcept { return complete_.empty() ? pace_.next() : 0; }

 private:
  std::vector<std::uint32_t> fill(Lane& lane);
  std::uint32_t pick(const Lane& lane);

  const Plan& plan_;
  Traffic& traffic_;
  std::mt19937 random_;
  std::vector<Lane*> lanes_;
  std::vector<Lane*> complete_;
  std::size_t next_lane_ = 0;
  Pace pace_;  // never, in the closed loop
};

/// Notes in which lane so many copies of a message have arrived. Whether they were the last of a window, in the closed
/// loop: then it is for the lane's own thread to complete it. From any thread.
bool note_arrival(Lane& lane, std::int64_t copies) noexcept;

}  // namespace hearth::load
