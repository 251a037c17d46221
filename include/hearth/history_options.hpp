#pragma once

#include <chrono>
#include <cstddef>

namespace hearth {

/// How a server serves the rooms that remember, and members who read slowly (docs/recovery.md). Which rooms those are
/// is for `Options::room_rules` to say.
struct HistoryOptions {
  /// Bytes of publications that are kept on this instance, so that most who come back need no read of the log.
  std::size_t cache{std::size_t{64} * 1024 * 1024};
  /// A room in which nothing was said for so long, give or take a fifth, is compared with its log; 1 s to 1 h.
  std::chrono::milliseconds position_check{25'000};
  /// Bytes that may wait for a member before `slow_consumer` of its room's rule comes into force, if that is `gap`,
  /// `latest` or `catch_up`; at most `backpressure_limit`, which counts for the others.
  std::size_t catch_up_at{std::size_t{256} * 1024};
  /// Bytes that may wait for a member that is behind: so much of what it missed is sent at a time; at least 1 KiB, at
  /// most `backpressure_limit`.
  std::size_t replay_window{std::size_t{64} * 1024};
  /// A member that is behind, and whose socket has not taken a byte for so long, is closed with 1013; 1 s to 1 h.
  std::chrono::milliseconds stall_timeout{60'000};
};

}  // namespace hearth
