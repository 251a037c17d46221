#pragma once

#include <array>
#include <string>
#include <string_view>

namespace hearth::app {

/// SHA-256.
using Digest = std::array<unsigned char, 32>;

Digest digest_of(std::string_view text);
/// In hexadecimal digits.
std::string hex_of(const Digest& digest);
/// In a time that tells nothing of either.
bool are_same(const Digest& one, const Digest& other) noexcept;

}  // namespace hearth::app
