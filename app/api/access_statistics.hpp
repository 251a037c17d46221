#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::app {

/// What was decided about clients since the start, by whatever configuration.
struct AccessStatistics {
  /// Decisions of one kind of a rule of `[[rooms]]`, or of `none`.
  struct RuleDecisions {
    std::string rule{};
    std::string_view action{};   ///< `join`, `publish`
    std::string_view outcome{};  ///< `allowed`, `refused`, `asked`
    std::uint64_t count = 0;
  };

  /// Why somebody was not let in, each with how often.
  std::vector<std::pair<std::string_view, std::uint64_t>> failures{};
  std::vector<RuleDecisions> rules{};  ///< empty if rules decide nothing
};

}  // namespace hearth::app
