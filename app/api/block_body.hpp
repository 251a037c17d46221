#pragma once

#include "hearth/block.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::app {

/// What a request to block says; throws ApiProblem if that is not right.
Block read_block(std::string_view text, std::chrono::system_clock::time_point now = std::chrono::system_clock::now());

/// The same as an answer shows it.
boost::json::object json_of(const Block& block);

/// A time in UTC as RFC 3339 writes it, `2026-11-25T18:00:00Z`, to the second; parts of a second are cut.
std::optional<std::chrono::sys_seconds> parse_time(std::string_view text);
std::string show_time(std::chrono::system_clock::time_point time);
/// The same to the millisecond.
std::string show_time_exactly(std::chrono::system_clock::time_point time);

}  // namespace hearth::app
