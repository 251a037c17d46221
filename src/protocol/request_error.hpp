#pragma once

#include <cstdint>
#include <string_view>

namespace hearth::protocol {

/// Why a request with an `id` was refused: what its `error` answer says. 100 to 199 concern the request and its sender,
/// 200 to 299 the rooms that it names, 300 to 399 the state of the server, which passes (docs/protocol.md, Answers to
/// requests).
struct RequestError {
  std::uint16_t code;
  std::string_view message;
};

namespace request_error {
inline constexpr RequestError kInvalidRequest{100, "Invalid request"};
inline constexpr RequestError kNotAuthenticated{101, "Not authenticated"};
inline constexpr RequestError kAlreadyAuthenticated{102, "Already authenticated"};
inline constexpr RequestError kAuthenticationFailed{103, "Authentication failed"};
inline constexpr RequestError kAuthenticationError{104, "Authentication error"};
inline constexpr RequestError kReservedEvent{105, "Reserved event"};
inline constexpr RequestError kEncryptionRequired{106, "Encryption required"};
inline constexpr RequestError kHandshakeFailed{107, "Encryption handshake failed"};
inline constexpr RequestError kDecryptionFailed{108, "Decryption failed"};
inline constexpr RequestError kAuthenticationUnavailable{109, "Authentication unavailable"};
inline constexpr RequestError kTokenExpired{110, "Token expired"};
inline constexpr RequestError kAnotherUser{111, "Another user"};
inline constexpr RequestError kBackendUnavailable{113, "Backend unavailable"};
inline constexpr RequestError kRoomRefused{200, "Room refused"};
inline constexpr RequestError kRoomCheckFailed{201, "Room check failed"};
inline constexpr RequestError kNotMember{202, "Not a member of the room"};
inline constexpr RequestError kPublishRefused{203, "Publish refused"};
inline constexpr RequestError kTooManyRooms{204, "Too many rooms"};
inline constexpr RequestError kRoomCheckUnavailable{205, "Room check unavailable"};
inline constexpr RequestError kNoHistory{206, "No history in the room"};
inline constexpr RequestError kNoPresence{207, "No presence in the room"};
inline constexpr RequestError kHistoryUnavailable{300, "History unavailable"};
inline constexpr RequestError kNotReplicated{301, "Not replicated"};
}  // namespace request_error

}  // namespace hearth::protocol
