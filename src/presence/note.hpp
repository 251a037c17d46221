#pragma once

#include "presence/member.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace hearth {
struct RoomRule;
}

namespace hearth::presence {

/// A part of the members that is asked for.
struct Page {
  std::optional<ClientId> after{};
  std::size_t limit = 0;
};

/// What a shard says of one of its rooms, or wants to know.
struct Note {
  enum class Kind : std::uint8_t {
    joined,
    left,
    watch,    ///< a member wants to be told from now on: shown everybody first
    unwatch,  ///< nobody on the shard wants to be told any more
    ask,      ///< a member asks who is there
  };

  Kind kind = Kind::joined;
  std::string room{};
  std::shared_ptr<const RoomRule> rule{};  ///< of `joined`
  MemberPtr member{};                      ///< the same
  ClientId client{};                       ///< of the others, but for `unwatch`
  std::string id_json{};                   ///< of `ask`: its request's
  std::optional<Page> page{};              ///< the same; nothing: everybody

  /// What it takes of memory, about.
  std::size_t size() const noexcept {
    return sizeof(Note) + room.size() + id_json.size() +
           (member ? sizeof(Member) + member->user.size() + member->info.size() : 0);
  }
};

}  // namespace hearth::presence
