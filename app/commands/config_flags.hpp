#pragma once

#include "config/sources.hpp"

#include <CLI/App.hpp>

#include <optional>
#include <string>

namespace hearth::app {

/// `--config FILE`, for commands that need the configuration.
void add_config_flag(CLI::App& command, std::optional<std::string>& file);

/// The flags that stand for keys of the configuration, with what the table of keys says of them.
void add_key_flags(CLI::App& command, config::Flags& flags);

}  // namespace hearth::app
