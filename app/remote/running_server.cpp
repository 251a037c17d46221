#include "remote/running_server.hpp"

#include "config/load.hpp"
#include "config/url.hpp"
#include "hearth/room_pattern.hpp"
#include "usage_error.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace hearth::app {

namespace {

std::optional<std::string> variable(std::string_view name) {
  for (auto& [known, value] : config::environment()) {
    if (known == name && !value.empty()) return std::move(value);
  }
  return std::nullopt;
}

ApiPlace read_place(const std::string& text, std::string_view source) {
  if (auto place = parse_place(text)) return *std::move(place);
  throw UsageError(std::string(source) + " is `" + text +
                   "`; give host:port, [v6 address]:port, http://host:port, https://host:port or unix:/path");
}

std::optional<ApiPlace> given_place(const ServerFlags& flags) {
  if (flags.api) return read_place(*flags.api, "--api");
  if (const auto text = variable("HEARTH_API")) return read_place(*text, "HEARTH_API");
  return std::nullopt;
}

/// What the configuration says of the API; without a file, what its defaults and the environment do.
config::ApiConfig read_config(const ServerFlags& flags) {
  config::Loaded loaded =
      config::load({.file = flags.config, .variables = config::environment(), .may_lack_file = true});
  if (loaded.is_good()) return std::move(loaded.config.api);
  std::string lines;
  for (const config::Problem& problem : loaded.problems) lines += '\n' + problem.str();
  throw UsageError("the configuration, which says where the API is and has its keys, is wrong:" + lines +
                   "\nHEARTH_API and HEARTH_API_KEY together make do without it");
}

ApiPlace configured_place(const config::ApiConfig& api) {
  for (const std::string& address : api.listen) {
    auto place = place_of(address);
    if (!place) continue;
    place->is_secure = !api.tls.certificates.empty();
    return *std::move(place);
  }
  throw UsageError(api.listen.empty()
                       ? "the configuration has no API (api.listen is empty); --api or HEARTH_API names another one"
                       : "api.listen has no port of its own, so that only the line `API on` of the server says which "
                         "it is; give that by --api or HEARTH_API");
}

bool is_near(const ApiPlace& place) {
  const bool is_v6 = place.host.find(':') != std::string::npos;
  return !place.socket.empty() || config::is_loopback(is_v6 ? '[' + place.host + ']' : place.host);
}

/// Certificates are for names, and hardly one is for 127.0.0.1: who is asked where the configuration says, on this
/// machine, is believed as much as without TLS.
ApiTrust trust_of(const ServerFlags& flags, bool is_near_as_configured) {
  ApiTrust trust;
  trust.authorities = flags.api_authorities ? flags.api_authorities : variable("HEARTH_API_CA");
  trust.certificate = flags.api_certificate ? flags.api_certificate : variable("HEARTH_API_CERT");
  trust.is_checked = !is_near_as_configured || trust.authorities;
  return trust;
}

bool allows(const config::ApiKeyConfig& key, const Errand& errand) {
  if (std::find(key.allow.begin(), key.allow.end(), errand.scope) == key.allow.end()) return false;
  if (errand.scope != "publish" || !key.rooms) return true;
  const auto may = [&](const std::string& room) {
    return std::any_of(key.rooms->begin(), key.rooms->end(),
                       [&](const std::string& pattern) { return RoomPattern(pattern).matches(room); });
  };
  return errand.is_for_rooms_alone && std::all_of(errand.rooms.begin(), errand.rooms.end(), may);
}

}  // namespace

const config::ApiKeyConfig* key_for(const std::vector<config::ApiKeyConfig>& keys, const Errand& errand) {
  const auto found =
      std::find_if(keys.begin(), keys.end(), [&](const config::ApiKeyConfig& key) { return allows(key, errand); });
  return found == keys.end() ? nullptr : &*found;
}

ApiClient find_server(const ServerFlags& flags, const Errand& errand) {
  std::optional<ApiPlace> place = given_place(flags);
  std::optional<std::string> key = errand.scope.empty() ? std::nullopt : variable("HEARTH_API_KEY");
  const bool has_key = key || errand.scope.empty();
  ApiTrust trust = trust_of(flags, false);
  if (place && has_key) return {*std::move(place), std::move(key), std::move(trust)};
  const config::ApiConfig api = read_config(flags);
  if (!place) {
    place = configured_place(api);
    trust = trust_of(flags, is_near(*place));
  }
  if (has_key || api.keys.empty()) return {*std::move(place), std::move(key), std::move(trust)};
  const config::ApiKeyConfig* chosen = key_for(api.keys, errand);
  if (chosen == nullptr) {
    throw UsageError("none of [[api.keys]] is allowed this (`" + std::string(errand.scope) +
                     "`); HEARTH_API_KEY names another one");
  }
  return {*std::move(place), chosen->key, std::move(trust)};
}

}  // namespace hearth::app
