#pragma once

#include "protocol/name_hash.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace hearth::broker {

/// Notices that run ids flap: behind a proxy that spreads connections over servers, each instance finds another process
/// than the last one, and begins a branch of the log each time, over one connection. A Redis that is restarted or
/// replaced ends the connection, however often it is. It is told of the time, and has no clock of its own.
class BranchWatch {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  static constexpr int kMost = 4;                                                        ///< branches of a room
  static constexpr std::chrono::steady_clock::duration kSpan = std::chrono::minutes(1);  ///< within

  /// There is another connection.
  void connected() { rooms_.clear(); }

  /// A branch was begun here, of a log that there was. True if those of the room are too many.
  bool began(std::string_view room, TimePoint now) {
    if (now - since_ >= kSpan) {
      since_ = now;
      rooms_.clear();
    }
    auto count = rooms_.find(room);
    if (count == rooms_.end()) count = rooms_.emplace(std::string(room), 0).first;
    return ++count->second > kMost;
  }

 private:
  TimePoint since_{};
  boost::unordered_flat_map<std::string, int, protocol::NameHash, std::equal_to<>> rooms_;
};

}  // namespace hearth::broker
