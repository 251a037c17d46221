#pragma once

#include "history/checker/record.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace hearth::test {

/// C8 and C9 as far as presence goes: who a client is shown, and who is there.
class PresenceRules {
 public:
  using Report = std::function<void(std::string_view rule, std::string what)>;

  /// How long after its last beat a node may still be shown: two beats of 5 s each, and what a report takes.
  static constexpr std::int64_t kTwoBeats = 12'000'000;

  void follow(const Record& record, const Report& report);
  void end(const Report& report) const;

 private:
  struct View {
    std::uint64_t version = 0;
    bool is_shown = false;
    std::map<std::uint64_t, std::uint64_t> members;  // node, by member
  };

  static std::string name(const Record& record);
  void check_dead(const View& view, const Record& record, const Report& report) const;

  std::map<std::pair<std::uint32_t, std::uint32_t>, View> views_;            // by client and room
  std::map<std::uint32_t, std::map<std::uint64_t, std::uint64_t>> present_;  // node by member, by room
  std::map<std::uint64_t, std::int64_t> dead_;                               // by node: since when
};

}  // namespace hearth::test
