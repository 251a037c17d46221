#pragma once

#include "hearth/options.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::app {

/// What `hearth serve` was told on the command line.
struct ServeArguments {
  bool dev = false;
  std::vector<std::string> listen{"127.0.0.1:8080"};
  std::string path{"/ws"};
  unsigned threads = 0;
  bool deflate = false;
  std::string log_level{"info"};       ///< a name of kLogLevels
  std::string encryption{"optional"};  ///< a name of kEncryptions
  std::string redis{};                 ///< URL; empty: a server alone
  std::vector<std::string> allow_origins{};
};

/// The names that log levels have on the command line.
inline constexpr std::array<std::pair<std::string_view, LogLevel>, 6> kLogLevels{{{"trace", LogLevel::trace},
                                                                                  {"debug", LogLevel::debug},
                                                                                  {"info", LogLevel::info},
                                                                                  {"warning", LogLevel::warning},
                                                                                  {"error", LogLevel::error},
                                                                                  {"off", LogLevel::off}}};

/// The names that kinds of payload encryption have on the command line.
inline constexpr std::array<std::pair<std::string_view, Encryption>, 3> kEncryptions{
    {{"off", Encryption::off}, {"optional", Encryption::optional}, {"required", Encryption::required}}};

/// Runs a server until SIGINT or SIGTERM. Returns the exit code; throws what `Server` throws.
int serve(const ServeArguments& arguments);

}  // namespace hearth::app
