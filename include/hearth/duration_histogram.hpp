#pragma once

#include <cstdint>
#include <vector>

namespace hearth {

/// How often something took how long. `counts[i]` is of what took at most `bounds[i]` seconds and more than the bound
/// before; the last one, which has no bound, of all that took longer.
struct DurationHistogram {
  std::vector<double> bounds{};
  std::vector<std::uint64_t> counts{};
  double sum = 0;  ///< of all durations, in seconds
};

}  // namespace hearth
