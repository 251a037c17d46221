#pragma once

#include "protocol/envelope.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace hearth::protocol {

/// Events that the server itself understands or sends (docs/protocol.md, section 1). No client may publish under these.
namespace event {
inline constexpr std::string_view kAuthenticate = "authenticate";
inline constexpr std::string_view kConnected = "connected";
inline constexpr std::string_view kHeartbeat = "heartbeat";
inline constexpr std::string_view kJoin = "join";
inline constexpr std::string_view kLeave = "leave";
inline constexpr std::string_view kPublish = "publish";
inline constexpr std::string_view kError = "error";
inline constexpr std::string_view kAck = "ack";
inline constexpr std::string_view kEncrypted = "encrypted";
inline constexpr std::string_view kDisconnect = "disconnect";
inline constexpr std::string_view kReconnect = "reconnect";
inline constexpr std::string_view kTokenExpiring = "token_expiring";

// Of a server that has rooms that remember, or tell who is in them; otherwise the application's.
inline constexpr std::string_view kHistory = "history";
inline constexpr std::string_view kGap = "gap";
inline constexpr std::string_view kPresence = "presence";
}  // namespace event

/// Whether a name is one of the first.
bool is_reserved_event(std::string_view name) noexcept;

/// Whether a name is one of the others.
inline bool is_history_event(std::string_view name) noexcept {
  return name == event::kHistory || name == event::kGap || name == event::kPresence;
}

/// Longest room name, in UTF-16 code units.
inline constexpr std::size_t kMaxRoomNameLength = 256;

/// Whether a client may ask for a room of this name: not empty, not too long, not beginning with `ws:`.
bool is_valid_room_name(std::string_view name) noexcept;

/// A close code and its reason text.
struct CloseReason {
  std::uint16_t code;
  std::string_view text;
};

inline constexpr CloseReason kServerShuttingDown{1001, "Server shutting down"};
inline constexpr CloseReason kSlowConsumer{1013, "Slow consumer"};
inline constexpr CloseReason kTryAgainLater{1013, "Try again later"};
inline constexpr CloseReason kAuthenticationTimeout{4001, "Authentication timeout"};
inline constexpr CloseReason kHeartbeatTimeout{4002, "Heartbeat timeout"};
inline constexpr CloseReason kAuthenticationFailed{4003, "Authentication failed"};
inline constexpr CloseReason kEncryptionRequired{4004, "Encryption required"};
inline constexpr CloseReason kRekeyRequired{4005, "Rekey required"};
inline constexpr CloseReason kTokenExpired{4006, "Token expired"};
inline constexpr CloseReason kRevoked{4007, "Revoked"};
inline constexpr CloseReason kRateLimitExceeded{4008, "Rate limit exceeded"};
inline constexpr CloseReason kTooManyConnections{4009, "Too many connections"};
inline constexpr CloseReason kDecryptionFailed{1008, "Decryption failed"};

/// Texts of `error` events.
inline constexpr std::string_view kInvalidMessageFormat = "Invalid message format";
inline constexpr std::string_view kNotAuthenticated = "Not authenticated";
inline constexpr std::string_view kAlreadyAuthenticated = "Already authenticated";
inline constexpr std::string_view kAuthenticationFailedError = "Authentication failed";
inline constexpr std::string_view kAuthenticationErrorError = "Authentication error";

}  // namespace hearth::protocol
