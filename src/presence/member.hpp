#pragma once

#include "protocol/client_id.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace hearth::presence {

using protocol::ClientId;

/// Somebody in a room. As long as it is there it stays the same.
struct Member {
  ClientId id{};
  std::string user{};  ///< empty: none
  std::string info{};  ///< JSON; empty: none

  bool operator==(const Member&) const = default;
};

/// It is told of in several rooms, and to many.
using MemberPtr = std::shared_ptr<const Member>;

/// The order of the texts of ids.
struct ById {
  bool operator()(const ClientId& a, const ClientId& b) const noexcept { return a.bytes < b.bytes; }
};

struct Counts {
  std::uint64_t clients = 0;
  std::uint64_t users = 0;

  bool operator==(const Counts&) const = default;
};

}  // namespace hearth::presence
