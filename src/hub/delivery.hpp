#pragma once

#include "hearth/target.hpp"
#include "protocol/client_id.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::hub {

/// Whom a message is for, and whom not.
struct Destination {
  Target target;
  std::span<const protocol::ClientId> exclude{};
};

/// A message on its way to another shard: owns what it says.
struct Delivery {
  Target::Kind kind = Target::Kind::everybody;
  std::string name;
  std::vector<protocol::ClientId> exclude;
  std::string envelope;  ///< encoded

  Destination destination() const noexcept { return {{kind, name}, exclude}; }
};

}  // namespace hearth::hub
