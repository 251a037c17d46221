#pragma once

#include "hearth/presence.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
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
  void write(std::string_view instance, const PresenceReport& report);
  /// Of those that live.
  std::vector<PresenceEntry> read(std::string_view room, TimePoint now) const;
  /// Unless it lives.
  void forget(std::string_view room, std::string_view instance, TimePoint now);
  /// An instance has ended, and with it all that it has said.
  void end(std::string_view instance);
  /// As if nobody had ever said anything.
  void clear();

 private:
  struct Kept {
    std::uint64_t version = 0;
    std::uint64_t clients = 0;
    std::uint64_t users = 0;
    std::map<std::string, KeptMember> members{};
  };
  using Instances = std::map<std::string, Kept, std::less<>>;

  bool lives(std::string_view instance, TimePoint now) const;
  void erase(std::string_view room, std::string_view instance);

  mutable std::mutex mutex_;
  std::map<std::string, TimePoint, std::less<>> living_;  // until when
  std::map<std::string, Instances, std::less<>> rooms_;
};

}  // namespace hearth::broker
