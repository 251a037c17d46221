#pragma once

#include "backend/durations.hpp"
#include "hearth/duration_histogram.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string_view>

namespace hearth::app {

/// How often the API was asked for what, what it answered, and how long that took. One thread.
class RequestCounts {
 public:
  /// Of durations, in seconds.
  static constexpr std::array kBounds{0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                      0.01,    0.025,  0.1,     0.5,    1.0,   2.5,    5.0};

  struct Route {
    std::map<unsigned, std::uint64_t> codes{};  ///< answers by their status
    /// Until the answer was there; of a stream, until it began.
    DurationHistogram durations = empty_histogram(kBounds);
  };

  /// `route` lives as long as the process.
  void add(std::string_view route, unsigned status, std::chrono::nanoseconds duration) {
    Route& counts = routes_[route];
    ++counts.codes[status];
    add_to(counts.durations, duration);
  }
  const std::map<std::string_view, Route>& routes() const noexcept { return routes_; }

 private:
  std::map<std::string_view, Route> routes_;
};

}  // namespace hearth::app
