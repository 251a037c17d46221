#pragma once

#include "hearth/room_rule.hpp"
#include "presence/note.hpp"
#include "presence/others.hpp"
#include "presence/own_room.hpp"
#include "presence/roster.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace hearth::presence {

/// What is said to clients: `data` of an event.
using TextPtr = std::shared_ptr<const std::string>;

/// A room with presence that has members here. Of Rooms.
struct Room {
  Room(std::uint64_t its_number, std::string its_name, const RoomRule& rule);

  /// As the members are told, of those who are here.
  Roster fresh_roster() const;

  const std::uint64_t number;  ///< in which order they came to be
  const std::string name;
  const std::string quoted_name;
  const std::chrono::milliseconds interval;
  const Roster::Options options;
  Roster roster;
  std::set<std::uint8_t> watched_by{};  ///< shards
  std::optional<TimePoint> due{};
  TextPtr shown{};  ///< what is shown to all who come to be told, until something changes

  // In a cluster:
  std::optional<OwnRoom> own{};
  std::optional<Others> others{};                          ///< while somebody wants to be told
  std::vector<std::pair<std::uint8_t, ClientId>> waiting;  ///< members who are to be shown everybody
  TimePoint heals{};                                       ///< when it says everything once more
  TimePoint forgets{};                                     ///< nobody is in it: until when it is kept
  TimePoint retries{};                                     ///< when it says again what the store did not take
};

}  // namespace hearth::presence
