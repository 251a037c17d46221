#include "config/checks.hpp"

#include "config/library_checks.hpp"
#include "config/text_checks.hpp"
#include "config/url.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace hearth::config {

namespace {

template <class List>
bool has(const List& list, std::string_view what) {
  return std::find(list.begin(), list.end(), what) != list.end();
}

std::string entry(std::string_view list, std::size_t index) {
  return std::string(list) + '[' + std::to_string(index) + ']';
}

Findings check_server(const Config& config) {
  const ServerConfig& server = config.server;
  Findings found;
  if (server.listen.empty()) {
    found.push_back({"server.listen", "is empty; give one address at least, such as \"127.0.0.1:8080\""});
  }
  if (server.proxy_protocol && server.trusted_proxies.empty()) {
    found.push_back({"server.proxy_protocol",
                     "is true, and server.trusted_proxies is empty, so that nobody could connect",
                     false,
                     {"server.trusted_proxies"}});
  }
  if (has(server.allowed_origins, "*") && config.auth.ask_backend && has(config.auth.headers, "cookie")) {
    found.push_back({"server.allowed_origins",
                     "has \"*\" in it, while auth.ask_backend decides by auth.headers with \"cookie\" among them: any "
                     "web page could connect as its visitor; name the origins, or take \"cookie\" out"});
  }
  return found;
}

void check_tls(const TlsConfig& tls, const std::string& path, Findings& found) {
  const bool asks = tls.client_auth != ClientAuth::off;
  if (asks && !tls.client_ca) {
    found.push_back({path + ".client_auth",
                     "needs " + path + ".client_ca, which says whose certificates are good",
                     false,
                     {path + ".client_ca"}});
  }
  if (tls.client_ca && !asks) {
    found.push_back({path + ".client_ca", "is not used while " + path + ".client_auth is \"off\"", true});
  }
  if (asks && tls.certificates.empty()) {
    found.push_back({path + ".client_auth",
                     "needs " + path + ".certificates, without which there is no TLS",
                     false,
                     {path + ".certificates"}});
  }
}

Findings check_all_tls(const Config& config) {
  Findings found;
  check_tls(config.server.tls, "server.tls", found);
  check_tls(config.api.tls, "api.tls", found);
  return found;
}

bool is_hmac(const std::string& algorithm) { return algorithm.starts_with("HS"); }

// HS256 gives 32 bytes.
std::size_t hash_bytes(const std::string& algorithm) {
  return static_cast<std::size_t>(std::stoi(algorithm.substr(algorithm.size() - 3)) / 8);
}

void check_hmac(const JwtConfig& jwt, const std::string& path, Findings& found) {
  for (const std::string& algorithm : jwt.algorithms) {
    if (!is_hmac(algorithm)) {
      found.push_back({path + ".algorithms",
                       "has " + algorithm + " in it, which needs a public key; secret is for HS256, HS384 and HS512"});
      continue;
    }
    for (const std::string& secret : jwt.secret) {
      const std::size_t least = hash_bytes(algorithm);
      if (secret.size() >= least) continue;
      found.push_back({path + ".secret", "is " + std::to_string(secret.size()) + " bytes; " + algorithm +
                                             " needs at least " + std::to_string(least) + " (RFC 7518, 3.2)"});
    }
  }
}

void check_jwt_keys(const JwtConfig& jwt, const std::string& path, Findings& found) {
  const std::array<std::pair<std::string_view, bool>, 4> sources{{{"secret", !jwt.secret.empty()},
                                                                  {"public_key", jwt.public_key.has_value()},
                                                                  {"jwks_file", jwt.jwks_file.has_value()},
                                                                  {"jwks_url", jwt.jwks_url.has_value()}}};
  std::string given;
  std::vector<std::string> names;
  std::size_t count = 0;
  for (const auto& [name, is_given] : sources) {
    names.push_back(path + '.' + std::string(name));
    if (is_given) given += (count++ > 0 ? " and " : "") + std::string(name);
  }
  if (count == 0) {
    found.push_back({path, "has no key; give one of secret, public_key, jwks_file and jwks_url", false, names});
  } else if (count > 1) {
    found.push_back({path, "has " + given + "; give one of them, and the other in a [[auth.jwt]] of its own"});
  } else if (!jwt.secret.empty()) {
    check_hmac(jwt, path, found);
  } else if (const auto hmac = std::find_if(jwt.algorithms.begin(), jwt.algorithms.end(), is_hmac);
             hmac != jwt.algorithms.end()) {
    found.push_back({path + ".algorithms", "has " + *hmac + " in it, which is for a secret alone; with " + given +
                                               " whoever knows the public key could sign tokens with it"});
  }
}

Findings check_jwt(const Config& config) {
  const auto& list = config.auth.jwt;
  Findings found;
  std::set<std::string> issuers;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const JwtConfig& jwt = list[i];
    const std::string path = entry("auth.jwt", i);
    const std::size_t before = found.size();
    check_jwt_keys(jwt, path, found);
    if (jwt.algorithms.empty()) found.push_back({path + ".algorithms", "is empty; name those that may have signed"});
    if (jwt.jwks_url && jwt.audience.empty()) {
      found.push_back({path,
                       "has jwks_url and no audience; without it, tokens that its issuer makes for others would "
                       "be accepted here",
                       false,
                       {path + ".audience"}});
    }
    if (list.size() > 1 && !jwt.issuer) {
      found.push_back({path, "has no issuer; with several [[auth.jwt]] each needs its own", false, {path + ".issuer"}});
    }
    if (jwt.issuer && !issuers.insert(*jwt.issuer).second) {
      found.push_back({path + ".issuer", "is that of another [[auth.jwt]] too; each needs its own"});
    }
    if (found.size() == before) check_issuer(jwt, path, found);
  }
  return found;
}

