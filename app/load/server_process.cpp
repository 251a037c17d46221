#include "load/server_process.hpp"

#include <filesystem>
#include <fstream>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace hearth::load {

namespace {

std::string folder_of(int pid) { return "/proc/" + std::to_string(pid); }

// The scheduler counts in nanoseconds; /proc/<pid>/stat gives the same in steps of 10 ms.
std::uint64_t cpu_time_of(int pid) {
  std::uint64_t sum = 0;
  std::error_code gone;
  for (const auto& task : std::filesystem::directory_iterator(folder_of(pid) + "/task", gone)) {
    std::uint64_t nanoseconds = 0;
    std::ifstream(task.path() / "schedstat") >> nanoseconds;
    sum += nanoseconds;
  }
  return sum;
}

// Given in kilobytes.
std::uint64_t status_of(int pid, std::string_view field) {
  std::ifstream lines(folder_of(pid) + "/status");
  for (std::string name; lines >> name;) {
    std::uint64_t kilobytes = 0;
    if (name == field && lines >> kilobytes) return kilobytes * 1024;
    lines.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return 0;
}

}  // namespace

ServerProcess::ServerProcess(std::vector<int> pids) : pids_(std::move(pids)) {
  for (const int pid : pids_) {
    if (std::ifstream(folder_of(pid) + "/status")) continue;
    throw std::runtime_error("there is no process " + std::to_string(pid) + " to be measured (--pid)");
  }
}

std::uint64_t ServerProcess::cpu_time() const {
  return std::accumulate(pids_.begin(), pids_.end(), std::uint64_t{0},
                         [](std::uint64_t sum, int pid) { return sum + cpu_time_of(pid); });
}

std::uint64_t ServerProcess::status(std::string_view field) const {
  return std::accumulate(pids_.begin(), pids_.end(), std::uint64_t{0},
                         [&](std::uint64_t sum, int pid) { return sum + status_of(pid, field); });
}

}  // namespace hearth::load
