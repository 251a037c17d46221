#include "crypto/base64.hpp"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace hearth::crypto {

namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNone = 0xff;

// Two characters at a time, for twelve bits.
using PairTable = std::array<std::array<char, 2>, 4096>;
constexpr PairTable make_pairs() {
  PairTable pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i] = {kAlphabet[i >> 6], kAlphabet[i & 63]};
  return pairs;
}
constexpr PairTable kPairs = make_pairs();

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  for (auto& value : values) value = kNone;
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<std::uint8_t>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}
constexpr auto kValues = make_values();

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
  if (text.empty()) return std::size_t{0};
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  std::uint8_t* at = out;
  std::uint32_t wrong = 0;
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const bool last = i + 4 == text.size();
    std::array<std::uint32_t, 4> values;
    for (std::size_t k = 0; k < 4; ++k) {
      const bool is_padding = last && k + padding >= 4;
      values[k] = is_padding ? 0 : kValues[static_cast<std::uint8_t>(text[i + k])];
    }
    wrong |= values[0] | values[1] | values[2] | values[3];
    const std::uint32_t bits = (values[0] << 18 | values[1] << 12 | values[2] << 6 | values[3]) & 0xff'ffff;
    const std::size_t count = last ? 3 - padding : 3;
    if (last && padding != 0) wrong |= (bits & (padding == 1 ? 0xffU : 0xffffU)) != 0 ? kNone : 0;
    for (std::size_t k = 0; k < count; ++k) *at++ = static_cast<std::uint8_t>(bits >> (16 - 8 * k));
  }
  if ((wrong & 0xc0) != 0) return make_error_code(Error::invalid_base64);
  return static_cast<std::size_t>(at - out);
}

Result<std::vector<std::uint8_t>> decode_base64(std::string_view text) {
  std::vector<std::uint8_t> bytes(most_decoded(text.size()));
  const auto size = decode_base64(text, bytes.data());
  if (!size) return size.error();
  bytes.resize(*size);
  return bytes;
}

}  // namespace hearth::crypto
