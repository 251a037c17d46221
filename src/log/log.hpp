#pragma once

#include "hearth/log.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string_view>

namespace hearth::log {

/// Takes the lines, one at a time, on the log's own thread.
using Sink = std::function<void(const LogRecord&)>;

/// A log that nobody waits for. Lines are left in a queue of bounded size, from which a thread of its own takes them;
/// what does not fit is dropped and counted. Of one event no more than kMostASecond lines a second are written, and
/// then how many more there were. Cheap to copy: copies are the same log. From any thread.
class Log {
 public:
  static constexpr unsigned kMostASecond = 20;
  /// Bytes of lines that wait.
  static constexpr std::size_t kQueueLimit = std::size_t{1} * 1024 * 1024;

  /// One that drops everything.
  Log() = default;
  /// Lines below `least` are left out.
  Log(Sink sink, LogLevel least);

  bool wants(LogLevel level) const noexcept;
  void set_level(LogLevel least) const noexcept;

  /// Leaves a line. `event` must live as long as the log: a literal. Never throws and never waits; what goes wrong is
  /// that the line is dropped.
  void operator()(LogLevel level, std::string_view event, std::string_view message,
                  std::initializer_list<LogField> fields = {}) const noexcept;
  /// As above for a line of the application's, of which there may be as many as it likes.
  void application(LogLevel level, std::string_view line) const noexcept;

  /// Waits until what was left so far has been written, but no longer than `most`. Not from the sink.
  void flush(std::chrono::milliseconds most) const;
  /// The sink is not called any more, in no thread, once this has returned; what waits then is dropped.
  void close() const;

  /// Lines that found no place, and those that were more than kMostASecond of their kind.
  std::uint64_t dropped() const noexcept;
  std::uint64_t suppressed() const noexcept;

 private:
  class Queue;
  std::shared_ptr<Queue> queue_;
};

/// Writes lines to standard error, as long as it takes them: one that nobody reads, or whose reader has gone, loses
/// them. `name` says whose lines they are.
Sink standard_error(std::string_view name);

}  // namespace hearth::log
