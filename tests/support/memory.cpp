#include "support/memory.hpp"

#include <unistd.h>

#include <fstream>

namespace hearth::test {

std::size_t resident_memory() {
  std::ifstream statm("/proc/self/statm");
  std::size_t size = 0;
  std::size_t resident = 0;
  statm >> size >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace hearth::test
