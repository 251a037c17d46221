#pragma once

#include "hearth/options.hpp"

#include <string_view>
#include <vector>

namespace hearth::app {

/// What the playground is told of its server.
struct PlaygroundFacts {
  std::string_view websocket_path;
  std::string_view encryption;
  bool has_presence = false;  ///< some room tells who is in it
};

/// The pages of the playground: `/`, what it loads, and `/hearth.json`, which has the facts.
std::vector<Page> playground_pages(const PlaygroundFacts& facts);

/// Those of the dashboard: `/`, and what it may load, by the paths that the files have in web/.
std::vector<Page> dashboard_pages();

}  // namespace hearth::app
