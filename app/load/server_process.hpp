#pragma once

#include <cstdint>

namespace hearth::load {

/// Reads what a process of this machine has used, from /proc.
class ServerProcess {
 public:
  /// Throws std::runtime_error if there is no such process or it may not be looked at.
  explicit ServerProcess(int pid);

  /// CPU time of all its threads that there are now, in nanoseconds.
  std::uint64_t cpu_time() const;
  /// Resident memory, in bytes.
  std::uint64_t resident() const;

 private:
  int pid_;
};

}  // namespace hearth::load
