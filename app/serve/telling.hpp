#pragma once

#include "backend/events.hpp"
#include "hearth/requests.hpp"
#include "serve/current_access.hpp"

#include <string_view>

namespace hearth::app {

/// Tells the backend what becomes of clients and of this instance, if it is an event of a type that the configuration
/// has told (Access::tells). Any thread; nothing waits.
class Telling {
 public:
  /// Both have to outlive this.
  Telling(Events& events, const CurrentAccess& access) : events_(events), access_(access) {}

  void connected(const ClientConnected& event) const;
  void disconnected(const ClientDisconnected& event) const;
  void joined(const RoomMembership& event) const { membership("joined", event); }
  void left(const RoomMembership& event) const { membership("left", event); }
  void message(const Message& message) const;
  /// Of this instance: `started`, `stopping`.
  void node(std::string_view state) const;

 private:
  bool tells(std::string_view type) const { return access_.get()->tells(type); }
  void membership(std::string_view type, const RoomMembership& event) const;

  Events& events_;
  const CurrentAccess& access_;
};

}  // namespace hearth::app
