#include "support/memory.hpp"

#include <unistd.h>

#include <fstream>
#include <stdexcept>
#include <string>

namespace hearth::test {

std::size_t resident_memory() {
  std::ifstream statm("/proc/self/statm");
  std::size_t size = 0;
  std::size_t resident = 0;
  statm >> size >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

std::size_t peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6)) * 1024;
  }
  throw std::runtime_error("/proc/self/status has no VmHWM");
}

// proc(5): 5 sets the peak to what is in use.
void forget_peak_memory() {
  std::ofstream clear("/proc/self/clear_refs");
  if (!(clear << 5 << std::flush)) throw std::runtime_error("/proc/self/clear_refs cannot be written");
}

}  // namespace hearth::test
