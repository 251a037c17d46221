#pragma once

#include "presence/roster.hpp"

#include <string>
#include <string_view>

namespace hearth::presence {

/// `data` of the event `presence` (docs/presence.md), for what has changed in a room and for who is there. `room` is
/// its name as JSON. `is_stale`: this instance is cut off from the others.
std::string wording(std::string_view room, const Change& change, bool is_stale);
std::string wording(std::string_view room, const Picture& picture, bool is_stale);

}  // namespace hearth::presence
