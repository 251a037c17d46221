#pragma once

#include <cstdio>
#include <cstdlib>

namespace hearth::fuzz {

/// Ends the run as a crash, and says why, unless a property holds.
inline void require(bool holds, const char* property) {
  if (!holds) {
    std::fprintf(stderr, "does not hold: %s\n", property);
    std::abort();
  }
}

}  // namespace hearth::fuzz
