#pragma once

#include <csignal>

namespace hearth::net {

/// SIGINT and SIGTERM, as something that a program's main thread waits for. Make it before any other thread, since they
/// inherit that the two are held back.
class ShutdownSignals {
 public:
  ShutdownSignals() noexcept {
    sigemptyset(&set_);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }

  /// Returns the signal that came. The next one ends the program at once, as if nobody had waited.
  int wait() const noexcept {
    int signal = 0;
    sigwait(&set_, &signal);
    pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
    return signal;
  }

 private:
  sigset_t set_{};
};

}  // namespace hearth::net
