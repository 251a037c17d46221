#pragma once

#include <sys/resource.h>

namespace hearth::app {

/// Allows this process as many file descriptors as the system lets it have, and returns how many. Each connection takes
/// one, and what a shell gives (`ulimit -Sn`) is often 1024.
inline rlim_t raise_descriptor_limit() noexcept {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

}  // namespace hearth::app
