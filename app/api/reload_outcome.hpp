#pragma once

#include <string>
#include <vector>

namespace hearth::app {

/// What became of reading the configuration anew.
struct ReloadOutcome {
  std::vector<std::string> problems{};  ///< any: nothing has changed
  std::vector<std::string> changed{};   ///< keys that have other values now

  bool is_done() const noexcept { return problems.empty(); }
};

/// For metrics.
struct ReloadFigures {
  bool was_successful = true;  ///< the last one; also before the first
  double finished_at = 0;      ///< Unix time of the last one that was, or of the start
};

}  // namespace hearth::app
