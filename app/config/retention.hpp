#pragma once

#include "hearth/history.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace hearth::config {

/// Most publications that a room may be told to keep.
inline constexpr std::uint32_t kMostHistory = 100'000;

/// Reads `1000,10m`: so many publications, for so long; without a time 10 minutes. Or what is wrong with it, as the
/// rest of a sentence.
std::variant<Retention, std::string> parse_retention(std::string_view text);

}  // namespace hearth::config
