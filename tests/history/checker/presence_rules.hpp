#pragma once

#include "history/checker/record.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hearth::test {

/// C8 and C9 as far as presence goes: who a client is shown, and who is there.
class PresenceRules {
 public:
  using Report = std::function<void(std::string_view rule, std::string what)>;

  void follow(const Record& record, const Report& report);
  void end(const Report& report) const;

 private:
  struct View {
    std::uint64_t version = 0;
    bool is_shown = false;
    std::optional<std::uint64_t> numbers{};          // where only these are told
    std::map<std::uint64_t, std::uint64_t> members;  // node, by member
  };
  /// Of a node that none is missing of.
  struct Beats {
    std::int64_t first = 0;
    std::int64_t last = 0;
  };
  using Key = std::pair<std::uint32_t, std::uint32_t>;  // client and room

  static constexpr std::int64_t kHeartbeat = 5'000'000;  // where nobody says anything else
  static constexpr std::int64_t kReport = 2'000'000;     // what a report takes

  /// How long after its last beat a node may still be shown.
  std::int64_t two_beats() const noexcept { return 2 * beat_ + kReport + lateness_; }
  /// For so long after a fault nobody is judged: whoever was cut off waits two beats first, and may have to try again.
  std::int64_t aftermath() const noexcept { return 4 * beat_ + lateness_; }
  /// Who has been there for so long, on a node that has beaten all the while, is not told as gone for having been away.
  std::int64_t settled() const noexcept { return 2 * beat_; }

  static std::string name(const Key& whose);
  void follow_change(const Record& record, const Report& report);
  void follow_numbers(const Record& record, const Report& report);
  /// Something fails, or has not long ago.
  bool is_troubled(std::int64_t now) const noexcept { return faults_ > 0 || (healed_ && now - *healed_ < aftermath()); }
  void follow_beat(const Record& record);
  void follow_fault(const Record& record, int by);
  void check_alive(const Record& record, std::uint64_t member, const Report& report) const;
  void check_dead(std::int64_t now, const Report& report);

  std::int64_t beat_ = kHeartbeat;  // a node whose last one is not as old lives, for everybody
  std::int64_t lateness_ = 0;
  std::map<Key, View> views_;
  std::map<std::uint32_t, std::map<std::uint64_t, std::uint64_t>> present_;  // node by member, by room
  std::map<std::pair<std::uint64_t, std::uint32_t>, std::int64_t> since_;    // when a member, and room, came last
  std::map<std::uint64_t, std::int64_t> dead_;                               // by node: since when; not judged yet
  std::map<std::uint64_t, Beats> beats_;                                     // by node
  int faults_ = 0;                                                           // that last
  std::optional<std::int64_t> healed_;                                       // the last one
  std::int64_t trouble_ = 0;                                                 // when it began, if it has not ended
};

}  // namespace hearth::test
