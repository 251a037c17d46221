#pragma once

#include "net/file_descriptor.hpp"

namespace hearth::net {

/// Wakes a loop that waits in epoll, from any thread (an eventfd).
class Wakeup {
 public:
  Wakeup();  ///< throws std::system_error if no descriptor can be had
  int fd() const noexcept { return fd_.get(); }
  void notify() const noexcept;
  void clear() const noexcept;

 private:
  FileDescriptor fd_;
};

}  // namespace hearth::net
