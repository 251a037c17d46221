#pragma once

#include "history/audience.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace hearth::shard {

/// A whole number from 0 to Position::kMostOffset, as JSON.
std::optional<std::uint64_t> parse_offset(std::string_view json) noexcept;

/// Where a member wants to begin: `null`, `{"epoch":"k3fZ81Qa","offset":41}` or `{"last":10}`; of those at most
/// kMostLast. Nothing if it is none of these.
std::optional<history::Since> parse_since(std::string_view json);

inline constexpr std::uint64_t kMostLast = 1000;

}  // namespace hearth::shard
