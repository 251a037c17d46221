#pragma once

#include "hearth/export.hpp"
#include "hearth/limits.hpp"
#include "hearth/log.hpp"
#include "hearth/room_rules.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace hearth {

struct Options;

/// What of a server's options can be changed while it runs (Server::update): the fields of the same names in Options,
/// where they are explained.
struct Settings {
  Limits limits{};
  std::vector<std::string> allowed_origins{};
  std::vector<std::string> trusted_proxies{};
  LogLevel log_level{LogLevel::info};
  RoomRules room_rules{};
  std::size_t max_payload_length{std::size_t{128} * 1024};   ///< bytes
  std::size_t backpressure_limit{std::size_t{1024} * 1024};  ///< bytes
  std::chrono::milliseconds expiry_grace{25'000};            ///< of identities that are given from then on
  std::vector<std::string> request_headers{};                ///< of connections that come from then on
};

/// What of them can be changed.
HEARTH_API Settings settings_of(const Options& options);

}  // namespace hearth
