#pragma once

#include "api/reload_outcome.hpp"
#include "api/sources.hpp"
#include "config/load.hpp"
#include "hearth/options.hpp"
#include "hearth/server.hpp"
#include "hearth/tls_context.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace hearth::app {

/// What the API is the API of.
struct ApiHost {
  /// Outlives the API.
  Server& server;
  /// Called once, on the API's thread, when somebody wants the server to drain and end.
  std::function<void()> end{};
  /// Reads the configuration anew; called on another thread than the API's.
  std::function<ReloadOutcome()> reload{};
  /// What holds now; called on the API's thread.
  std::function<std::shared_ptr<const config::Loaded>()> configuration{};
  /// Everybody may do everything in every room, and rules decide nothing.
  bool has_no_rules = false;
  /// Of the sources that it was built of, for metrics.
  std::string_view revision{};
  /// What they call outlives the API.
  ApiSources sources{};
  /// How often `alive` is called, on the API's thread, as long as all shards answer; 0: never.
  std::chrono::microseconds alive_interval{0};
  std::function<void()> alive{};
  /// TLS on all addresses; nothing: plain.
  std::optional<TlsContext> tls{};
  /// What is served beside the routes.
  std::vector<Page> pages{};
};

}  // namespace hearth::app
