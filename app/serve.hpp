#pragma once

#include "hearth/options.hpp"

#include <string>
#include <vector>

namespace hearth::app {

/// What `hearth serve` was told on the command line.
struct ServeArguments {
  bool dev = false;
  std::vector<std::string> listen{"127.0.0.1:8080"};
  std::string path{"/ws"};
  unsigned threads = 0;
  Encryption encryption = Encryption::optional;
  LogLevel log_level = LogLevel::info;
};

/// Runs a server until SIGINT or SIGTERM. Returns the exit code; throws what `Server` throws.
int serve(const ServeArguments& arguments);

}  // namespace hearth::app
