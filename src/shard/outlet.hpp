#pragma once

#include "hub/client.hpp"
#include "protocol/system_events.hpp"

#include <span>
#include <string_view>

namespace hearth::shard {

/// What the parts of a shard say to its clients through.
class Outlet {
 public:
  virtual ~Outlet() = default;
  /// Sends a message made of pieces, in whatever form the client is to get it.
  virtual void send(hub::Client& client, std::span<const std::string_view> pieces) = 0;
  /// Closes a client; nothing if it is not open.
  virtual void close(hub::Client& client, const protocol::CloseReason& why) = 0;
};

}  // namespace hearth::shard
