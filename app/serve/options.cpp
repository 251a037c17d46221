#include "serve/options.hpp"

#include "config/rules.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>

namespace hearth::app {

namespace {

constexpr std::size_t kMostMessage = std::size_t{1} << 30;

// 0 switches a limit off, for which the library takes the most that it can.
std::size_t limit_of(config::ByteSize size, std::size_t most) { return size.bytes == 0 ? most : size.bytes; }

// Numbers that a rate of the library cannot hold are a problem of the configuration (config/checks.cpp).
std::optional<Rate> rate_of(const config::Rate& rate) {
  if (rate.amount == 0) return std::nullopt;
  return Rate{static_cast<std::uint32_t>(rate.amount), rate.per, static_cast<std::uint32_t>(rate.burst)};
}

Limits limits_of(const config::LimitsConfig& given, std::uint64_t descriptors) {
  Limits limits;
  limits.rooms_per_client = given.rooms_per_client;
  limits.connections = given.connections.value_or(descriptors / 10 * 9);
  limits.connections_per_ip = given.connections_per_ip;
  limits.connects = rate_of(given.connects);
  limits.connects_per_ip = rate_of(given.connects_per_ip);
  limits.unauthenticated = given.unauthenticated;
  limits.connections_per_user = given.connections_per_user;
  limits.messages = rate_of(given.messages);
  limits.bytes = rate_of(given.bytes);
  limits.encryption_failures = given.encryption_failures;
  limits.dry_run = given.dry_run;
  return limits;
}

// How many questions may wait is the backend's to say.
void add_backend(const config::Config& config, Options& options) {
  if (config.backend.url) options.limits.running_handlers += config.backend.in_flight + config.backend.queue;
  if (!config.auth.ask_backend) return;
  options.request_headers = config.auth.headers;
  options.request_headers.emplace_back("traceparent");
}

TlsClientAuth client_auth_of(config::ClientAuth auth) {
  switch (auth) {
    case config::ClientAuth::off:
      return TlsClientAuth::off;
    case config::ClientAuth::optional:
      return TlsClientAuth::optional;
    case config::ClientAuth::required:
      return TlsClientAuth::required;
  }
  return TlsClientAuth::required;
}

}  // namespace

TlsOptions tls_options_from(const config::TlsConfig& config) {
  TlsOptions options;
  for (const config::CertificateConfig& one : config.certificates) {
    options.certificates.push_back({one.cert.string(), one.key.string()});
  }
  options.min_version = config.min_version == config::TlsVersion::tls_1_3 ? TlsVersion::tls_1_3 : TlsVersion::tls_1_2;
  options.client_auth = client_auth_of(config.client_auth);
  if (config.client_ca && options.client_auth != TlsClientAuth::off) options.client_ca = config.client_ca->string();
  return options;
}

std::optional<TlsContext> api_tls_from(const config::Config& config) {
  if (config.api.tls.certificates.empty()) return std::nullopt;
  try {
    return TlsContext(tls_options_from(config.api.tls));
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(std::string("api.tls: ") + error.what());
  }
}

Options options_from(const config::Config& config, std::uint64_t descriptors) {
  const config::ServerConfig& server = config.server;
  Options options;
  options.identifier = server.name.empty() ? "hearth" : server.name;
  options.listen = server.listen;
  options.path = server.path;
  options.threads = server.threads;
  options.auth_timeout = server.auth_timeout;
  options.expiry_grace = config.auth.expiry_grace;
  options.heartbeat_interval = server.heartbeat_interval;
  options.heartbeat_timeout = server.heartbeat_timeout;
  options.idle_timeout = server.idle_timeout;
  options.send_pings = server.send_pings;
  options.per_message_deflate.enabled = server.deflate;
  options.max_payload_length = limit_of(config.limits.message_size, kMostMessage);
  options.backpressure_limit = limit_of(config.limits.backlog, std::numeric_limits<std::size_t>::max());
  options.limits = limits_of(config.limits, descriptors);
  options.encryption = config.encryption.mode;
  options.encryption_info = config.encryption.info;
  options.max_messages_per_key = config.encryption.max_messages_per_key;
  options.allowed_origins = server.allowed_origins;
  options.trusted_proxies = server.trusted_proxies;
  options.proxy_protocol = server.proxy_protocol;
  options.rooms_like_client_ids = server.rooms_like_client_ids;
  options.name_rooms = server.name_rooms;
  options.log_level = config.log.level;
  options.log_payloads = config.log.payloads;
  options.history = {.cache = config.history.cache.bytes,
                     .position_check = config.history.position_check,
                     .catch_up_at = config.history.catch_up_at.bytes,
                     .replay_window = config.history.replay_window.bytes,
                     .stall_timeout = config.history.stall_timeout};
  options.presence_heartbeat = config.presence.heartbeat;
  options.room_rules = RoomRules(config::rules_of(config));
  if (!server.tls.certificates.empty()) options.tls = tls_options_from(server.tls);
  add_backend(config, options);
  return options;
}

RoomRules rules_for_all(const std::optional<Retention>& history, RoomPresence presence) {
  RoomRule rule;
  rule.pattern = {"**"};
  if (history) {
    rule.history_size = history->size;
    rule.history_ttl = history->ttl;
  }
  rule.presence = presence;
  return RoomRules({rule});
}

std::optional<RoomPresence> parse_presence(std::string_view text) {
  if (text == "members") return RoomPresence::members;
  if (text == "count") return RoomPresence::count;
  return std::nullopt;
}

}  // namespace hearth::app
