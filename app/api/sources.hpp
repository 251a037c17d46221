#pragma once

#include "api/reload_outcome.hpp"
#include "backend/statistics.hpp"

#include <functional>
#include <string_view>

namespace hearth::app {

/// What the API shows beside the server itself. What is empty is not there. Any thread calls them.
struct ApiSources {
  std::function<BackendStatistics()> backend{};
  std::function<ReloadFigures()> reload{};
  std::function<KeySetStatistics()> key_sets{};
  std::function<EventStatistics()> events{};
  std::string_view events_to{};  ///< where they go: `webhook` or `stream`
};

}  // namespace hearth::app
