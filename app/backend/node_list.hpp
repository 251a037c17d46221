#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::app {

/// An instance, as the list of instances in Redis has it (docs/redis.md).
struct ListedNode {
  std::string id{};
  std::string name{};
  std::int64_t seen = 0;   ///< when it last said that it lives, in ms, by Redis's clock
  std::uint64_t life = 0;  ///< how often it has entered the list
  std::string mark{};      ///< `+` or `-`, whether it tells of instances; or the id of the one that reports it as lost
  std::string value{};     ///< all but the id, as it is kept

  bool is_claimed() const noexcept { return mark != "+" && mark != "-"; }
};

/// The list at a moment.
struct NodeLook {
  std::int64_t now = 0;  ///< in ms, by Redis's clock
  std::vector<ListedNode> nodes{};
  std::string list{};  ///< which one it is: another one once Redis has lost it

  const ListedNode* find(std::string_view id) const noexcept;
};

/// Judges who of the instances of a cluster is lost, and whether this one was taken for lost: from what its beats have
/// found in the list. Knows neither Redis nor a clock. For one thread at a time.
class NodeList {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Findings {
    std::vector<ListedNode> lost{};  ///< to be claimed, and reported, by this instance
    bool was_removed = false;        ///< this one was reported as lost, and has entered the list again
    /// Others that were in the list until Redis has lost it; to be put back, so that it shows which of them live.
    std::vector<ListedNode> forgotten{};
  };

  /// `self`: the id of this instance, which has entered the list for the first time. `lost_after`: how long an instance
  /// is silent that is lost.
  NodeList(std::string self, std::chrono::milliseconds lost_after, Time now)
      : self_(std::move(self)), lost_after_(lost_after), beaten_(now) {}

  /// How long to wait between two beats.
  std::chrono::milliseconds interval() const noexcept;
  std::uint64_t life() const noexcept { return life_; }

  /// A beat that was sent at `sent` has found this list, with this instance in it. `tells`: this one tells of
  /// instances.
  Findings beaten(const NodeLook& look, bool tells, Time sent, Time now);
  /// A beat has not come through.
  void failed() noexcept { well_since_.reset(); }

  /// This one reports the instance as lost, until `end`.
  void begin(const std::string& id) { reporting_.insert(id); }
  void end(const std::string& id) { reporting_.erase(id); }

 private:
  bool goes_on(const NodeLook& look, Time sent, Time now) const;
  bool is_silent(const ListedNode& node, const NodeLook& look) const noexcept;
  bool lives(const ListedNode& node, const NodeLook& look) const noexcept;
  bool is_reporter(const NodeLook& look, bool tells) const;
  bool is_to_be_reported(const ListedNode& node, const NodeLook& look) const;
  std::vector<ListedNode> forgotten_by(const NodeLook& look) const;

  const std::string self_;
  const std::chrono::milliseconds lost_after_;
  std::uint64_t life_ = 1;
  std::set<std::string> reporting_{};
  std::optional<Time> well_since_{};  // all beats have come through, in time
  Time beaten_;                       // when the last beat that has come through was sent
  Time answered_{};
  NodeLook last_{};  // what it has found
  bool was_claimed_ = false;
};

}  // namespace hearth::app
