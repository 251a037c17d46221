#pragma once

#include "auth/rule_set.hpp"
#include "hearth/room_rules.hpp"

#include <string_view>

namespace hearth::auth {

RoomExplanation explain(const RuleSet& rules, RoomAction action, std::string_view room, const ClientView& client);

}  // namespace hearth::auth
