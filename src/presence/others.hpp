#pragma once

#include "presence/report.hpp"
#include "presence/roster.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace hearth::presence {

/// Who is in a room on the other instances, for as long as somebody here wants to know; what it learns it puts into the
/// room's roster. Knows no link: what comes from the others and from the store is given to it, and it says when it has
/// to read. For one thread at a time.
class Others {
 public:
  /// `missing`: an instance of which the store has had nothing for so long has nobody here.
  Others(std::string self, std::chrono::milliseconds missing) : self_(std::move(self)), missing_(missing) {}

  /// From the channel.
  void report(std::string_view node, const Report& report, Roster& roster, TimePoint now);
  void dead(std::string_view node, Roster& roster, TimePoint now);
  /// Reports may have been missed.
  void doubt() noexcept { wanted_ = true; }

  bool wants_read(TimePoint now) const noexcept {
    return !reading_ && (wanted_ || (reread_ != TimePoint() && reread_ <= now));
  }
  std::optional<TimePoint> next_read() const noexcept {
    return reread_ == TimePoint() ? std::nullopt : std::optional(reread_);
  }
  void begin_read() noexcept;
  /// All that the store has of the room, of instances that live.
  void read(std::span<const Entry> entries, Roster& roster, TimePoint now);
  /// It is to be read once more a little later.
  void read_failed(TimePoint again) noexcept;
  /// Whether the store has been read.
  bool is_ready() const noexcept { return is_ready_; }

 private:
  struct Node {
    std::uint64_t version = 0;
    Counts unlisted{};  // of one that tells numbers alone
    std::set<ClientId, ById> members{};
    TimePoint missing{};  // since when the store has nothing of it
  };

  void replace(Node& node, const Entry& entry, Roster& roster, TimePoint now) const;
  static void clear(Node& node, Roster& roster, TimePoint now);
  void count(Roster& roster) const;

  const std::string self_;
  const std::chrono::milliseconds missing_;
  std::map<std::string, Node, std::less<>> nodes_;
  TimePoint reread_{};
  bool wanted_ = true;
  bool reading_ = false;
  bool is_ready_ = false;
};

}  // namespace hearth::presence
