#pragma once

#include "config/config.hpp"
#include "hearth/room_rule.hpp"

#include <vector>

namespace hearth::config {

/// Each `[[rooms]]` in the library's form.
std::vector<RoomRule> rules_of(const Config& config);

}  // namespace hearth::config
