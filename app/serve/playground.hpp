#pragma once

#include "hearth/options.hpp"

#include <string_view>
#include <vector>

namespace hearth::app {

/// The pages of the playground: `/`, what it loads, and `/hearth.json`, which tells it where the WebSocket is.
std::vector<Page> playground_pages(std::string_view websocket_path, std::string_view encryption);

}  // namespace hearth::app
