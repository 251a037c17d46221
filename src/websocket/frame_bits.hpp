#pragma once

namespace hearth::websocket {

// Of the first two bytes of a frame (RFC 6455, 5.2).
inline constexpr unsigned kFinal = 0x80;
inline constexpr unsigned kRsv1 = 0x40;  ///< compressed (RFC 7692, 6)
inline constexpr unsigned kRsv2And3 = 0x30;
inline constexpr unsigned kMasked = 0x80;

}  // namespace hearth::websocket
