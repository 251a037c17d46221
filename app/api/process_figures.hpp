#pragma once

#include <cstdint>

namespace hearth::app {

/// What the kernel says of this process.
struct ProcessFigures {
  double cpu_seconds = 0;
  double start_time = 0;  ///< Unix time, in seconds
  std::uint64_t virtual_bytes = 0;
  std::uint64_t resident_bytes = 0;
  std::uint64_t open_descriptors = 0;
  std::uint64_t most_descriptors = 0;
};

/// Reads /proc; what cannot be read is 0. Counting descriptors takes its time when there are many: not for a thread
/// that others wait for.
ProcessFigures read_process_figures();

}  // namespace hearth::app
