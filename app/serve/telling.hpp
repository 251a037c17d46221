#pragma once

#include "backend/events.hpp"
#include "config/config.hpp"
#include "hearth/requests.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace hearth::app {

/// Tells the backend what becomes of clients and of this instance: `[events]` of a configuration. Any thread; nothing
/// waits.
class Telling {
 public:
  /// `events` has to outlive this.
  Telling(Events& events, const config::EventsConfig& config) : events_(events), types_(config.types) {}

  /// Whether events of a type are told.
  bool tells(std::string_view type) const;

  void connected(const ClientConnected& event) const;
  void disconnected(const ClientDisconnected& event) const;
  void message(const Message& message) const;
  /// Of this instance: `started`, `stopping`.
  void node(std::string_view state) const;

 private:
  Events& events_;
  std::vector<std::string> types_;
};

}  // namespace hearth::app
