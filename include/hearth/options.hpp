#pragma once

#include "hearth/crypto.hpp"
#include "hearth/deflate_options.hpp"
#include "hearth/encryption_options.hpp"
#include "hearth/handler.hpp"
#include "hearth/history_options.hpp"
#include "hearth/limits.hpp"
#include "hearth/log.hpp"
#include "hearth/requests.hpp"
#include "hearth/room_rules.hpp"
#include "hearth/tls.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth {

class Broker;

/// What becomes of a message for a client whose backlog is full.
enum class SlowConsumer : std::uint8_t {
  drop,   ///< the message is dropped whole and counted, the client marked as backpressured
  close,  ///< the client is closed with 1013 `Slow consumer`
};

/// A document served over plain HTTP beside the WebSocket path, from memory.
struct Page {
  std::string path;          ///< `/`, `/app.js`
  std::string content_type;  ///< `text/html; charset=utf-8`
  std::string content;
};

/// Everything a server is made of. Only `identifier` and `authenticate` must be given.
struct Options {
  /// Names the server in logs.
  std::string identifier{};
  /// Where to listen: `host:port`, `[v6 address]:port`, `unix:/path`; port 0 takes a free one.
  std::vector<std::string> listen{"127.0.0.1:8080"};
  /// Path of the WebSocket endpoint.
  std::string path{"/ws"};
  /// Rooms that every client is in once it is authenticated.
  std::vector<std::string> default_rooms{"ws-default", "ws-notification"};

