#include "load/server_process.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace hearth::load {

namespace {

std::string folder_of(int pid) { return "/proc/" + std::to_string(pid); }

}  // namespace

ServerProcess::ServerProcess(int pid) : pid_(pid) {
  if (!std::ifstream(folder_of(pid_) + "/statm")) {
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

std::uint64_t ServerProcess::resident() const {
  std::uint64_t size = 0;
  std::uint64_t pages = 0;
  std::ifstream(folder_of(pid_) + "/statm") >> size >> pages;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace hearth::load
