#pragma once

#include "config/config.hpp"
#include "remote/api_client.hpp"

#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::app {

/// What a command was told of the server that it is for.
struct ServerFlags {
  std::optional<std::string> api{};              ///< `--api`
  std::optional<std::string> api_authorities{};  ///< `--api-ca`
  std::optional<std::string> api_certificate{};  ///< `--api-cert`
  std::optional<std::string> config{};           ///< `--config`
};

/// What a command needs a key for: nothing, if everybody may ask; the rooms that it is to publish to, or nothing for
/// others.
struct Errand {
  std::string_view scope{};  ///< as in `[[api.keys]]`: `publish`, `control`, `read`
  std::span<const std::string> rooms{};
  bool is_for_rooms_alone = true;
};

/// The first key that is allowed that; nothing if none is.
const config::ApiKeyConfig* key_for(const std::vector<config::ApiKeyConfig>& keys, const Errand& errand);

/// Finds the API of a running server: `--api`, else HEARTH_API, else where the configuration has it listen; with the
/// key of HEARTH_API_KEY, else the first configured one that is allowed the errand. Where the configuration has it
/// listen on this machine alone, its certificate is not looked at, unless it is said whose are good. Throws UsageError
/// if that cannot be said.
ApiClient find_server(const ServerFlags& flags, const Errand& errand);

}  // namespace hearth::app
