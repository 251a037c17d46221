#include "backend/durations.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace hearth::app {

DurationHistogram empty_histogram(std::span<const double> bounds) {
  DurationHistogram histogram;
  histogram.bounds.assign(bounds.begin(), bounds.end());
  histogram.counts.resize(bounds.size() + 1);
  return histogram;
}

void add_to(DurationHistogram& histogram, std::chrono::nanoseconds duration) {
  const double seconds = std::chrono::duration<double>(duration).count();
  const auto bound = std::lower_bound(histogram.bounds.begin(), histogram.bounds.end(), seconds);
  ++histogram.counts[static_cast<std::size_t>(std::distance(histogram.bounds.begin(), bound))];
  histogram.sum += seconds;
}

}  // namespace hearth::app
