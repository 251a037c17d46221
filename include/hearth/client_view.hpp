#pragma once

#include "hearth/room_pattern.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <span>
#include <string_view>

namespace hearth {

/// What rules look at of a client. A view: good for as long as what it refers to.
struct ClientView {
  std::string_view client_id{};
  std::optional<std::string_view> user_id{};  ///< an empty one counts as none
  const boost::json::object* claims{};        ///< of its token or from the backend; null if there are none
  std::span<const RoomPattern> join{};        ///< what it was granted to join
  std::span<const RoomPattern> publish{};     ///< and to publish to
  bool is_member = false;                     ///< of the room; for publishing
  std::string_view event{};                   ///< what it wants to publish
};

}  // namespace hearth
