#pragma once

#include "config/config.hpp"
#include "hearth/log.hpp"

#include <atomic>
#include <filesystem>
#include <optional>
#include <string>

namespace hearth::app {

/// A line of the log as `[log]` wants it, with its line feed: `text` for people, or one JSON object. `node` is the name
/// of this instance. Values from outside are quoted and shortened.
std::string log_line(const LogRecord& record, config::LogFormat format, const std::string& node);

/// Where the lines of the log go: to standard error, or to a file that may be exchanged.
class LogOutput {
 public:
  /// Throws std::system_error if the file cannot be opened.
  LogOutput(const config::LogConfig& config, std::string node);
  ~LogOutput();
  LogOutput(const LogOutput&) = delete;
  LogOutput& operator=(const LogOutput&) = delete;

  /// Writes a line. One thread, that of the log.
  void write(const LogRecord& record);
  /// From any thread: the file is opened anew before the next line, since it may have been moved away.
  void reopen() noexcept { is_stale_ = true; }

 private:
  int open() const noexcept;
  void refresh();

  const config::LogFormat format_;
  const std::optional<std::filesystem::path> path_;
  const std::string node_;
  const bool has_colours_;
  int file_ = -1;  // a descriptor, of the thread of the log once that runs
  std::atomic<bool> is_stale_{false};
};

}  // namespace hearth::app
