#include "api/process_figures.hpp"

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

namespace hearth::app {

namespace {

/// The fields of /proc/self/stat from the fourth on (proc(5)). The second may have spaces and brackets.
std::vector<double> stat_fields() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream rest(line.substr(std::min(line.size(), name_end + 3)));  // without the state, a letter
  return {std::istream_iterator<double>(rest), {}};
}

/// When the system started, Unix time.
double boot_time() {
  std::ifstream file("/proc/stat");
  std::string word;
  while (file >> word) {
    double time = 0;
    if (word == "btime" && file >> time) return time;
  }
  return 0;
}

std::uint64_t count_descriptors() {
  std::error_code error;
  std::uint64_t count = 0;
  for (std::filesystem::directory_iterator at("/proc/self/fd", error), end; !error && at != end; at.increment(error)) {
    ++count;
  }
  return count > 0 ? count - 1 : 0;  // one is that of the list
}

}  // namespace

ProcessFigures read_process_figures() {
  ProcessFigures figures;
  const std::vector<double> fields = stat_fields();
  const auto field = [&](std::size_t number) { return number - 4 < fields.size() ? fields[number - 4] : 0; };
  const auto ticks_a_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  if (timespec used{}; ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0) {
    figures.cpu_seconds = static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
  }
  static const double start_time = boot_time() + field(22) / ticks_a_second;
  figures.start_time = start_time;
  figures.virtual_bytes = static_cast<std::uint64_t>(field(23));
  figures.resident_bytes = static_cast<std::uint64_t>(field(24)) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  figures.open_descriptors = count_descriptors();
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) figures.most_descriptors = limit.rlim_cur;
  return figures;
}

}  // namespace hearth::app
