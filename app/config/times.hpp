#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::config {

/// A time in UTC as RFC 3339 writes it, `2026-11-25T18:00:00Z`, to the second; parts of a second are cut.
std::optional<std::chrono::sys_seconds> parse_time(std::string_view text);
std::string show_time(std::chrono::system_clock::time_point time);
/// The same to the millisecond.
std::string show_time_exactly(std::chrono::system_clock::time_point time);

}  // namespace hearth::config
