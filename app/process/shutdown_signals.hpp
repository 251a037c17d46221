#pragma once

#include <unistd.h>

#include <csignal>
#include <initializer_list>

namespace hearth::app {

/// SIGINT, SIGTERM and SIGHUP, as something that a thread of a program waits for. Make it before any other thread,
/// since they inherit that the three are held back.
class ShutdownSignals {
 public:
  ShutdownSignals() noexcept : wake_(SIGRTMIN) {
    sigemptyset(&set_);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, wake_}) sigaddset(&set_, signal);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }

  /// Returns the signal that came, or 0 after `wake`. After SIGINT or SIGTERM the next one ends the program at once, as
  /// if nobody had waited.
  int wait() const noexcept {
    int signal = 0;
    sigwait(&set_, &signal);
    if (signal == wake_) return 0;
    if (signal == SIGHUP) return signal;
    sigset_t ending{};
    sigemptyset(&ending);
    for (const int one : {SIGINT, SIGTERM}) sigaddset(&ending, one);
    pthread_sigmask(SIG_UNBLOCK, &ending, nullptr);
    return signal;
  }

  /// From any thread: has `wait` return.
  void wake() const noexcept { ::kill(::getpid(), wake_); }

 private:
  const int wake_;
  sigset_t set_{};
};

}  // namespace hearth::app
