#pragma once

#include "api/sources.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace hearth::app {

/// What somebody should look at beside the server itself, by its code.
inline constexpr std::array<std::string_view, 4> kTroubles{"certificate_ends", "keys_failing", "events_failing",
                                                           "backend_down"};

/// Of each, what is the matter, in words; empty: nothing is.
using Troubles = std::array<std::string, kTroubles.size()>;

/// A certificate is near its end if it has less than so long.
inline constexpr std::chrono::days kNearEnd{14};

Troubles troubles_of(const ApiSources& sources, std::chrono::system_clock::time_point now);

}  // namespace hearth::app
