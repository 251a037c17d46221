#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hearth::protocol {

/// One character, encoded.
struct Utf8Character {
  std::array<char, 4> bytes;
  std::uint8_t size;

  std::string_view view() const noexcept { return {bytes.data(), size}; }
};

/// U+FFFD, which stands for what cannot be read.
inline constexpr Utf8Character kReplacementCharacter{{'\xef', '\xbf', '\xbd'}, 3};

/// `code_point` is at most 0x10FFFF and no surrogate.
Utf8Character utf8_character(std::uint32_t code_point) noexcept;

bool is_valid_utf8(std::string_view text) noexcept;

/// Appends `text` with U+FFFD in place of what is not valid UTF-8, one for each longest beginning of a character, as
/// TextDecoder does it.
void append_repaired(std::string& out, std::string_view text);

}  // namespace hearth::protocol
