#pragma once

#include "hearth/limits.hpp"
#include "hearth/log.hpp"
#include "hearth/room_rules.hpp"

#include <string>
#include <vector>

namespace hearth {

/// What of a server's options can be changed while it runs (Server::update): the fields of the same names in Options,
/// where they are explained.
struct Settings {
  Limits limits{};
  std::vector<std::string> allowed_origins{};
  std::vector<std::string> trusted_proxies{};
  LogLevel log_level{LogLevel::info};
  RoomRules room_rules{};
};

}  // namespace hearth
