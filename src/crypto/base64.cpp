#include "crypto/base64.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace hearth::crypto {

namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kNone = 0xff;

// Two characters at a time, for twelve bits.
using PairTable = std::array<std::array<char, 2>, 4096>;
constexpr PairTable make_pairs() {
  PairTable pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i] = {kAlphabet[i >> 6], kAlphabet[i & 63]};
  return pairs;
}
constexpr PairTable kPairs = make_pairs();

using Values = std::array<std::uint8_t, 256>;
constexpr Values make_values(std::string_view alphabet) {
  Values values{};
  for (auto& value : values) value = kNone;
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}
constexpr Values kValues = make_values(kAlphabet);
constexpr Values kUrlValues = make_values(kUrlAlphabet);

void write_pair(char* out, std::size_t bits) noexcept { std::memcpy(out, kPairs[bits].data(), 2); }

#if defined(__x86_64__)
/// 24 bytes a turn become 32 characters (W. Muła, D. Lemire: Faster Base64 Encoding and Decoding Using AVX2
/// Instructions). Returns how many bytes were taken. A turn reads 28 bytes, from 24 up to 28 of which belong to it.
__attribute__((target("avx2"))) std::size_t encode_avx2(const std::uint8_t* in, std::size_t size, char* out) noexcept {
  const __m256i spread = _mm256_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10,  //
                                          1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10);
  // From the value to its character: what to add, by class. 0-25 is class 13, 26-51 class 0, digits 1-10, + 11, / 12.
  const __m256i shift = _mm256_setr_epi8(71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -19, -16, 65, 0, 0,  //
                                         71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -19, -16, 65, 0, 0);
  std::size_t taken = 0;
  while (size - taken >= 28) {
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + taken));
    const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + taken + 12));
    const __m256i bytes = _mm256_shuffle_epi8(_mm256_set_m128i(high, low), spread);
    const __m256i first_third =
        _mm256_mulhi_epu16(_mm256_and_si256(bytes, _mm256_set1_epi32(0x0fc0fc00)), _mm256_set1_epi32(0x04000040));
    const __m256i second_fourth =
        _mm256_mullo_epi16(_mm256_and_si256(bytes, _mm256_set1_epi32(0x003f03f0)), _mm256_set1_epi32(0x01000010));
    const __m256i values = _mm256_or_si256(first_third, second_fourth);
    const __m256i upper = _mm256_and_si256(_mm256_cmpgt_epi8(_mm256_set1_epi8(26), values), _mm256_set1_epi8(13));
    const __m256i classes = _mm256_or_si256(_mm256_subs_epu8(values, _mm256_set1_epi8(51)), upper);
    const __m256i text = _mm256_add_epi8(values, _mm256_shuffle_epi8(shift, classes));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), text);
    taken += 24;
    out += 32;
  }
  return taken;
}

const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
#endif

/// Writes what `text`, without padding, stands for to `out`, and returns how many bytes that is.
std::optional<std::size_t> decode_unpadded(std::string_view text, const Values& values, std::uint8_t* out) noexcept {
  const auto value = [&](std::size_t at) { return std::uint32_t{values[static_cast<std::uint8_t>(text[at])]}; };
  std::uint8_t* to = out;
  std::uint32_t wrong = 0;  // kNone has bits that no value has
  std::size_t at = 0;
  for (; text.size() - at >= 4; at += 4) {
    const std::uint32_t a = value(at);
    const std::uint32_t b = value(at + 1);
    const std::uint32_t c = value(at + 2);
    const std::uint32_t d = value(at + 3);
    wrong |= a | b | c | d;
    *to++ = static_cast<std::uint8_t>(a << 2 | b >> 4);
    *to++ = static_cast<std::uint8_t>(b << 4 | c >> 2);
    *to++ = static_cast<std::uint8_t>(c << 6 | d);
  }
  const std::size_t left = text.size() - at;
  if (left == 1) return std::nullopt;
  if (left >= 2) {
    const std::uint32_t a = value(at);
    const std::uint32_t b = value(at + 1);
    const std::uint32_t c = left == 3 ? value(at + 2) : 0;
    const std::uint32_t unused = left == 3 ? c & 3 : b & 15;
    wrong |= a | b | c | (unused != 0 ? kNone : 0);
    *to++ = static_cast<std::uint8_t>(a << 2 | b >> 4);
    if (left == 3) *to++ = static_cast<std::uint8_t>(b << 4 | c >> 2);
  }
  if ((wrong & 0xc0) != 0) return std::nullopt;
  return static_cast<std::size_t>(to - out);
}

}  // namespace

void encode_base64(Bytes bytes, char* out) noexcept {
  const std::uint8_t* in = bytes.data();
  std::size_t left = bytes.size();
#if defined(__x86_64__)
  if (has_avx2) {
    const std::size_t taken = encode_avx2(in, left, out);
    in += taken;
    left -= taken;
    out += taken / 3 * 4;
  }
#endif
  for (; left >= 3; left -= 3, in += 3, out += 4) {
    const std::size_t bits = std::size_t{in[0]} << 16 | std::size_t{in[1]} << 8 | in[2];
    write_pair(out, bits >> 12);
    write_pair(out + 2, bits & 4095);
  }
  if (left == 0) return;
  const std::size_t bits = std::size_t{in[0]} << 16 | (left == 2 ? std::size_t{in[1]} << 8 : 0);
  write_pair(out, bits >> 12);
  out[2] = left == 2 ? kAlphabet[(bits >> 6) & 63] : '=';
  out[3] = '=';
}

std::string encode_base64(Bytes bytes) {
  std::string text(base64_size(bytes.size()), '\0');
  encode_base64(bytes, text.data());
  return text;
}

Result<std::size_t> decode_base64(std::string_view text, std::uint8_t* out) noexcept {
  if (text.size() % 4 != 0) return make_error_code(Error::invalid_base64);
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  const auto size = decode_unpadded(text.substr(0, text.size() - padding), kValues, out);
  if (!size) return make_error_code(Error::invalid_base64);
  return *size;
}

Result<std::vector<std::uint8_t>> decode_base64(std::string_view text) {
  std::vector<std::uint8_t> bytes(most_decoded(text.size()));
  const auto size = decode_base64(text, bytes.data());
  if (!size) return size.error();
  bytes.resize(*size);
  return bytes;
}

std::string encode_base64url(Bytes bytes) {
  std::string text = encode_base64(bytes);
  text.resize(text.find_last_not_of('=') + 1);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

std::optional<std::string> decode_base64url(std::string_view text) {
  std::string bytes(most_decoded(text.size() + 3), '\0');
  const auto size = decode_unpadded(text, kUrlValues, reinterpret_cast<std::uint8_t*>(bytes.data()));
  if (!size) return std::nullopt;
  bytes.resize(*size);
  return bytes;
}

}  // namespace hearth::crypto
