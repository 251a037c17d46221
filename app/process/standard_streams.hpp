#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <csignal>

namespace hearth::app {

/// What a program that runs for long does with its standard streams before anything else: one whose reader goes does
/// not end it, and those that were closed when it started are not given to sockets, which lines would then be written
/// to.
inline void secure_standard_streams() noexcept {
  std::signal(SIGPIPE, SIG_IGN);
  int fd = 0;
  do {
    fd = ::open("/dev/null", O_RDWR);  // takes the lowest number that is free
  } while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd >= 0) ::close(fd);
}

}  // namespace hearth::app
