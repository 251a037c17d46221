#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace hearth::load {

/// Reads what a process of this machine has used, from /proc, or several that serve together, such as a proxy and what
/// is behind it: their sum.
class ServerProcess {
 public:
  /// Throws std::runtime_error if there is no such process or it may not be looked at.
  explicit ServerProcess(std::vector<int> pids);

  /// CPU time of all their threads that there are now, in nanoseconds.
  std::uint64_t cpu_time() const;
  /// Resident memory, in bytes.
  std::uint64_t resident() const { return status("VmRSS:"); }
  /// The part of it that is their own and not a file's: without the code that it has touched.
  std::uint64_t own_memory() const { return status("RssAnon:"); }

 private:
  std::uint64_t status(std::string_view field) const;

  std::vector<int> pids_;
};

}  // namespace hearth::load
