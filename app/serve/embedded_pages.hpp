#pragma once

#include "hearth/options.hpp"

#include <string_view>
#include <vector>

namespace hearth::app {

/// The pages of the playground: `/`, what it loads, and `/hearth.json`, which tells it where the WebSocket is.
std::vector<Page> playground_pages(std::string_view websocket_path, std::string_view encryption);

/// Those of the dashboard: `/`, and what it may load, by the paths that the files have in web/.
std::vector<Page> dashboard_pages();

}  // namespace hearth::app
