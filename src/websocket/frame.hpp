#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace hearth::websocket {

/// Which end of the connection this process is: servers demand masked frames, clients refuse them (RFC 6455, 5.1).
enum class Role : std::uint8_t { server, client };

/// RFC 6455, 5.2.
enum class Opcode : std::uint8_t { continuation = 0x0, text = 0x1, binary = 0x2, close = 0x8, ping = 0x9, pong = 0xa };

/// Length of the longest header of a frame, mask included.
inline constexpr std::size_t kMaxHeaderLength = 14;

/// Longest payload of a control frame (RFC 6455, 5.5).
inline constexpr std::size_t kMaxControlPayload = 125;

using MaskKey = std::array<char, 4>;

/// Writes the header of a final, unmasked frame to the front of `out` and returns its length: 2, 4 or 10 bytes.
/// `compressed` sets RSV1 (RFC 7692, 6).
std::size_t write_header(std::span<char, kMaxHeaderLength> out, Opcode opcode, std::uint64_t payload_length,
                         bool compressed = false) noexcept;

/// Appends a whole unmasked frame, as servers send.
void append_frame(std::string& out, Opcode opcode, std::string_view payload, bool compressed = false);

/// Appends a whole masked frame, as clients send. `final` false begins or continues a fragmented message.
void append_masked_frame(std::string& out, Opcode opcode, std::string_view payload, MaskKey key,
                         bool compressed = false, bool final = true);

/// The payload of a close frame: the code in network order and the reason, cut at a character's end to 123 bytes.
std::string close_payload(std::uint16_t code, std::string_view reason);

}  // namespace hearth::websocket
