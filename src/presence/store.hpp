#pragma once

#include "presence/report.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace hearth::presence {

/// Where rooms ask what the instances of a cluster have in common. What comes of it is told to Rooms later, in any
/// order but for the reports of a room, of which one is under way at a time.
class Store {
 public:
  virtual ~Store() = default;
  /// Then Rooms::living or Rooms::cut_off. `renews`: this instance says that it lives, for so long.
  virtual void look(bool renews, std::chrono::milliseconds life) = 0;
  /// Then Rooms::written.
  virtual void write(const std::string& room, const Report& report) = 0;
  /// Of all instances that live. Then Rooms::read or Rooms::read_failed.
  virtual void read(const std::string& room) = 0;
  /// What a dead instance has left behind.
  virtual void forget(const std::string& room, const std::string& node) = 0;
  /// Reports of others come from now on: Rooms::watched, once they do and whenever they do again, and Rooms::report.
  virtual void watch(const std::string& room) = 0;
  virtual void unwatch(const std::string& room) = 0;
};

}  // namespace hearth::presence
