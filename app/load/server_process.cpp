#include "load/server_process.hpp"

#include <filesystem>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <string>

namespace hearth::load {

namespace {

std::string folder_of(int pid) { return "/proc/" + std::to_string(pid); }

}  // namespace

ServerProcess::ServerProcess(int pid) : pid_(pid) {
  if (!std::ifstream(folder_of(pid_) + "/status")) {
    throw std::runtime_error("there is no process " + std::to_string(pid) + " to be measured (--pid)");
  }
}

// The scheduler counts in nanoseconds; /proc/<pid>/stat gives the same in steps of 10 ms.
std::uint64_t ServerProcess::cpu_time() const {
  std::uint64_t sum = 0;
  std::error_code gone;
  for (const auto& task : std::filesystem::directory_iterator(folder_of(pid_) + "/task", gone)) {
    std::uint64_t nanoseconds = 0;
    std::ifstream(task.path() / "schedstat") >> nanoseconds;
    sum += nanoseconds;
  }
  return sum;
}

// Given in kilobytes.
std::uint64_t ServerProcess::status(std::string_view field) const {
  std::ifstream lines(folder_of(pid_) + "/status");
  for (std::string name; lines >> name;) {
    std::uint64_t kilobytes = 0;
    if (name == field && lines >> kilobytes) return kilobytes * 1024;
    lines.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return 0;
}

}  // namespace hearth::load