Findings check_backend(const Config& config) {
  const BackendConfig& backend = config.backend;
  Findings found;
  if (config.auth.ask_backend && !backend.url)
    found.push_back({"auth.ask_backend", "needs backend.url", false, {"backend.url"}});
  if (!backend.messages.empty() && !backend.url)
    found.push_back({"backend.messages", "needs backend.url", false, {"backend.url"}});
  check_messages(backend, found);
  if (backend.cert.has_value() != backend.key.has_value()) {
    found.push_back({backend.cert ? "backend.cert" : "backend.key",
                     std::string("needs ") + (backend.cert ? "backend.key" : "backend.cert") + " beside it",
                     false,
                     {"backend.cert", "backend.key"}});
  }
  if (!backend.url) return found;
  if (backend.secret.empty()) {
    found.push_back({"backend.url", "needs backend.secret, which requests are signed with", false, {"backend.secret"}});
  }
  const auto url = parse_url(*backend.url);
  if (url && url->scheme == "http" && !is_loopback(url->host)) {
    found.push_back({"backend.url", "is plain http: whoever is on the way can answer in the backend's place", true});
  }
  return found;
}

void check_history_of(const RoomConfig& room, const std::string& path, Findings& found) {
  if (room.recover.value_or(false) && room.history_size == 0) {
    found.push_back({path + ".recover", "is true, which needs a history_size: without it nothing is kept"});
  }
}

Findings check_history(const Config& config) {
  Findings found;
  const ByteSize backlog = config.limits.backlog;
  const bool any = std::any_of(config.rooms.begin(), config.rooms.end(), [](const RoomConfig& room) {
    return room.history_size > 0 || room.slow_consumer.has_value();
  });
  if (!any || backlog.bytes == 0) return found;
  for (const auto& [path, size] : {std::pair("history.catch_up_at", config.history.catch_up_at),
                                   std::pair("history.replay_window", config.history.replay_window)}) {
    if (size.bytes <= backlog.bytes) continue;
    found.push_back({path, "is " + show(size) + ", more than limits.backlog, which is " + show(backlog) +
                               ": it would never come into force"});
  }
  return found;
}

Findings check_rooms(const Config& config) {
  Findings found;
  for (std::size_t i = 0; i < config.rooms.size(); ++i) {
    const RoomConfig& room = config.rooms[i];
    const std::string path = entry("rooms", i);
    check_history_of(room, path, found);
    if (config.backend.url) continue;
    if (has(room.join, "ask"))
      found.push_back({path + ".join", "is \"ask\", which needs backend.url", false, {"backend.url"}});
    if (has(room.publish, "ask"))
      found.push_back({path + ".publish", "is \"ask\", which needs backend.url", false, {"backend.url"}});
  }
  check_rules(config, found);
  return found;
}

Findings check_auth(const Config& config) {
  Findings found;
  check_auto_join(config.auth, found);
  return found;
}

