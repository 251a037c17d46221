#include "websocket/mask.hpp"

#include <cstddef>
#include <cstring>

namespace hearth::websocket {
namespace {

constexpr std::uint64_t kHighBits = 0x8080808080808080U;

/// XORs one word at `bytes`, of any alignment, and returns the result.
template <typename Word>
Word mask_word(char* bytes, Word key) noexcept {
  Word word;
  std::memcpy(&word, bytes, sizeof word);
  word = static_cast<Word>(word ^ key);
  std::memcpy(bytes, &word, sizeof word);
  return word;
}

}  // namespace

bool apply_mask(std::span<char> bytes, MaskKey key) noexcept {
  std::uint32_t key32 = 0;
  std::memcpy(&key32, key.data(), sizeof key32);
  const std::uint64_t key64 = (std::uint64_t{key32} << 32U) | key32;

  char* position = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t seen = 0;
  for (; left >= 32; left -= 32, position += 32) {
    const std::uint64_t first = mask_word(position, key64) | mask_word(position + 8, key64);
    const std::uint64_t second = mask_word(position + 16, key64) | mask_word(position + 24, key64);
    seen |= first | second;
  }
  for (; left >= 8; left -= 8, position += 8) {
    seen |= mask_word(position, key64);
  }
  if (left >= 4) {
    seen |= mask_word(position, key32);
    left -= 4;
    position += 4;
  }
  for (std::size_t i = 0; i < left; ++i) {
    position[i] = static_cast<char>(position[i] ^ key[i]);
    seen |= static_cast<unsigned char>(position[i]);
  }
  return (seen & kHighBits) == 0;
}

MaskKey rotated(MaskKey key, std::uint64_t offset) noexcept {
  MaskKey result;
  for (std::size_t i = 0; i < key.size(); ++i) {
    result[i] = key[(i + offset) % key.size()];
  }
  return result;
}

}  // namespace hearth::websocket
