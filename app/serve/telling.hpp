#pragma once

#include "backend/events.hpp"
#include "backend/node_watch.hpp"
#include "backend/question.hpp"
#include "hearth/requests.hpp"
#include "serve/current_access.hpp"
#include "serve/roll.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hearth::app {

/// Tells the backend what becomes of clients and of instances, if it is an event of a type that the configuration
/// has told (Access::tells). Any thread; nothing waits.
class Telling {
 public:
  /// `events` and `access` have to outlive this. `may_be_lost`: another instance may report this one, `node`, as lost,
  /// so it keeps in mind what it has to tell again then.
  Telling(Events& events, const CurrentAccess& access, NodeName node, bool may_be_lost)
      : events_(events),
        access_(access),
        node_(std::move(node)),
        roll_(may_be_lost ? std::make_unique<Roll>() : nullptr) {}

  void connected(const ClientConnected& event) const;
  void disconnected(const ClientDisconnected& event) const;
  void joined(const RoomMembership& event) const;
  void left(const RoomMembership& event) const;
  void message(const Message& message) const;
  /// Of this instance: `started`, `stopping`.
  void node(std::string_view state) const;
  /// For whoever watches the other instances.
  NodeWatch::Teller for_watch() const;

 private:
  bool tells(std::string_view type) const { return access_.get()->tells(type); }
  void tell_connected(const ClientConnected& event) const;
  void tell_disconnected(const ClientDisconnected& event) const;
  void tell_membership(std::string_view type, const RoomMembership& event) const;
  void tell_lost(const NodeName& node, const std::string& id, std::function<void(bool)> outcome) const;
  void tell_all_again() const;

  Events& events_;
  const CurrentAccess& access_;
  const NodeName node_;
  const std::unique_ptr<Roll> roll_;  // of the clients that are connected; null if nobody is told again
};

}  // namespace hearth::app
