#pragma once

#include "net/duration_histogram.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string_view>

namespace hearth::app {

/// How often the API was asked for what, what it answered, and how long that took. One thread.
class RequestCounts {
 public:
  struct Route {
    std::map<unsigned, std::uint64_t> codes{};  ///< answers by their status
    net::DurationHistogram durations{};         ///< until the answer was there; of a stream, until it began
  };

  /// `route` lives as long as the process.
  void add(std::string_view route, unsigned status, std::chrono::nanoseconds duration) {
    Route& counts = routes_[route];
    ++counts.codes[status];
    counts.durations.add(duration);
  }
  const std::map<std::string_view, Route>& routes() const noexcept { return routes_; }

 private:
  std::map<std::string_view, Route> routes_;
};

}  // namespace hearth::app
