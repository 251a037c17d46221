#include "protocol/utf8.hpp"

#include <simdjson.h>

namespace hearth::protocol {
namespace {

/// What the first byte of a character says of the rest (Unicode 15, table 3-7).
struct Lead {
  std::size_t size;          ///< of the whole character; 0 if no character begins so
  std::uint8_t second_low;   ///< least second byte
  std::uint8_t second_high;  ///< greatest second byte
};

Lead lead(std::uint8_t byte) noexcept {
  if (byte < 0x80) return {1, 0, 0};
  if (byte < 0xc2 || byte > 0xf4) return {0, 0, 0};
  if (byte < 0xe0) return {2, 0x80, 0xbf};
  if (byte == 0xe0) return {3, 0xa0, 0xbf};
  if (byte == 0xed) return {3, 0x80, 0x9f};
  if (byte < 0xf0) return {3, 0x80, 0xbf};
  if (byte == 0xf0) return {4, 0x90, 0xbf};
  if (byte == 0xf4) return {4, 0x80, 0x8f};
  return {4, 0x80, 0xbf};
}

struct Prefix {
  std::size_t size;  ///< at least 1
  bool valid;        ///< it is a whole character; otherwise to be replaced
};

/// The character, or the longest beginning of one, that `text`, which is not empty, begins with.
Prefix first_character(std::string_view text) noexcept {
  const Lead first = lead(static_cast<std::uint8_t>(text[0]));
  if (first.size == 0) return {1, false};
  std::uint8_t low = first.second_low;
  std::uint8_t high = first.second_high;
  for (std::size_t i = 1; i < first.size; ++i) {
    if (i == text.size()) return {i, false};
    const auto byte = static_cast<std::uint8_t>(text[i]);
    if (byte < low || byte > high) return {i, false};
    low = 0x80;
    high = 0xbf;
  }
  return {first.size, true};
}

}  // namespace

Utf8Character utf8_character(std::uint32_t code_point) noexcept {
  const auto lead_byte = [code_point](unsigned shift, unsigned mark) {
    return static_cast<char>(mark | code_point >> shift);
  };
  const auto next_byte = [code_point](unsigned shift) {
    return static_cast<char>(0x80 | (code_point >> shift & 0x3f));
  };
  if (code_point < 0x80) return {{lead_byte(0, 0)}, 1};
  if (code_point < 0x800) return {{lead_byte(6, 0xc0), next_byte(0)}, 2};
  if (code_point < 0x10000) return {{lead_byte(12, 0xe0), next_byte(6), next_byte(0)}, 3};
  return {{lead_byte(18, 0xf0), next_byte(12), next_byte(6), next_byte(0)}, 4};
}

bool is_valid_utf8(std::string_view text) noexcept { return simdjson::validate_utf8(text.data(), text.size()); }

void append_repaired(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const Prefix prefix = first_character(text);
    out += prefix.valid ? text.substr(0, prefix.size) : kReplacementCharacter.view();
    text.remove_prefix(prefix.size);
  }
}

}  // namespace hearth::protocol
