#pragma once

#include "hearth/json.hpp"
#include "hearth/publication.hpp"
#include "hearth/rate.hpp"
#include "hearth/tls.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth {

// What handlers are asked and told, and what they answer. Requests are views; Handler says how long they are good for.

/// A field of the HTTP request with which a client has connected. The name is in lower case.
struct HttpField {
  std::string_view name;
  std::string_view value;
};

/// What an application has to say to itself of a client: given with its identity, and given back with every later
/// request. Nobody else looks at it.
using ClientContext = std::shared_ptr<const void>;

/// Asks who a client is. `data` is that of its `authenticate` message, an empty object when there was none.
struct AuthenticateRequest {
  std::string_view client_id;
  JsonView data;
  std::string_view remote_address;
  std::span<const HttpField> headers{};            ///< those that Options::request_headers names; none in a renewal
  std::string_view path{};                         ///< that it has connected to, without the query; empty in a renewal
  const ClientCertificate* certificate = nullptr;  ///< of a TLS client that has shown one (TlsOptions::client_auth)
  /// Whether it is somebody already, whose identity ends at a time and is to go on.
  bool renewal = false;
  std::optional<std::string_view> user_id{};  ///< who it is, in a renewal
  ClientContext context{};                    ///< of its identity, in a renewal
};

/// Who a client is.
struct Identity {
  std::optional<std::string> user_id{};
  boost::json::value metadata{};
  std::vector<std::string> rooms{};  ///< that it is put in, whatever `validate_room` says, besides the default ones
  /// What others see of it where a room tells who is in it (docs/presence.md): at most 1 KiB of JSON, or it is left out
  /// and logged. That of the first identity, whatever a renewal says.
  boost::json::value info{};
  /// When it ends; nothing: never. Until `expiry_grace` after that the client may authenticate anew
  /// (docs/protocol.md, Renewal).
  std::optional<std::chrono::system_clock::time_point> expires_at{};
  ClientContext context{};
  std::optional<Rate> messages{};  ///< how many it may send, in place of Limits::messages
  std::string token_id{};          ///< of the token that says so, for Server::block; such as its `jti`
  std::optional<std::chrono::system_clock::time_point> issued_at{};  ///< that token, for Server::block
};

/// Thrown by `authenticate`: the token is nobody's any more, and a new one would do. A client that has put an `id` on
/// its `authenticate` is told `Token expired` (110, close 4006); to others it is a refusal like any other.
class TokenExpired : public std::runtime_error {
 public:
  TokenExpired() : std::runtime_error("the token has expired") {}
};

/// Nothing rejects the client: `Authentication failed`, close 4003.
using AuthenticateResult = std::optional<Identity>;

/// Asks which of the rooms a client may join. The names are valid (docs/protocol.md, Rooms).
struct ValidateRoomRequest {
  std::string_view client_id;
  std::optional<std::string_view> user_id;
  std::span<const std::string> rooms;
  ClientContext context{};
  /// It is in these rooms, by its own asking, and its identity has been renewed: it leaves those that it may not be in
  /// any more.
  bool renewal = false;
};

/// Why a client may not join a room (docs/protocol.md, Answers to requests).
enum class RoomRefusal : std::uint16_t {
  refused = 200,      ///< `Room refused`
  unavailable = 205,  ///< `Room check unavailable`: nobody can decide now
};

/// Which rooms a client may join, and why not the others. What is in neither list is refused.
struct RoomDecisions {
  struct Refused {
    std::string room;
    RoomRefusal why = RoomRefusal::refused;
  };
  RoomDecisions() = default;
  RoomDecisions(std::vector<std::string> rooms) : allowed(std::move(rooms)) {}

  std::vector<std::string> allowed{};
  std::vector<Refused> refused{};
};

/// Asks whether a client may publish to a room (docs/protocol.md, Publish).
struct PublishRequest {
  std::string_view client_id;
  std::optional<std::string_view> user_id;
  std::string_view room;
  std::string_view event;
  JsonView data;
  bool is_member;  ///< whether it is in the room
  ClientContext context{};
};

/// What becomes of what a client publishes.
class PublishDecision {
 public:
  enum class Kind : std::uint8_t { allow, replace, refuse, not_member };

  /// Refuses.
  PublishDecision() = default;
  static PublishDecision allow() { return PublishDecision(Kind::allow); }
  /// Something else is published in its place.
  static PublishDecision replace(const Json& data) {
    PublishDecision decision(Kind::replace);
    decision.data_ = data.view().text();
    return decision;
  }
  /// `Publish refused`, code 203.
  static PublishDecision refuse() { return PublishDecision(Kind::refuse); }
  /// `Not a member of the room`, code 202.
  static PublishDecision not_member() { return PublishDecision(Kind::not_member); }

  Kind kind() const noexcept { return kind_; }
  /// What is published instead, valid JSON or nothing.
  JsonView data() const noexcept { return JsonView::trusted(data_); }

 private:
  explicit PublishDecision(Kind kind) : kind_(kind) {}

  Kind kind_ = Kind::refuse;
  std::string data_{};
};

struct ClientConnected {
  std::string_view client_id;
  std::optional<std::string_view> user_id;
  const boost::json::value& metadata;
  ClientContext context{};
};

struct ClientDisconnected {
  std::string_view client_id;
  std::optional<std::string_view> user_id;
  std::uint16_t code;  ///< 1006 when the connection broke without a close frame
  std::string_view reason;
  ClientContext context{};
};

/// A client has come into a room whose rule has `events` (RoomRule), or has left it.
struct RoomMembership {
  std::string_view client_id;
  std::optional<std::string_view> user_id;
  std::string_view room;
  ClientContext context{};
};

/// A message from a client that the server does not handle itself.
struct Message {
  std::string_view client_id;
  std::optional<std::string_view> user_id;
  std::string_view event;
  JsonView data;        ///< the bytes that came; may be passed on as they are
  std::string_view id;  ///< chosen by the sender; empty if it gave none
  ClientContext context{};
};

/// Between these two times the link to the other instances was broken: what they published then may be missing here.
struct BrokerGap {
  std::chrono::system_clock::time_point from;
  std::chrono::system_clock::time_point to;
};

/// Publications of this instance that the log of a room had confirmed and has lost: those of an epoch from one offset
/// to another. Who saw them is told; an application can publish them again. A view: good for as long as the call.
struct HistoryRolledBack {
  std::string_view room;
  Epoch epoch;
  std::uint64_t from = 0;
  std::uint64_t to = 0;
};

}  // namespace hearth
