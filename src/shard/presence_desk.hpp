#pragma once

#include "presence/note.hpp"

#include <cstdint>
#include <vector>

namespace hearth::shard {

/// Where shards say who comes into the rooms that have presence, and leaves them (presence/rooms.hpp). From any thread;
/// what there is to say to clients comes by mail.
class PresenceDesk {
 public:
  virtual ~PresenceDesk() = default;
  /// Takes all of them, or throws and leaves them there.
  virtual void take(std::uint8_t shard, std::vector<presence::Note>& notes) = 0;
};

}  // namespace hearth::shard
