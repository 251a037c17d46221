#pragma once

#include "websocket/frame.hpp"

#include <cstdint>
#include <span>

namespace hearth::websocket {

/// Masks or unmasks `bytes` in place: XOR with `key`, repeated (RFC 6455, 5.3). Says whether the result is all ASCII,
/// which it learns on the way, so that text need not be looked at twice.
bool apply_mask(std::span<char> bytes, MaskKey key) noexcept;

/// The key as it stands `offset` bytes into a payload.
MaskKey rotated(MaskKey key, std::uint64_t offset) noexcept;

}  // namespace hearth::websocket
