#pragma once

#include "net/file_descriptor.hpp"
#include "support/patience.hpp"

#include <sys/types.h>

#include <string>
#include <vector>

namespace hearth::test {

/// A program that a test runs beside itself. Its standard output is read by the test; the rest it shares with it.
class ChildProcess {
 public:
  /// `command`: the program's path and its arguments. Throws std::system_error if it cannot be started.
  explicit ChildProcess(const std::vector<std::string>& command);
  /// Kills it if it still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// The next line of its output, without the end of the line. Throws when none comes within kPatience.
  std::string read_line();

  /// Asks it to end (SIGTERM) and waits for that. Returns its exit status, or 128 and the signal that ended it. Throws
  /// when it goes on for longer than kPatience.
  int terminate();

  pid_t pid() const { return pid_; }

 private:
  net::FileDescriptor output_;
  std::string read_;
  pid_t pid_ = 0;
  bool runs_ = false;
};

}  // namespace hearth::test
