#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <new>
#include <string>
#include <utility>

namespace hearth::test {

/// A part of a test that runs in a process of its own, because both parts together would need more file descriptors
/// than a process may have. Made before the test has threads.
class Forked {
 public:
  explicit Forked(const std::function<void()>& part);
  /// Kills it if it was not waited for.
  ~Forked();
  Forked(const Forked&) = delete;
  Forked& operator=(const Forked&) = delete;

  /// Whether it has come to its end.
  bool ended();
  /// Waits for its end. Returns what went wrong in it, or an empty text.
  std::string wait();

 private:
  pid_t pid_ = 0;
  int problems_ = -1;
  bool ended_ = false;
};

/// Memory that a forked part shares with the test.
void* shared_memory(std::size_t size);

template <class T>
T& make_shared_state() {
  return *new (shared_memory(sizeof(T))) T();
}

}  // namespace hearth::test
