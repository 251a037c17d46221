#pragma once

#include <cstdint>
#include <string_view>

namespace hearth::load {

/// Reads what a process of this machine has used, from /proc.
class ServerProcess {
 public:
  /// Throws std::runtime_error if there is no such process or it may not be looked at.
  explicit ServerProcess(int pid);

  /// CPU time of all its threads that there are now, in nanoseconds.
  std::uint64_t cpu_time() const;
  /// Resident memory, in bytes.
  std::uint64_t resident() const { return status("VmRSS:"); }
  /// The part of it that is its own and not a file's: without the code that it has touched.
  std::uint64_t own_memory() const { return status("RssAnon:"); }

 private:
  std::uint64_t status(std::string_view field) const;

  int pid_;
};

}  // namespace hearth::load
