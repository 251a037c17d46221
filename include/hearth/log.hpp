#pragma once

#include "hearth/export.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace hearth {

enum class LogLevel : std::uint8_t { trace, debug, info, warning, error, off };

/// The level's name: `info`.
HEARTH_API std::string_view to_string(LogLevel level) noexcept;

/// Something that a line of the log names. What comes from outside, such as names, stands in fields alone.
struct LogField {
  std::string_view key;
  std::string_view value;
};

/// A line of the log. Views: good for as long as the call that it is an argument of.
struct LogRecord {
  LogLevel level = LogLevel::info;
  std::chrono::system_clock::time_point time{};
  std::string_view event{};    ///< what kind of line it is, in lower case: `client_refused`
  std::string_view message{};  ///< what happened and what to do, in words
  std::span<const LogField> fields{};

  /// Message and fields as one line of text: `client is refused: the handler said no client=d7270aa1 user="A n"`.
  /// Values with spaces, quotes and controls are quoted and escaped as in JSON; what is longer than 256 bytes is cut.
  HEARTH_API std::string text() const;
};

/// A value from outside as a text in quotes that stands for itself whatever is in it: a string of JSON, with what
/// controls a terminal, turns the direction of text around or is no UTF-8 escaped. What is longer than so many bytes is
/// cut, and ends in `…`. For who writes lines of their own.
HEARTH_API std::string quoted(std::string_view value, std::size_t longest = 256);

/// Writes text to a terminal, pipe or file as long as it takes it: what is left once it has taken nothing for 100 ms is
/// dropped, so that a reader that pauses, or has gone, ends nothing. Holds SIGPIPE back from the calling thread.
HEARTH_API void write_patiently(int fd, std::string_view text) noexcept;

}  // namespace hearth
