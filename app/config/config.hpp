#pragma once

#include "config/units.hpp"
#include "hearth/options.hpp"
#include "hearth/room_rule.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

/// What a configuration says (docs/configuration.md), read and checked. The defaults stand here; names, types and what
/// the keys mean stand in schema.cpp.
namespace hearth::config {

using std::chrono::milliseconds;
using Path = std::filesystem::path;

enum class TlsVersion : std::uint8_t { tls_1_2, tls_1_3 };
enum class ClientAuth : std::uint8_t { off, optional, required };
enum class EventsTo : std::uint8_t { backend, redis };
enum class LogFormat : std::uint8_t { text, json };

struct CertificateConfig {
  Path cert;
  Path key;
};

struct TlsConfig {
  std::vector<CertificateConfig> certificates{};  ///< empty: no TLS
  TlsVersion min_version = TlsVersion::tls_1_2;
  std::optional<Path> client_ca{};
  ClientAuth client_auth = ClientAuth::off;
};

struct ServerConfig {
  std::vector<std::string> listen{"127.0.0.1:8080"};
  std::string path{"/ws"};
  std::string name{};  ///< the host name, unless it was given
  unsigned threads = 0;
  std::vector<std::string> allowed_origins{"same-host", "loopback"};
  std::vector<std::string> trusted_proxies{};
  bool proxy_protocol = false;
  milliseconds drain_delay{5'000};
  milliseconds drain_time{30'000};
  milliseconds auth_timeout{5'000};
  milliseconds heartbeat_interval{30'000};
  milliseconds heartbeat_timeout{90'000};
  milliseconds idle_timeout{60'000};
  bool send_pings = true;
  bool deflate = false;
  bool name_rooms = true;
  bool rooms_like_client_ids = false;
  TlsConfig tls{};
};

/// An issuer of tokens. Exactly one of the first four is given.
struct JwtConfig {
  std::vector<std::string> secret{};
  std::optional<std::string> public_key{};  ///< PEM
  std::optional<Path> jwks_file{};
  std::optional<std::string> jwks_url{};
  std::vector<std::string> algorithms{};
  std::optional<std::string> issuer{};
  std::vector<std::string> audience{};
  std::string user_claim{"sub"};
  std::string hearth_claim{"hearth"};
  bool require_exp = true;
  milliseconds leeway{10'000};
  milliseconds jwks_max_stale{24 * 3'600'000};
  milliseconds max_lifetime{0};  ///< 0: none
};

struct AuthConfig {
  bool anonymous = false;
  bool ask_backend = false;
  std::vector<std::string> auto_join{"ws-default", "ws-notification"};
  milliseconds expiry_grace{25'000};
  std::vector<std::string> headers{"cookie", "authorization", "user-agent", "origin"};
  std::vector<JwtConfig> jwt{};
};

/// A rule: patterns and conditions as they were written.
struct RoomConfig {
  std::vector<std::string> pattern{};
  std::string name{};  ///< the first pattern, unless it was given
  std::vector<std::string> join{"nobody"};
  std::vector<std::string> publish{"nobody"};
  std::optional<std::vector<std::string>> publish_events{};  ///< nothing: all
  std::uint64_t history_size = 0;
  milliseconds history_ttl = std::chrono::minutes(10);
  std::optional<bool> recover{};                    ///< nothing: if there is a history
  std::optional<RoomSlowConsumer> slow_consumer{};  ///< nothing: `catch_up` with `recover`, else the server's
  RoomPresence presence = RoomPresence::off;
  std::uint64_t presence_limit = 1000;
  std::optional<milliseconds> presence_interval{};  ///< nothing: 100 ms for members, 1 s for numbers
  milliseconds presence_grace{0};
  bool events = false;

  bool has_presence() const { return presence != RoomPresence::off; }
};

struct PresenceConfig {
  milliseconds heartbeat{5'000};
};

struct BackendConfig {
  std::optional<std::string> url{};
  std::vector<std::string> secret{};
  milliseconds timeout{2'000};
  std::uint64_t in_flight = 128;
  std::uint64_t queue = 4'096;
  std::optional<Path> ca{};
  std::optional<Path> cert{};
  std::optional<Path> key{};
  std::vector<std::string> messages{};
};

struct EventsConfig {
  std::optional<EventsTo> to{};
  std::vector<std::string> types{"connected", "disconnected"};
  std::string stream{"hearth:events"};
  std::uint64_t max_length = 1'000'000;
  ByteSize queue{std::uint64_t{64} << 20};
  milliseconds lost_after{15'000};
};

struct ApiKeyConfig {
  std::string name{};
  std::string key{};
  std::vector<std::string> allow{"publish", "control", "read"};
  std::optional<std::vector<std::string>> rooms{};  ///< patterns; nothing: all
};

struct ApiConfig {
  std::vector<std::string> listen{"127.0.0.1:9080"};
  ByteSize max_body{std::uint64_t{1} << 20};
  TlsConfig tls{};
  std::vector<ApiKeyConfig> keys{};
};

struct BrokerConfig {
  std::optional<std::string> url{};
  std::optional<milliseconds> unready_after{30'000};  ///< nothing: never

  bool is_redis_cluster() const { return url && url->find("-cluster://") != std::string::npos; }
};

/// The rooms that remember.
struct HistoryConfig {
  ByteSize cache{std::uint64_t{64} << 20};
  milliseconds position_check{25'000};
  ByteSize catch_up_at{std::uint64_t{256} << 10};
  ByteSize replay_window{std::uint64_t{64} << 10};
  milliseconds stall_timeout{60'000};
};

struct EncryptionConfig {
  Encryption mode = Encryption::off;
  std::string info{crypto::kDefaultInfo};
  std::uint64_t max_messages_per_key = std::uint64_t{1} << 30;
};

/// 0 switches a limit off.
struct LimitsConfig {
  std::optional<std::uint64_t> connections{};  ///< nothing: 90 % of the descriptors
  std::uint64_t connections_per_ip = 256;
  Rate connects{2'000, std::chrono::seconds(1), 2'000};
  Rate connects_per_ip{20, std::chrono::seconds(1), 200};
  std::uint64_t unauthenticated = 4'096;
  std::uint64_t connections_per_user = 64;
  std::uint64_t rooms_per_client = 256;
  Rate messages{50, std::chrono::seconds(1), 200};
  Rate bytes{std::uint64_t{256} << 10, std::chrono::seconds(1), std::uint64_t{2} << 20, Rate::Unit::bytes};
  ByteSize message_size{std::uint64_t{128} << 10};
  ByteSize backlog{std::uint64_t{1} << 20};
  std::uint64_t encryption_failures = 10;
  bool dry_run = false;
};

struct LogConfig {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::text;
  bool payloads = false;
  std::optional<Path> file{};  ///< nothing: standard error
};

struct Config {
  ServerConfig server{};
  AuthConfig auth{};
  std::vector<RoomConfig> rooms{};
  BackendConfig backend{};
  EventsConfig events{};
  ApiConfig api{};
  BrokerConfig broker{};
  HistoryConfig history{};
  PresenceConfig presence{};
  EncryptionConfig encryption{};
  LimitsConfig limits{};
  LogConfig log{};
};

}  // namespace hearth::config
