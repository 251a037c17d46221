#pragma once

#include "auth/rule_set.hpp"
#include "hearth/room_rule.hpp"

#include <vector>

namespace hearth::auth {

std::vector<RoomRuleWarning> warnings(const RuleSet& rules);

}  // namespace hearth::auth
