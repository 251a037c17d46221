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

  /// What may have to prove who somebody is (Metrics::authentication_methods).
  std::vector<std::string_view> methods{};
  /// Why somebody was not let in, each with how often.
  std::vector<std::pair<std::string_view, std::uint64_t>> failures{};
  std::vector<RuleDecisions> rules{};  ///< empty if rules decide nothing
};

}  // namespace hearth::app
