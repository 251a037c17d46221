#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace hearth::app {

/// What has to say who a client is.
enum class Door : std::uint8_t {
  jwt,
  backend,
  anonymous,
  none,  ///< nothing does: it is refused
  dev,   ///< in development mode, the client itself
};

/// Their names in metrics.
inline constexpr std::array<std::string_view, 5> kDoors{"jwt", "backend", "anonymous", "none", "dev"};

}  // namespace hearth::app
