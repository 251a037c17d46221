#include "config/schema.hpp"

#include "config/retention.hpp"
#include "config/text_checks.hpp"
#include "hearth/room_pattern.hpp"

#include <chrono>

namespace hearth::config {

namespace {

constexpr auto kSingle = Texts::Single::yes;
constexpr milliseconds kMoment{1};
constexpr std::uint64_t kMostMessagesPerKey = std::uint64_t{1} << 31;
constexpr milliseconds kDay = std::chrono::hours(24);
constexpr milliseconds kMostLeeway = std::chrono::minutes(10);
constexpr std::uint64_t kMostPresenceLimit = 1'000'000;
constexpr ByteSize kLeastReplayWindow{1024};
constexpr ByteSize kMostMessage{std::uint64_t{1} << 30};

/// Leads the visitor through a list of entries, each of which `visit_entry` knows.
template <class Entry, class VisitEntry>
void visit_list(Visitor& visitor, const Section& section, std::vector<Entry>& list, VisitEntry visit_entry) {
  list.resize(visitor.entries(section, list.size()));
  for (std::size_t i = 0; i < list.size(); ++i) {
    visitor.enter_entry(section, i);
    visit_entry(visitor, list[i]);
    visitor.leave();
  }
}

void visit_certificate(Visitor& visitor, CertificateConfig& certificate) {
  visitor.key({.name = "cert", .about = "certificate and chain, PEM", .reloadable = true, .required = true},
              File(certificate.cert));
  visitor.key({.name = "key", .about = "its private key, PEM", .reloadable = true, .required = true},
              File(certificate.key));
}

void visit_tls(Visitor& visitor, TlsConfig& tls) {
  visitor.enter(
      {"tls",
       "With `certificates`, every address of the section speaks TLS ([tls.md](tls.md)). Files that change are read "
       "anew within 30 s; a pair that is broken changes nothing and is logged."});
  visitor.key({.name = "min_version", .about = "oldest version of TLS that is spoken", .reloadable = true},
              Choice(tls.min_version, {{"1.2", TlsVersion::tls_1_2}, {"1.3", TlsVersion::tls_1_3}}));
  visitor.key({.name = "client_ca", .about = "who signs the certificates of clients, PEM", .reloadable = true},
              File(tls.client_ca));
  visitor.key(
      {.name = "client_auth", .about = "whether clients give a certificate; needs `client_ca`", .reloadable = true},
      Choice(tls.client_auth,
             {{"off", ClientAuth::off}, {"optional", ClientAuth::optional}, {"required", ClientAuth::required}}));
  visit_list(visitor,
             {"certificates",
              "A certificate; the first is the default, others are chosen by the name that the client "
              "asks for (SNI). As a list of `{ cert, key }` the same."},
             tls.certificates, visit_certificate);
  visitor.leave();
}

void visit_server_access(Visitor& visitor, ServerConfig& server) {
  visitor.key({.name = "allowed_origins",
               .about = "which web pages may connect: origins such as `https://app.example.com`, all of a domain "
                        "(`https://*.example.com`), `same-host` (that of the request's `Host`), `loopback` (a page on "
                        "this machine, connecting from it), or `*`. What sends no `Origin`, as programs do, passes",
               .reloadable = true},
              Texts(server.allowed_origins, check_origin));
  visitor.key({.name = "trusted_proxies",
               .about = "networks (`10.0.0.0/8`) whose `X-Forwarded-For` is believed; `unix` for Unix sockets",
               .reloadable = true},
              Texts(server.trusted_proxies, check_proxy));
  visitor.key({.name = "proxy_protocol",
               .about = "every connection begins with the PROXY protocol, version 1 or 2, and comes from "
                        "`trusted_proxies`"},
              Boolean(server.proxy_protocol));
}

void visit_server_times(Visitor& visitor, ServerConfig& server) {
  visitor.key(
      {.name = "drain_delay",
       .about = "how long a server that is told to end (SIGTERM) goes on as before while `/readyz` already fails",
       .reloadable = true},
      Duration(server.drain_delay, milliseconds(0), kDay));
  visitor.key({.name = "drain_time",
               .about = "over how long it then sends its clients away; if both are `\"0\"`, it ends at once",
               .reloadable = true},
              Duration(server.drain_time, milliseconds(0), kDay));
  visitor.key(
      {.name = "auth_timeout", .about = "how long a connection may take to upgrade, and then to send `authenticate`"},
      Duration(server.auth_timeout, kMoment));
  visitor.key({.name = "heartbeat_interval", .about = "how often clients are looked through for silent ones"},
              Duration(server.heartbeat_interval, kMoment));
  visitor.key({.name = "heartbeat_timeout", .about = "a client that sends no message for longer is closed with 4002"},
              Duration(server.heartbeat_timeout, kMoment));
  visitor.key({.name = "idle_timeout",
               .about = "a connection from which no frame comes for longer is closed; `\"0\"` switches that off"},
              Duration(server.idle_timeout));
  visitor.key({.name = "send_pings", .about = "whether to ping one that has been quiet for half of `idle_timeout`"},
              Boolean(server.send_pings));
}

void visit_server(Visitor& visitor, ServerConfig& server) {
  visitor.enter({"server", "Where clients connect, and how."});
  visitor.key({.name = "listen",
               .about = "`host:port`, `[v6 address]:port` or `unix:/path`; port 0 takes a free one",
               .flag = "--listen"},
              Texts(server.listen, check_address));
  visitor.key({.name = "path", .about = "path of the WebSocket endpoint", .flag = "--path"},
              Text(server.path, check_path));
  visitor.key({.name = "name",
               .about = "stable name of this instance in logs, metrics and events",
               .fallback = "the host name"},
              Text(server.name));
  visitor.key({.name = "threads", .about = "threads that hold connections; 0 takes one a core", .flag = "--threads"},
              Number(server.threads, 0, 256));
  visit_server_access(visitor, server);
  visit_server_times(visitor, server);
  visitor.key(
      {.name = "deflate", .about = "agree to permessage-deflate with clients that offer it", .flag = "--deflate"},
      Boolean(server.deflate));
  visitor.key({.name = "name_rooms",
               .about = "whether what is sent to a room carries the room's name ([protocol.md](protocol.md#rooms))",
               .flag = "--name-rooms"},
              Boolean(server.name_rooms));
  visitor.key({.name = "rooms_like_client_ids", .about = "whether rooms may have names of the shape of a client id"},
              Boolean(server.rooms_like_client_ids));
  visit_tls(visitor, server.tls);
  visitor.leave();
}

void visit_jwt_keys(Visitor& visitor, JwtConfig& jwt) {
  visitor.key({.name = "secret",
               .about = "key or keys of HMAC, each at least as long as the hash (32 bytes for HS256). Any of them "
                        "verifies: to change one, add the new one, reload, remove the old one",
               .reloadable = true,
               .secret = true},
              Texts(jwt.secret, {}, kSingle));
  visitor.key({.name = "public_key", .about = "PEM: a public key or a certificate", .reloadable = true, .secret = true},
              Text(jwt.public_key));
  visitor.key({.name = "jwks_file", .about = "a file with a set of keys (RFC 7517)", .reloadable = true},
              File(jwt.jwks_file));
  visitor.key({.name = "jwks_url",
               .about = "where the set of keys is fetched from: `https`, or `http` on this machine. Exactly one of "
                        "these four is given",
               .reloadable = true},
              Text(jwt.jwks_url, check_guarded_url, "URL"));
  visitor.key({.name = "algorithms",
               .about = "which may have signed: HS256, HS384, HS512; RS256, RS384, RS512; PS256, PS384, PS512; ES256, "
                        "ES384, ES512; EdDSA (`Ed25519` is the same)",
               .reloadable = true,
               .required = true},
              Texts(jwt.algorithms, check_algorithm));
}

void visit_jwt(Visitor& visitor, JwtConfig& jwt) {
  visit_jwt_keys(visitor, jwt);
  visitor.key({.name = "issuer",
               .about = "the token's `iss`. With several `[[auth.jwt]]` each needs its own, and a token is tried with "
                        "the keys of its issuer alone",
               .reloadable = true},
              Text(jwt.issuer));
  visitor.key({.name = "audience",
               .about = "one of these is in the token's `aud`; required with `jwks_url`. A token with `aud` where none "
                        "is given is refused (RFC 7519, 4.1.3)",
               .reloadable = true},
              Texts(jwt.audience, {}, kSingle));
  visitor.key({.name = "user_claim",
               .about = "claim with the user id: a name, or a JSON pointer such as `/user/id`",
               .reloadable = true},
              Text(jwt.user_claim));
  visitor.key({.name = "hearth_claim",
               .about = "claim with metadata and rooms: a name, a JSON pointer, or a URL as some issuers want it",
               .reloadable = true},
              Text(jwt.hearth_claim));
  visitor.key({.name = "require_exp", .about = "whether a token has to have an end (`exp`)", .reloadable = true},
              Boolean(jwt.require_exp));
  visitor.key({.name = "leeway", .about = "how wrong clocks may be, for `exp` and `nbf`", .reloadable = true},
              Duration(jwt.leeway, milliseconds(0), kMostLeeway));
  visitor.key({.name = "jwks_max_stale",
               .about = "how long the last set of keys serves on when no new one can be fetched",
               .reloadable = true},
              Duration(jwt.jwks_max_stale));
  visitor.key({.name = "max_lifetime",
               .about = "ends an identity this long after the token was issued, if that is before its end; `\"0\"`: "
                        "does not",
               .reloadable = true},
              Duration(jwt.max_lifetime));
}

void visit_auth(Visitor& visitor, AuthConfig& auth) {
  constexpr milliseconds kMostGrace = std::chrono::minutes(5);
  visitor.enter({"auth", "Who may connect."});
  visitor.key({.name = "anonymous",
               .about = "a client that gives no `token` is accepted without a user id",
               .reloadable = true},
              Boolean(auth.anonymous));
  visitor.key({.name = "ask_backend",
               .about = "such a client is the backend's to decide; goes before `anonymous`; needs `backend.url`",
               .reloadable = true},
              Boolean(auth.ask_backend));
  visitor.key({.name = "auto_join",
               .about = "rooms that a client is in once it is authenticated, whatever the rules say; `{user}` and the "
                        "like stand for what they do in rules",
               .reloadable = true},
              Texts(auth.auto_join));
  visitor.key({.name = "expiry_grace",
               .about = "how long before the end of its token a client is told, and after it still accepted",
               .reloadable = true},
              Duration(auth.expiry_grace, milliseconds(0), kMostGrace));
  visitor.key({.name = "headers",
               .about = "fields of the request that the backend is told when it is asked who a client is",
               .reloadable = true},
              Texts(auth.headers, check_field));
  visit_list(visitor, {"jwt", "An issuer of tokens. Without any, `anonymous` or `ask_backend` has to decide."},
             auth.jwt, visit_jwt);
  visitor.leave();
}

void visit_presence(Visitor& visitor, RoomConfig& room) {
  visitor.key(
      {.name = "presence",
       .about = "what members are told of who is in the room, if they want to know ([presence.md](presence.md)): "
                "nothing, how many, or who",
       .reloadable = true},
      Choice(room.presence,
             {{"off", RoomPresence::off}, {"count", RoomPresence::count}, {"members", RoomPresence::members}}));
  visitor.key({.name = "presence_limit",
               .about = "members past which only their number is told, until there are 9/10 of it",
               .reloadable = true},
              Number(room.presence_limit, 1, kMostPresenceLimit));
  visitor.key({.name = "presence_interval",
               .about = "changes are told at most so often",
               .reloadable = true,
               .fallback = "`\"100ms\"` for members, `\"1s\"` for numbers"},
              Duration(room.presence_interval, milliseconds(10), std::chrono::minutes(1)));
  visitor.key({.name = "presence_grace",
               .about = "a leave is told this much later, and not at all if the user is back by then",
               .reloadable = true},
              Duration(room.presence_grace, milliseconds(0), std::chrono::hours(1)));
}

void visit_room(Visitor& visitor, RoomConfig& room) {
  visitor.key(
      {.name = "pattern",
       .about = "the rooms that the rule is for: `*` is one or more characters other than `:` `/` `.`, `**` one "
                "or more of any, `{user}`, `{client}` and `{claim:NAME}` are the client's own",
       .reloadable = true,
       .required = true},
      Texts(room.pattern, {}, kSingle));
  visitor.key(
      {.name = "name", .about = "in logs, metrics and `hearth rules`", .reloadable = true, .fallback = "the pattern"},
      Text(room.name));
  visitor.key({.name = "join",
               .about = "who may: `anyone`, `users`, `granted`, `claim:NAME=VALUE`, `ask` or `nobody`; of a list all "
                        "must hold",
               .reloadable = true},
              Texts(room.join, {}, kSingle));
  visitor.key({.name = "publish", .about = "the same, and `members`", .reloadable = true},
              Texts(room.publish, {}, kSingle));
  visitor.key(
      {.name = "publish_events", .about = "the events that clients may publish", .reloadable = true, .fallback = "all"},
      Texts(room.publish_events));
  visitor.key({.name = "history_size",
               .about = "publications that are kept, for clients that come back ([recovery.md](recovery.md)); 0: none",
               .reloadable = true},
              Number(room.history_size, 0, kMostHistory));
  visitor.key({.name = "history_ttl", .about = "and for how long", .reloadable = true},
              Duration(room.history_ttl, std::chrono::seconds(1), 30 * kDay));
  visitor.key({.name = "recover",
               .about = "whether clients may come back to where they were; otherwise they can only ask for the history",
               .reloadable = true,
               .fallback = "true with a history"},
              Boolean(room.recover));
  visitor.key({.name = "slow_consumer",
               .about = "what becomes of messages for a member that does not keep up "
                        "([recovery.md](recovery.md#who-reads-slowly)); `catch_up` needs a history",
               .reloadable = true,
               .fallback = "`\"catch_up\"` with `recover`; otherwise they are dropped"},
              Choice<RoomSlowConsumer>(room.slow_consumer, {{"close", RoomSlowConsumer::close},
                                                            {"drop", RoomSlowConsumer::drop},
                                                            {"gap", RoomSlowConsumer::gap},
                                                            {"latest", RoomSlowConsumer::latest},
                                                            {"catch_up", RoomSlowConsumer::catch_up}}));
  visit_presence(visitor, room);
  visitor.key({.name = "events", .about = "whether the backend is told who joins and leaves", .reloadable = true},
              Boolean(room.events));
}

void visit_backend(Visitor& visitor, BackendConfig& backend) {
  constexpr milliseconds kMostTimeout{30'000};
  visitor.enter({"backend", "Your own server, which is asked and told."});
  visitor.key({.name = "url",
               .about = "the one address for questions, and for events with `events.to = \"backend\"`",
               .reloadable = true},
              Text(backend.url, check_url, "URL"));
  visitor.key({.name = "secret",
               .about = "signs requests (Standard Webhooks); required with `url`. `whsec_` and base64, or any text of "
                        "24 bytes up; of a list, all sign",
               .reloadable = true,
               .secret = true},
              Texts(backend.secret, check_webhook_secret, kSingle));
  visitor.key({.name = "timeout", .about = "for a request as a whole", .reloadable = true},
              Duration(backend.timeout, kMoment, kMostTimeout));
  visitor.key({.name = "in_flight", .about = "requests under way at a time", .reloadable = true},
              Number(backend.in_flight, 1, 65'536));
  visitor.key({.name = "queue",
               .about = "questions that may wait for one of these; past that they fail at once",
               .reloadable = true},
              Number(backend.queue, 0, 1'000'000));
  visitor.key({.name = "ca",
               .about = "who signs the backend's certificate, PEM",
               .reloadable = true,
               .fallback = "the system's"},
              File(backend.ca));
  visitor.key({.name = "cert", .about = "certificate that Hearth shows, PEM", .reloadable = true}, File(backend.cert));
  visitor.key({.name = "key", .about = "its private key, PEM", .reloadable = true}, File(backend.key));
  visitor.key({.name = "messages",
               .about = "patterns of events of clients that go to the backend; others are dropped",
               .reloadable = true},
              Texts(backend.messages));
  visitor.leave();
}

void visit_events(Visitor& visitor, EventsConfig& events) {
  visitor.enter({"events", "What the backend is told of without asking."});
  visitor.key({.name = "to", .about = "where events go: `redis` needs `broker.url`"},
              Choice<EventsTo>(events.to, {{"backend", EventsTo::backend}, {"redis", EventsTo::redis}}));
  visitor.key({.name = "types",
               .about = "of `connected`, `disconnected`, `joined`, `left`, `message`, `node`; `joined` and `left` only "
                        "of rooms whose rule has `events = true`",
               .reloadable = true},
              Texts(events.types, one_of({"connected", "disconnected", "joined", "left", "message", "node"})));
  visitor.key({.name = "stream", .about = "the Redis stream"}, Text(events.stream));
  visitor.key({.name = "max_length", .about = "entries that it keeps, about"}, Number(events.max_length, 1));
  visitor.key({.name = "queue", .about = "what may wait to be taken; past that the oldest go, and are counted"},
              Size(events.queue, {1}));
  visitor.key({.name = "lost_after",
               .about = "with a broker: silence after which an instance is lost, 3 s or more, for those that have "
                        "`node` among their "
                        "types to tell; the same on all instances"},
              Duration(events.lost_after, milliseconds(3'000), milliseconds(600'000)));
  visitor.leave();
}

Wrong check_pattern(const std::string& text) {
  const auto pattern = RoomPattern::parse(text);
  return pattern ? Wrong() : "is `" + text + "`, which is no pattern: " + pattern.error();
}

void visit_api_key(Visitor& visitor, ApiKeyConfig& key) {
  constexpr std::size_t kLeastKey = 32;
  visitor.key({.name = "name", .about = "in logs", .reloadable = true, .required = true}, Text(key.name));
  visitor.key({.name = "key", .about = "32 bytes or more", .reloadable = true, .secret = true, .required = true},
              Text(key.key, [](const std::string& text) { return check_length(text, kLeastKey); }));
  visitor.key({.name = "allow", .about = "of `publish`, `control`, `read`", .reloadable = true},
              Texts(key.allow, one_of({"publish", "control", "read"})));
  visitor.key(
      {.name = "rooms", .about = "patterns of rooms that it may publish to", .reloadable = true, .fallback = "all"},
      Texts(key.rooms, check_pattern));
}

void visit_api(Visitor& visitor, ApiConfig& api) {
  visitor.enter({"api", "The HTTP API ([api.md](api.md)): publish, control, health."});
  visitor.key(
      {.name = "listen",
       .about = "as `server.listen`; without any `[[api.keys]]` only this machine's addresses and Unix sockets. "
                "An empty list: no API"},
      Texts(api.listen, check_address));
  visitor.key({.name = "max_body", .about = "longest body of a request"},
              Size(api.max_body, {1024}, {std::uint64_t{64} << 20}));
  visit_tls(visitor, api.tls);
  visit_list(visitor, {"keys", "Who may use the API. Without any, who can connect may."}, api.keys, visit_api_key);
  visitor.leave();
}

void visit_broker(Visitor& visitor, BrokerConfig& broker) {
  visitor.enter({"broker", "What joins several servers to one cluster."});
  visitor.key(
      {.name = "url",
       .about = "URL of the Redis that joins several servers to one cluster ([redis.md](redis.md#where-redis-is))",
       .secret = true,
       .flag = "--redis"},
      Text(broker.url, check_redis_url, "URL"));
  visitor.key({.name = "unready_after", .about = "how long Redis may be away before `/readyz` fails"},
              DurationOrNever(broker.unready_after));
  visitor.leave();
}

void visit_presence(Visitor& visitor, PresenceConfig& presence) {
  visitor.enter(
      {"presence", "The rooms that tell who is in them, those with `presence` ([presence.md](presence.md))."});
  visitor.key({.name = "heartbeat",
               .about = "how often an instance says to the others that it lives; the same on all. The members of one "
                        "that has not for one and a half of these have gone"},
              Duration(presence.heartbeat, std::chrono::seconds(1), std::chrono::minutes(1)));
  visitor.leave();
}

void visit_history(Visitor& visitor, HistoryConfig& history) {
  visitor.enter({"history",
                 "The rooms that remember, those with a `history_size`, and all that have a `slow_consumer` "
                 "([recovery.md](recovery.md))."});
  visitor.key({.name = "cache",
               .about = "publications at hand on this instance, so that most who come back need no "
                        "read of the log"},
              Size(history.cache));
  visitor.key({.name = "position_check", .about = "a room that is silent for so long is compared with its log"},
              Duration(history.position_check, std::chrono::seconds(1), std::chrono::hours(1)));
  visitor.key({.name = "catch_up_at",
               .about = "what may wait for a member before its room's `slow_consumer` comes into force, if that is "
                        "`gap`, `latest` or `catch_up`; at most `limits.backlog`"},
              Size(history.catch_up_at, {1}));
  visitor.key(
      {.name = "replay_window", .about = "so much of what a member missed is sent at a time; at most `limits.backlog`"},
      Size(history.replay_window, kLeastReplayWindow));
  visitor.key({.name = "stall_timeout",
               .about = "a member that is behind, and has taken nothing for so long, is closed with 1013"},
              Duration(history.stall_timeout, std::chrono::seconds(1), std::chrono::hours(1)));
  visitor.leave();
}

void visit_encryption(Visitor& visitor, EncryptionConfig& encryption) {
  visitor.enter({"encryption", "A key for each client ([encryption.md](encryption.md))."});
  visitor.key(
      {.name = "mode", .about = "whether clients have a key of their own", .flag = "--encryption"},
      Choice(encryption.mode,
             {{"off", Encryption::off}, {"optional", Encryption::optional}, {"required", Encryption::required}}));
  visitor.key({.name = "info", .about = "info of HKDF; clients have to use the same"}, Text(encryption.info));
  visitor.key({.name = "max_messages_per_key",
               .about = "messages to and from a client under one key; then it is closed with 4005"},
              Number(encryption.max_messages_per_key, 1, kMostMessagesPerKey));
  visitor.leave();
}

void visit_connection_limits(Visitor& visitor, LimitsConfig& limits) {
  visitor.key({.name = "connections",
               .about = "open at a time; past it 503",
               .reloadable = true,
               .fallback = "90 % of the file descriptors"},
              Number(limits.connections));
  visitor.key(
      {.name = "connections_per_ip", .about = "from one address (of IPv6, one /64); past it 429", .reloadable = true},
      Number(limits.connections_per_ip));
  visitor.key({.name = "connects", .about = "new connections; past it 503, with TLS cut off", .reloadable = true},
              RateSlot(limits.connects));
  visitor.key({.name = "connects_per_ip",
               .about = "new ones from one address; past it 429, with TLS cut off",
               .reloadable = true},
              RateSlot(limits.connects_per_ip));
  visitor.key({.name = "unauthenticated", .about = "that have not said who they are; past it 503", .reloadable = true},
              Number(limits.unauthenticated));
  visitor.key({.name = "connections_per_user",
               .about = "of one user, on this instance; the next is closed with 4009",
               .reloadable = true},
              Number(limits.connections_per_user));
}

void visit_limits(Visitor& visitor, LimitsConfig& limits) {
  visitor.enter({"limits", "What is past a limit is refused, counted, and logged once a minute. 0 switches one off."});
  visit_connection_limits(visitor, limits);
  visitor.key(
      {.name = "rooms_per_client", .about = "that a client has asked for; past it error 204", .reloadable = true},
      Number(limits.rooms_per_client));
  visitor.key({.name = "messages",
               .about = "of each client; past it the client is read more slowly, and closed with 4008 after 10 s",
               .reloadable = true},
              RateSlot(limits.messages));
  visitor.key({.name = "bytes", .about = "of each client; the same", .reloadable = true}, RateSlot(limits.bytes));
  visitor.key({.name = "message_size",
               .about = "longest message of a client; past it 1009. 0 is 1 GiB, the most there can be",
               .reloadable = true},
              Size(limits.message_size, {}, kMostMessage));
  visitor.key({.name = "backlog",
               .about = "what may wait for a client that reads too slowly; past it its room's `slow_consumer`",
               .reloadable = true},
              Size(limits.backlog));
  visitor.key({.name = "encryption_failures",
               .about = "encrypted messages in a row that do not open; so many close with 1008",
               .reloadable = true},
              Number(limits.encryption_failures, 0, 1'000'000));
  visitor.key({.name = "dry_run", .about = "count and log what is past a limit, and let it pass", .reloadable = true},
              Boolean(limits.dry_run));
  visitor.leave();
}

void visit_log(Visitor& visitor, LogConfig& log) {
  visitor.enter({"log", "Never has a token, a cookie or a key in it."});
  visitor.key({.name = "level", .about = "least that is logged", .reloadable = true, .flag = "--log-level"},
              Choice(log.level, {{"trace", LogLevel::trace},
                                 {"debug", LogLevel::debug},
                                 {"info", LogLevel::info},
                                 {"warning", LogLevel::warning},
                                 {"error", LogLevel::error},
                                 {"off", LogLevel::off}}));
  visitor.key({.name = "format", .about = "lines for people, or for machines"},
              Choice(log.format, {{"text", LogFormat::text}, {"json", LogFormat::json}}));
  visitor.key({.name = "payloads",
               .about = "also messages, with the first 256 bytes of their data, at the level `debug`; never what "
                        "`authenticate` was given"},
              Boolean(log.payloads));
  visitor.key(
      {.name = "file", .about = "where lines go; opened anew at SIGHUP and each reload", .fallback = "standard error"},
      File(log.file, File::Use::write));
  visitor.leave();
}

}  // namespace

void visit(Config& config, Visitor& visitor) {
  visit_server(visitor, config.server);
  visit_auth(visitor, config.auth);
  visit_list(visitor,
             {"rooms",
              "A rule. The first whose pattern matches a room decides alone; a room that none matches is "
              "refused."},
             config.rooms, visit_room);
  visit_backend(visitor, config.backend);
  visit_events(visitor, config.events);
  visit_api(visitor, config.api);
  visit_broker(visitor, config.broker);
  visit_history(visitor, config.history);
  visit_presence(visitor, config.presence);
  visit_encryption(visitor, config.encryption);
  visit_limits(visitor, config.limits);
  visit_log(visitor, config.log);
}

}  // namespace hearth::config
