#pragma once

#include "hearth/room_rules.hpp"
#include "hearth/server.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string_view>

namespace hearth::app {

/// What a room is, by that one of the server's rules which says so, as the API shows it; nothing if none matches.
std::optional<boost::json::object> rule_json(const Server& server, const RoomRules& rules, std::string_view room);

}  // namespace hearth::app
