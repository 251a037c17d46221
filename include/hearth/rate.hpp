#pragma once

#include "hearth/export.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hearth {

/// How often something may happen: `count` times in `per`, and `burst` times at once after a pause.
struct Rate {
  std::uint32_t count = 0;
  std::chrono::seconds per{1};
  std::uint32_t burst = 0;

  bool operator==(const Rate&) const = default;
};

/// Reads `50/s`, `600/min`, `50/s burst 200`. Without `burst` it is what comes in a second, at least 1. Numbers are 1
/// to 1,000,000. Nothing if the text is none.
HEARTH_API std::optional<Rate> parse_rate(std::string_view text) noexcept;

}  // namespace hearth