// Who joins and leaves is told if the type is wanted, and of rooms whose rule wants it: one without the other is a
// slip.
void check_told_rooms(const Config& config, Findings& found) {
  const bool wanted = config.events.to && (has(config.events.types, "joined") || has(config.events.types, "left"));
  const auto telling =
      std::find_if(config.rooms.begin(), config.rooms.end(), [](const RoomConfig& room) { return room.events; });
  if (wanted && telling == config.rooms.end()) {
    found.push_back({"events.types",
                     "has \"joined\" or \"left\" in it, and no rule of [[rooms]] has events = true: nothing of "
                     "them will be told",
                     true});
  }
  if (!wanted && telling != config.rooms.end()) {
    const auto index = static_cast<std::size_t>(std::distance(config.rooms.begin(), telling));
    found.push_back({entry("rooms", index) + ".events",
                     config.events.to ? "is true, and events.types has neither \"joined\" nor \"left\" in it: nothing "
                                        "of them will be told"
                                      : "is true, and there is no events.to: nothing of them will be told",
                     true});
  }
}

Findings check_events(const Config& config) {
  const EventsConfig& events = config.events;
  Findings found;
  check_told_rooms(config, found);
  if (!events.to) return found;
  if (*events.to == EventsTo::backend && !config.backend.url) {
    found.push_back({"events.to", "is \"backend\", which needs backend.url", false, {"backend.url"}});
  }
  if (*events.to == EventsTo::redis && !config.broker.url) {
    found.push_back({"events.to", "is \"redis\", which needs broker.url", false, {"broker.url"}});
  }
  if (*events.to == EventsTo::redis && config.broker.url) check_stream(*config.broker.url, found);
  if (*events.to == EventsTo::backend && has(events.types, "node") && config.broker.is_redis_cluster()) {
    found.push_back({"events.types",
                     "has \"node\" in it, and broker.url is a Redis Cluster, which cannot keep the list of instances "
                     "yet: nobody will be told of one that is killed",
                     true});
  }
  return found;
}

bool is_of_this_machine(const std::string& address) {
  return address.starts_with("unix:") || is_loopback(host_of(address));
}

Findings check_api(const Config& config) {
  const ApiConfig& api = config.api;
  Findings found;
  std::set<std::string> names;
  for (std::size_t i = 0; i < api.keys.size(); ++i) {
    const std::string path = entry("api.keys", i);
    if (!names.insert(api.keys[i].name).second) {
      found.push_back({path + ".name", "is that of another key too; logs could not tell them apart"});
    }
    if (api.keys[i].allow.empty()) found.push_back({path + ".allow", "is empty; the key would be good for nothing"});
  }
  for (const std::string& address : api.listen) {
    if (api.keys.empty() && !is_of_this_machine(address)) {
      found.push_back({"api.listen", "has `" + address +
                                         "` in it, which other machines can reach, and there are no [[api.keys]]: "
                                         "anybody could publish to everybody; give keys, or listen on 127.0.0.1"});
    }
    if (has(config.server.listen, address) && !address.ends_with(":0")) {
      found.push_back(
          {"api.listen", "has `" + address + "` in it, and so has server.listen; give them different ports"});
    }
  }
  return found;
}

Findings check_log(const Config& config) {
  if (!config.log.payloads || config.log.level <= LogLevel::debug) return {};
  return {{"log.payloads",
           "is true, and nothing of messages is logged: their lines are of the level \"debug\", and log.level is \"" +
               std::string(to_string(config.log.level)) + '"',
           true}};
}

// The library counts with 32 bits.
Findings check_limits(const Config& config) {
  const LimitsConfig& limits = config.limits;
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
  const std::array<std::pair<std::string_view, const Rate*>, 4> rates{
      {{"limits.connects", &limits.connects},
       {"limits.connects_per_ip", &limits.connects_per_ip},
       {"limits.messages", &limits.messages},
       {"limits.bytes", &limits.bytes}}};
  Findings found;
  for (const auto& [path, rate] : rates) {
    if (rate->amount <= kMost && rate->burst <= kMost) continue;
    found.push_back({std::string(path), "is " + show(*rate) + "; neither of its numbers may be " +
                                            std::to_string(kMost + 1) + " or more. 0 switches the limit off"});
  }
  return found;
}

}  // namespace

std::span<const Check> checks() {
  static const std::array<Check, 11> all{check_server,  check_all_tls, check_auth,   check_jwt,
                                         check_backend, check_rooms,   check_events, check_api,
                                         check_limits,  check_history, check_log};
  return all;
}

}  // namespace hearth::config
