#pragma once

#include "config/sources.hpp"
#include "serve/service_protocol.hpp"

#include <optional>
#include <string>
#include <vector>

namespace hearth::app {

/// What `hearth serve` was told on the command line, and given.
struct ServeArguments {
  bool dev = false;
  std::optional<std::string> config{};       ///< the file
  std::optional<std::string> history{};      ///< of every room, in development mode
  std::optional<std::string> presence{};     ///< the same
  config::Flags flags{};                     ///< those that stand for keys of it
  std::vector<std::string> allow_origins{};  ///< in development mode
  HandedSockets sockets{};
};

/// Runs a server until SIGINT or SIGTERM. Returns the exit code, 2 if the configuration is wrong; throws what `Server`
/// throws.
int serve(const ServeArguments& arguments);

}  // namespace hearth::app
