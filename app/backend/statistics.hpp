#pragma once

#include "hearth/metrics.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::app {

enum class BackendRequestType : std::uint8_t { authenticate, join, publish, message, events };
inline constexpr std::array<std::string_view, 5> kBackendRequestTypes{"authenticate", "join", "publish", "message",
                                                                      "events"};

/// What becomes of a request to the backend. All but the first two mean that it could not be decided.
enum class BackendOutcome : std::uint8_t {
  yes,
  no,
  connection,  ///< it could not be made, is not to be trusted, or broke
  timeout,     ///< also while it waited for its turn
  too_long,    ///< more than an answer may be
  status,      ///< a status that is neither yes nor no
  malformed,   ///< no JSON, or not what it has to be
  queue,       ///< too many waited
  circuit,     ///< nobody asks now
};
inline constexpr std::array<std::string_view, 9> kBackendOutcomes{
    "yes", "no", "connection", "timeout", "too_long", "status", "malformed", "queue", "circuit"};

/// What has been counted since the start, and what is so now.
struct BackendStatistics {
  using Outcomes = std::array<std::uint64_t, kBackendOutcomes.size()>;

  std::array<Outcomes, kBackendRequestTypes.size()> requests{};
  std::array<DurationHistogram, kBackendRequestTypes.size()> durations{};  ///< of those that were sent
  std::size_t in_flight = 0;
  std::size_t queued = 0;
  bool circuit_open = false;
};

/// Of the key sets that are fetched.
struct KeySetStatistics {
  struct Set {
    std::string issuer{};
    std::size_t keys = 0;
    double last_success = 0;  ///< Unix time, in seconds; 0: never
    bool is_known = false;    ///< whether it has ever come
  };

  std::vector<Set> sets{};
  std::uint64_t fetched = 0;
  std::uint64_t failed = 0;

  /// Whether each has, once.
  bool have_all_come() const {
    return std::all_of(sets.begin(), sets.end(), [](const Set& set) { return set.is_known; });
  }
};

/// Of what the backend is told.
struct EventStatistics {
  std::size_t queued = 0;  ///< that wait or are under way, now
  std::size_t queue_bytes = 0;
  double oldest_age = 0;  ///< of those, in seconds
  std::uint64_t sent = 0;
  std::uint64_t dropped = 0;  ///< for want of room
  std::uint64_t retries = 0;  ///< batches sent again, each time
  bool is_failing = false;    ///< the batch under way has not been taken, and is sent again
  std::string last_error{};   ///< why one was not taken, the last time; empty: all were
  double last_error_at = 0;   ///< when that was, Unix time in seconds
};

}  // namespace hearth::app
