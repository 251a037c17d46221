#pragma once

#include "hearth/presence.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::broker {

/// Who is in the rooms of an exchange, in memory. From any thread.
class LocalPresence {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  LocalPresence() = default;
  /// All that the other has at this moment.
  LocalPresence(const LocalPresence& other);
  LocalPresence& operator=(const LocalPresence&) = delete;

  LivingInstances look(std::string_view instance, std::optional<std::chrono::milliseconds> life, TimePoint now);
  /// False if one of a higher version has come before: nothing changes.
  bool write(std::string_view instance, const PresenceReport& report);
  /// Of those that live.
  std::vector<PresenceEntry> read(std::string_view room, TimePoint now) const;
  /// Unless it lives.
  void forget(std::string_view room, std::string_view instance, TimePoint now);
  /// An instance has ended, and with it all that it has said.
  void end(std::string_view instance);
  /// As if nobody had ever said anything.
  void clear();

 private:
  /// Of so many instances and rooms the version is kept at which all members had left.
  static constexpr std::size_t kMostLeft = 1'000;

  struct Kept {
    std::uint64_t version = 0;
    std::uint64_t clients = 0;  // 0: only its version is of interest
    std::uint64_t users = 0;
    std::map<std::string, KeptMember> members{};
  };
  using Instances = std::map<std::string, Kept, std::less<>>;

  bool lives(std::string_view instance, TimePoint now) const;
  void erase(std::string_view room, std::string_view instance);
  void forget_left();

  mutable std::mutex mutex_;
  std::map<std::string, TimePoint, std::less<>> living_;  // until when
  std::map<std::string, Instances, std::less<>> rooms_;
  std::deque<std::pair<std::string, std::string>> left_;  // room and instance, the oldest first
};

}  // namespace hearth::broker
