#pragma once

#include "config/config.hpp"
#include "hearth/options.hpp"

#include <cstdint>

namespace hearth::app {

/// The options of a server that a configuration stands for, in a process with so many file descriptors. Handlers and
/// pages are for the caller to add.
Options options_from(const config::Config& config, std::uint64_t descriptors);

}  // namespace hearth::app
