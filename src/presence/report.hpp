#pragma once

#include "presence/member.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace hearth::presence {

/// What an instance says of a room to the others, and has the store keep.
struct Report {
  std::uint64_t version = 0;  ///< of the instance and the room: one higher each time, and higher than any before
  Counts counts{};
  bool is_listed = false;  ///< members are told of, and not only numbers
  bool is_whole = false;   ///< what the store has of this instance is to be replaced by `joined`
  std::vector<MemberPtr> joined{};
  std::vector<ClientId> left{};
};

/// What the store has of an instance in a room.
struct Entry {
  std::string node;
  std::uint64_t version = 0;
  Counts counts{};
  bool is_listed = false;
  std::vector<MemberPtr> members{};
};

}  // namespace hearth::presence
