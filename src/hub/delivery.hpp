#pragma once

#include "protocol/client_id.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::hub {

/// Whom a message is for (docs/protocol.md, Addressing).
struct Destination {
  enum class Kind : std::uint8_t { client, user, room, everybody };
  Kind kind = Kind::everybody;
  std::string_view name;
  std::span<const protocol::ClientId> exclude;
};

/// A message on its way to another shard: owns what it says.
struct Delivery {
  Destination::Kind kind = Destination::Kind::everybody;
  std::string name;
  std::vector<protocol::ClientId> exclude;
  std::string envelope;  ///< encoded

  Destination destination() const noexcept { return {kind, name, exclude}; }
};

}  // namespace hearth::hub
