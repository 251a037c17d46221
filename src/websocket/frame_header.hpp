#pragma once

#include "websocket/error.hpp"
#include "websocket/frame.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace hearth::websocket {

/// The header of one frame (RFC 6455, 5.2), read.
struct FrameHeader {
  Opcode opcode = Opcode::continuation;
  bool final = true;
  bool compressed = false;  ///< RSV1 (RFC 7692, 6)
  MaskKey key{};            ///< when masked, which every frame from a client is
  std::uint64_t length = 0;
};

constexpr bool is_control(Opcode opcode) noexcept { return (static_cast<unsigned>(opcode) & 0x8U) != 0; }

/// What `read_header` made of some bytes: an error, or a header of `size` bytes, or nothing yet (`size` 0).
struct HeaderResult {
  FrameHeader header;
  std::size_t size = 0;
  Error error{};

  bool failed() const noexcept { return error != Error{}; }
};

/// Reads the header at the front of `bytes` and checks what a frame by itself has to obey: mask, reserved bits, opcode,
/// the rules for control frames, the shortest form of the length. `reader` is the role of the end that reads;
/// `may_be_compressed` says whether permessage-deflate was agreed on. Judges the first two bytes as soon as they are
/// there, so that the answer does not depend on how many follow.
HeaderResult read_header(std::span<const char> bytes, Role reader, bool may_be_compressed) noexcept;

}  // namespace hearth::websocket
