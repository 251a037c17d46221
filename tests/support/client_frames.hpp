#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::test {

// RFC 6455 as a client sees it, written for the tests alone so that the codec under test does not judge itself.

inline constexpr std::uint8_t kContinuation = 0x0;
inline constexpr std::uint8_t kText = 0x1;
inline constexpr std::uint8_t kBinary = 0x2;
inline constexpr std::uint8_t kClose = 0x8;
inline constexpr std::uint8_t kPing = 0x9;
inline constexpr std::uint8_t kPong = 0xa;

/// A frame as a client sends it, masked.
std::string masked_frame(std::uint8_t opcode, std::string_view payload, bool final = true);

/// The header alone, masked, of a frame that claims a payload of `length`.
std::string masked_header(std::uint8_t opcode, std::uint64_t length);

struct ServerFrame {
  std::uint8_t opcode = 0;
  bool final = true;
  bool compressed = false;  ///< RSV1
  std::string_view payload;
  std::size_t size = 0;  ///< header included
};

/// The frame at the front of `bytes`, if it is complete. Throws std::runtime_error if it breaks a rule for servers.
std::optional<ServerFrame> read_server_frame(std::string_view bytes);

}  // namespace hearth::test
