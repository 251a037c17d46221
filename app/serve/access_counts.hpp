#pragma once

#include "api/access_statistics.hpp"
#include "hearth/room_rules.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace hearth::app {

/// Counts what is decided about clients, whatever configuration holds. From any thread.
class AccessCounts {
 public:
  /// What a rule has decided.
  class Rule {
   public:
    void add(RoomAction action, RoomDecision::Outcome outcome) noexcept {
      counts_[static_cast<std::size_t>(action)][static_cast<std::size_t>(outcome)].fetch_add(1,
                                                                                             std::memory_order_relaxed);
    }
    std::uint64_t count(std::size_t action, std::size_t outcome) const { return counts_.at(action).at(outcome); }

   private:
    std::array<std::array<std::atomic<std::uint64_t>, 3>, 2> counts_{};
  };

  /// Somebody is not let in, for one of the reasons that are listed in access_counts.cpp.
  void refused(std::string_view reason) noexcept;
  /// Of rules of this name, which is as good as they; lives as long as this.
  Rule& rule(const std::string& name);

  AccessStatistics statistics() const;

 private:
  static constexpr std::size_t kMostReasons = 16;

  std::array<std::atomic<std::uint64_t>, kMostReasons> refusals_{};
  mutable std::mutex mutex_;
  std::map<std::string, Rule> rules_;  // guarded by mutex_, what is in it is not
};

}  // namespace hearth::app
