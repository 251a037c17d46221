#pragma once

#include <cstdint>

namespace hearth::websocket {

/// Close codes of RFC 6455, 7.4.1, that this codec itself uses. Applications add theirs (4000 to 4999).
namespace close_code {
inline constexpr std::uint16_t kNormal = 1000;
inline constexpr std::uint16_t kGoingAway = 1001;
inline constexpr std::uint16_t kProtocolError = 1002;
inline constexpr std::uint16_t kUnsupportedData = 1003;
inline constexpr std::uint16_t kNoStatus = 1005;  ///< never on the wire: the close frame had no code
inline constexpr std::uint16_t kAbnormal = 1006;  ///< never on the wire: no close frame came
inline constexpr std::uint16_t kInvalidPayload = 1007;
inline constexpr std::uint16_t kPolicyViolation = 1008;
inline constexpr std::uint16_t kMessageTooBig = 1009;
inline constexpr std::uint16_t kTryAgainLater = 1013;
}  // namespace close_code

/// Whether a code may stand in a close frame: 1000-1003, 1007-1014, 3000-4999 (RFC 6455, 7.4, and the IANA registry).
constexpr bool may_be_sent(std::uint16_t code) noexcept {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

}  // namespace hearth::websocket