  /// How long a connection may take to upgrade, and then to send `authenticate`; deciding may take three times that.
  std::chrono::milliseconds auth_timeout{5'000};
  /// How long before the end of an identity its client is told, at a random moment, and how long after it the client
  /// may still renew it; 0 to 5 minutes.
  std::chrono::milliseconds expiry_grace{25'000};
  /// Fields of the HTTP request that `authenticate` is given, in any case; at most 8 KiB of them, kept until the client
  /// is authenticated.
  std::vector<std::string> request_headers{};
  /// How often clients are looked through for silent ones.
  std::chrono::milliseconds heartbeat_interval{30'000};
  /// A client that sends no message for longer is closed with 4002.
  std::chrono::milliseconds heartbeat_timeout{90'000};
  /// A connection from which no frame comes for longer is closed; 0 switches that off.
  std::chrono::milliseconds idle_timeout{60'000};
  /// Whether to ping a connection that has been quiet for half of `idle_timeout`.
  bool send_pings{true};

  /// Threads that hold connections, 1 to 256; 0 takes one a core.
  unsigned threads{0};
  /// Longest message a client may send, in bytes, after reassembly and inflation; past it 1009.
  std::size_t max_payload_length{std::size_t{128} * 1024};
  /// Bytes that may wait for a client that reads too slowly. A single longer message is still taken if none wait.
  std::size_t backpressure_limit{std::size_t{1024} * 1024};
  SlowConsumer slow_consumer{SlowConsumer::drop};
  DeflateOptions per_message_deflate{};

  Limits limits{};

  /// TLS on all of `listen`; nothing: plain. `Server::reload_tls` changes it while the server runs.
  std::optional<TlsOptions> tls{};

  /// Encryption of what clients are sent, with a key for each. Encrypted messages are never compressed.
  Encryption encryption{Encryption::off};
  /// Info of HKDF; clients have to use the same.
  std::string encryption_info{crypto::kDefaultInfo};
  /// Messages to and from a client under one key, 1 to 2^31; then it is closed with 4005 `Rekey required`.
  std::uint64_t max_messages_per_key{std::uint64_t{1} << 30};

  /// Whether members may send to their rooms themselves (docs/protocol.md, Publish). Without it a `publish` message
  /// goes to the `message` handler like any other.
  bool client_publish{false};
  /// Whether that goes for the default rooms as well, in which everybody is.
  bool publish_to_default_rooms{false};
  /// Whether rooms other than a client's own may have names of the shape of a client id. Such a name may be another
  /// client's, and who is in its room gets what other instances send to it.
  bool rooms_like_client_ids{false};
  /// Whether what is sent to a room carries the room's name: `"room":"tea"` after the usual keys.
  bool name_rooms{false};
  /// Web pages that may connect, by their `Origin`; empty: all. Who sends none is no browser, and may. Each is
  /// `https://example.com`, `https://*.example.com`, `same-host` (the request's own `Host`), `loopback` (a page of this
  /// machine, on a connection from it) or `*`. Others get 403.
  std::vector<std::string> allowed_origins{};
  /// What `Host` a web page's request may name besides an IP address and `localhost`, without port; nothing: any. For
  /// servers that are safe only because nobody else reaches them: a page can have a name of its own lead to them.
  std::optional<std::vector<std::string>> allowed_hosts{};
  /// Proxies in front of the server: addresses, networks (`10.0.0.0/8`), or `unix` for all that connect to a Unix
  /// socket. Who comes through them has the last address in `X-Forwarded-For` that is none of them. Nobody else is
  /// believed.
  std::vector<std::string> trusted_proxies{};
  /// Every connection begins with a header of the PROXY protocol, version 1 or 2, which says where it comes from; those
  /// of others than `trusted_proxies` are cut off.
  bool proxy_protocol{false};
  std::vector<Page> pages{};

  /// What rooms are: those whose rule has a `history_size` remember (docs/recovery.md). Who may join rooms and publish
  /// in them is for the handlers to decide, whatever the rules say. All instances must have the same.
  RoomRules room_rules{};
  HistoryOptions history{};
  /// How often this instance says to the others that it lives, where rooms have presence; 1 s to 1 min, on all the
  /// same. Who has not for one and a half of these has gone, and its members with it (docs/presence.md).
  std::chrono::milliseconds presence_heartbeat{5'000};

  /// What joins this instance to others ("hearth/broker.hpp"); the server starts and stops it. Empty: it is alone.
  std::shared_ptr<Broker> broker{};

  /// Decides who a client is. Required.
  Handler<AuthenticateResult, AuthenticateRequest> authenticate{};
  /// Names the way in which a client wants to prove who it is, such as `jwt`, by which Metrics::authentication_methods
  /// counts what becomes of it. Called on the client's shard before `authenticate`, so it must be quick; what it
  /// returns outlives the call, as literals do. Few names are kept apart, 16: what has another one, or throws, is
  /// `other`.
  std::function<std::string_view(const AuthenticateRequest&)> authentication_method{};
  /// Returns the rooms that the client may join. Without it clients can join none.
  Handler<RoomDecisions, ValidateRoomRequest> validate_room{};
  /// Decides what clients may publish, members of the room or not. Needs `client_publish`; without it members may
  /// publish anything.
  Handler<PublishDecision, PublishRequest> publish{};
  /// Called after `connected` was sent.
  Handler<void, ClientConnected> client_connected{};
  /// Called once for every client that was authenticated, after it has left its rooms.
  Handler<void, ClientDisconnected> client_disconnected{};
  /// Called for rooms whose rule has `events`, when a client has come into one and when it has left, whoever wanted it;
  /// for a client that goes, for each room that it was in. Those of a client come in order, after `client_connected`
  /// was called and before `client_disconnected` is.
  Handler<void, RoomMembership> room_joined{};
  Handler<void, RoomMembership> room_left{};
  /// Called for every message of an authenticated client that is no system event.
  Handler<void, Message> message{};
  /// Called when the broker is whole again after a time in which messages may have been missed. A plain one runs on the
  /// broker's thread.
  Handler<void, BrokerGap> broker_gap{};
  /// Called when the log of a room turns out to have lost what this instance had appended in the last five minutes, as
  /// after a failover of Redis, whether anybody is in the room or not. A plain one runs on a thread of the server's.
  Handler<void, HistoryRolledBack> history_rolled_back{};

  /// An encryption of the application's own in place of the built-in one: makes the server's half of the key agreement,
  /// for clients that `encryption` says it is to be made for. Needs `outbound_transformer`.
  Handler<HandshakeResult, HandshakeRequest> handshake{};
  /// Encrypts what is sent to clients for whom `handshake` has answered, or `enable_client_encryption` was called.
  /// Every client gets its messages in the order sent. If it throws, the message is not sent.
  Handler<OutboundResult, OutboundMessage> outbound_transformer{};
  /// How many coroutines of `outbound_transformer` run at a time, at least 1.
  std::size_t encrypted_batch_limit{10};

  /// Where coroutine handlers run; empty: on a thread of the server's own. Its threads must outlive the server.
  boost::asio::any_io_executor executor{};

  LogLevel log_level{LogLevel::info};
  /// Also logs, at the level `debug`, the messages of clients that are authenticated and those that the application
  /// sends, with the first 256 bytes of their data. Never what `authenticate` was given.
  bool log_payloads{false};
  /// Takes the log lines, on a thread of the log's own, one at a time; empty: they go to standard error. Nothing ever
  /// waits for it: past 1 MiB of lines that wait, and past 20 a second of one kind, lines are dropped and counted.
  std::function<void(LogLevel, std::string_view line)> log{};
  /// The same in place of `log`, with what a line is made of.
  std::function<void(const LogRecord&)> log_record{};
};

}  // namespace hearth
