#pragma once

#include "api/access_statistics.hpp"
#include "api/reload_outcome.hpp"
#include "backend/statistics.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::app {

/// When a certificate ends.
struct CertificateEnd {
  std::string certificate{};  ///< its file
  double at = 0;              ///< Unix time, in seconds
};

/// What the API shows beside the server itself. What is empty is not there. Any thread calls them.
struct ApiSources {
  std::function<std::optional<BackendStatistics>()> backend{};  ///< nothing: there is none now
  std::function<ReloadFigures()> reload{};
  std::function<KeySetStatistics()> key_sets{};
  std::function<EventStatistics()> events{};
  std::function<AccessStatistics()> access{};
  std::function<std::vector<CertificateEnd>()> certificates{};
  std::string_view events_to{};  ///< where they go: `webhook` or `stream`
};

}  // namespace hearth::app
