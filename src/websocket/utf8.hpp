#pragma once

#include <cstdint>
#include <string_view>

namespace hearth::websocket {

/// Whether `text` is UTF-8 from its first byte to its last (RFC 3629: no overlong forms, no surrogates, no code point
/// past U+10FFFF).
bool is_valid_utf8(std::string_view text) noexcept;

/// Checks UTF-8 that arrives in pieces, cut anywhere, and fails at the first byte that no text could go on with.
class Utf8Validator {
 public:
  /// False at the first impossible byte; nothing may be fed after it.
  bool feed(std::string_view piece) noexcept;

  /// Whether no character is unfinished, so that the text may end here.
  bool is_complete() const noexcept { return missing_ == 0; }

 private:
  bool feed_byte(unsigned char byte) noexcept;

  std::uint8_t missing_ = 0;    ///< continuation bytes that the character begun still needs
  std::uint8_t lowest_ = 0x80;  ///< range of the next of them
  std::uint8_t highest_ = 0xbf;
};

}  // namespace hearth::websocket
