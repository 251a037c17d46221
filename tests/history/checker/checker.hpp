#pragma once

#include "history/checker/record.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::test {

/// What was seen that must not be.
struct Violation {
  std::string rule;  ///< C1 to C11 (docs/architecture.md, The simulation)
  std::string what;
  std::size_t record = 0;  ///< index of the one that shows it; past the end: the run as a whole
};

struct CheckOptions {
  /// A fault is a cause of `unavailable` for so long after it was healed.
  std::int64_t aftermath = 30'000'000;
};

/// All violations of a run, in the order of the records; only the first 100.
std::vector<Violation> check(const Records& records, const CheckOptions& options = {});

/// C10: what is wrong with a text for a client of Ignis' protocol; nothing if it is fine.
std::string wrong_for_ignis(std::string_view text);

}  // namespace hearth::test
