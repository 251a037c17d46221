#pragma once

#include "hearth/server.hpp"

#include <functional>

namespace hearth::app {

/// What the API is the API of.
struct ApiHost {
  /// Outlives the API.
  Server& server;
  /// Called once, on the API's thread, when somebody wants the server to drain and end.
  std::function<void()> end{};
};

}  // namespace hearth::app
