#pragma once

#include "config/config.hpp"
#include "config/load.hpp"
#include "hearth/options.hpp"

#include <string>
#include <vector>

namespace hearth::app {

/// The options of a server that a configuration stands for. Handlers and pages are for the caller to add.
Options options_from(const config::Config& config);

/// The keys that were given and of which these options take no notice.
std::vector<std::string> keys_without_effect(const config::Loaded& loaded);

}  // namespace hearth::app
