#pragma once

#include "history/parts.hpp"

#include <cstddef>
#include <memory>

namespace hearth::hub {

struct Room;

/// What a room that remembers, or whose rule says what becomes of members who read slowly, has beside its members: how
/// they stand in their list. Of the shard's.
class Memory {
 public:
  /// `it_delivers`: what is sent to the room, in no log, is for this object to deliver.
  explicit Memory(bool it_delivers) noexcept : delivers(it_delivers) {}
  virtual ~Memory() = default;
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  /// The member at this place, which has a cursor, is about to go: the last with one takes its place.
  virtual void cursor_leaves(std::size_t place) = 0;

  history::Parts parts;
  const bool delivers;
};

/// Says which rooms have a memory.
class Memories {
 public:
  virtual ~Memories() = default;
  /// For a room that comes to be and has no member yet; null if it is to forget.
  virtual std::unique_ptr<Memory> memory_of(Room& room) = 0;
  /// What rooms are has changed: whether the memory that this one has is to go. If so, all is done that had to be.
  virtual bool retire(Room& room) = 0;
};

}  // namespace hearth::hub
