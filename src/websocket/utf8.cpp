#include "websocket/utf8.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace hearth::websocket {
namespace {

// simdjson looks for what suits the processor when it is asked for the first time, and allocates for that. Nobody could
// be told then that there is no memory.
[[maybe_unused]] const bool kSimdjsonIsReady = simdjson::validate_utf8("", 0);

constexpr std::uint64_t kNonAscii = 0x8080808080808080U;

constexpr bool is_continuation(char byte) noexcept { return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80; }

/// How many bytes at the front are ASCII, found by words; up to seven ASCII bytes before the first other may be left
/// out.
std::size_t ascii_words(std::string_view text) noexcept {
  std::size_t at = 0;
  for (; text.size() - at >= sizeof(std::uint64_t); at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    if ((word & kNonAscii) != 0) {
      break;
    }
  }
  return at;
}

/// Where the last character begins, if it is one of several bytes: at most its lead and two continuations can be
/// unfinished, so that what stands before it can be checked as a whole.
std::size_t last_lead(std::string_view text) noexcept {
  const std::size_t furthest = std::min<std::size_t>(text.size(), 3);
  for (std::size_t back = 1; back <= furthest; ++back) {
    const char byte = text[text.size() - back];
    if (!is_continuation(byte)) {
      return static_cast<unsigned char>(byte) < 0x80 ? text.size() : text.size() - back;
    }
  }
  return text.size();
}

}  // namespace

bool is_valid_utf8(std::string_view text) noexcept {
  constexpr std::size_t kLong = 64;  // from here on simdjson is the faster one for ASCII too
  if (text.size() < kLong) {
    text.remove_prefix(ascii_words(text));
  }
  return text.empty() || simdjson::validate_utf8(text.data(), text.size());
}

bool Utf8Validator::feed(std::string_view piece) noexcept {
  std::size_t at = 0;
  for (; missing_ > 0 && at < piece.size(); ++at) {
    if (!feed_byte(static_cast<unsigned char>(piece[at]))) {
      return false;
    }
  }
  piece.remove_prefix(at);
  const std::size_t whole = last_lead(piece);
  if (!is_valid_utf8(piece.substr(0, whole))) {
    return false;
  }
  return std::all_of(piece.begin() + static_cast<std::ptrdiff_t>(whole), piece.end(),
                     [this](char byte) { return feed_byte(static_cast<unsigned char>(byte)); });
}

bool Utf8Validator::feed_byte(unsigned char byte) noexcept {
  if (missing_ > 0) {
    const bool fits = byte >= lowest_ && byte <= highest_;
    --missing_;
    lowest_ = 0x80;
    highest_ = 0xbf;
    return fits;
  }
  if (byte < 0x80) {
    return true;
  }
  if (byte < 0xc2 || byte > 0xf4) {
    return false;
  }
  missing_ = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
  // The first continuation byte rules out overlong forms, surrogates and what lies past U+10FFFF.
  lowest_ = byte == 0xe0 ? 0xa0 : byte == 0xf0 ? 0x90 : 0x80;
  highest_ = byte == 0xed ? 0x9f : byte == 0xf4 ? 0x8f : 0xbf;
  return true;
}

}  // namespace hearth::websocket
