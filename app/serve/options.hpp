#pragma once

#include "config/config.hpp"
#include "hearth/options.hpp"

namespace hearth::app {

/// The options of a server that a configuration stands for. Handlers and pages are for the caller to add.
Options options_from(const config::Config& config);

}  // namespace hearth::app
