#pragma once

#include "hearth/export.hpp"

#include <chrono>
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

}  // namespace hearth
