#pragma once

#include "history/parts.hpp"

#include <cstddef>
#include <memory>

namespace hearth::hub {

struct Room;

/// What a room that remembers has beside its members: how they stand in their list. Of the shard's.
class Memory {
 public:
  Memory() = default;
  virtual ~Memory() = default;
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  /// The member at this place, which has a cursor, is about to go: the last with one takes its place.
  virtual void cursor_leaves(std::size_t place) = 0;

  history::Parts parts;
};

/// Says which rooms remember.
class Memories {
 public:
  virtual ~Memories() = default;
  /// For a room that comes to be and has no member yet; null if it is to forget.
  virtual std::unique_ptr<Memory> memory_of(Room& room) = 0;
};

}  // namespace hearth::hub
