#pragma once

#include "protocol/json.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace hearth::protocol {

/// Bytes that may stand in a JSON string as they are: no quote, no backslash, no control.
struct PlainRun {
  const char* end;  ///< the first byte that does not belong to it, or the end of the text
  bool ascii;       ///< no byte in it is 0x80 or above
};

/// The run of such bytes that begins at `at`, perhaps an empty one.
inline PlainRun plain_run(const char* at, const char* end) noexcept;

/// Goes once over JSON text, from front to back, checking the grammar of RFC 8259. Every skip function takes what it
/// is named after, and returns whether it was there; after a false the position is of no use. Never reads outside the
/// text, allocates or recurses.
class JsonScanner {
 public:
  explicit JsonScanner(std::string_view text) noexcept : at_(text.data()), end_(text.data() + text.size()) {}

  const char* position() const noexcept { return at_; }
  bool is_next(char c) const noexcept { return at_ != end_ && *at_ == c; }
  bool at_end() const noexcept { return at_ == end_; }

  /// No byte of the strings skipped so far was 0x80 or above. Elsewhere the grammar has no room for such a byte.
  bool only_ascii() const noexcept { return only_ascii_; }
  /// The string skipped last has an escape in it.
  bool last_string_escaped() const noexcept { return last_string_escaped_; }

  void skip_space() noexcept;
  bool skip(char c) noexcept;
  bool skip_string() noexcept;
  /// The colon after a key, with the white space around it.
  bool skip_colon() noexcept;
  /// A whole value, which `outer` arrays and objects enclose.
  bool skip_value(std::size_t outer) noexcept {
    return is_next('{') || is_next('[') ? skip_nested(outer) : skip_scalar();
  }

 private:
  bool skip_nested(std::size_t outer) noexcept;
  bool skip_escape() noexcept;
  bool skip_scalar() noexcept;
  bool skip_number() noexcept;
  bool skip_digits() noexcept;
  bool skip_word(std::string_view word) noexcept;
  bool skip_key() noexcept { return skip_string() && skip_colon(); }

  const char* at_;
  const char* end_;
  bool only_ascii_ = true;
  bool last_string_escaped_ = false;
};

inline bool is_plain(char c) noexcept { return static_cast<std::uint8_t>(c) >= 0x20 && c != '"' && c != '\\'; }

inline PlainRun plain_run(const char* at, const char* end) noexcept {
  bool ascii = true;
#if defined(__SSE2__)
  while (end - at >= 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i special =
        _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('"')), _mm_cmpeq_epi8(block, _mm_set1_epi8('\\')));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(0x1f)), block);
    const auto stops = static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_or_si128(special, control)));
    const auto high = static_cast<std::uint32_t>(_mm_movemask_epi8(block));
    if (stops != 0) {
      const std::uint32_t before_first_stop = (stops & -stops) - 1;
      return {at + std::countr_zero(stops), ascii && (high & before_first_stop) == 0};
    }
    ascii = ascii && high == 0;
    at += 16;
  }
#endif
  if constexpr (std::endian::native == std::endian::little) {
    constexpr std::uint64_t kOnes = 0x0101010101010101;
    constexpr std::uint64_t kHigh = 0x80 * kOnes;
    while (end - at >= 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, at, sizeof word);
      const std::uint64_t quote = word ^ ('"' * kOnes);
      const std::uint64_t backslash = word ^ ('\\' * kOnes);
      // A borrow can mark bytes wrongly, but only above the first one that is marked rightly.
      const std::uint64_t stops =
          (((quote - kOnes) & ~quote) | ((backslash - kOnes) & ~backslash) | ((word - 0x20 * kOnes) & ~word)) & kHigh;
      if (stops != 0) {
        const std::uint64_t before_first_stop = (stops & (~stops + 1)) - 1;
        return {at + std::countr_zero(stops) / 8, ascii && (word & kHigh & before_first_stop) == 0};
      }
      ascii = ascii && (word & kHigh) == 0;
      at += 8;
    }
  }
  while (at != end && is_plain(*at)) {
    ascii = ascii && static_cast<std::uint8_t>(*at) < 0x80;
    ++at;
  }
  return {at, ascii};
}

inline void JsonScanner::skip_space() noexcept {
  while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
}

inline bool JsonScanner::skip(char c) noexcept {
  if (!is_next(c)) return false;
  ++at_;
  return true;
}

inline bool JsonScanner::skip_string() noexcept {
  if (!skip('"')) return false;
  last_string_escaped_ = false;
  for (;;) {
    const PlainRun run = plain_run(at_, end_);
    at_ = run.end;
    only_ascii_ = only_ascii_ && run.ascii;
    if (skip('"')) return true;
    if (!skip_escape()) return false;
    last_string_escaped_ = true;
  }
}

inline bool JsonScanner::skip_colon() noexcept {
  skip_space();
  if (!skip(':')) return false;
  skip_space();
  return true;
}

}  // namespace hearth::protocol
