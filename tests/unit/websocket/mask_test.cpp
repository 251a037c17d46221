#include "websocket/mask.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace hearth::websocket {
namespace {

constexpr MaskKey kKey = {'\x12', '\xf4', '\x56', '\x87'};

std::string mask_one_by_one(std::string bytes, MaskKey key) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(bytes[i] ^ key[i % 4]);
  }
  return bytes;
}

TEST(Mask, IsTheSameAsByteByByteAtEveryLengthAndAlignment) {
  std::mt19937 random(7);
  for (std::size_t offset = 0; offset < 9; ++offset) {
    for (std::size_t size = 0; size < 200; ++size) {
      std::vector<char> memory(offset + size);
      std::generate(memory.begin(), memory.end(), [&] { return static_cast<char>(random()); });
      const std::span<char> bytes = std::span(memory).subspan(offset);
      const std::string expected = mask_one_by_one({bytes.begin(), bytes.end()}, kKey);
      apply_mask(bytes, kKey);
      ASSERT_EQ(std::string(bytes.begin(), bytes.end()), expected) << offset << " " << size;
    }
  }
}

TEST(Mask, SaysWhetherAllOfTheResultIsASCII) {
  for (std::size_t size = 0; size < 100; ++size) {
    std::string ascii = mask_one_by_one(std::string(size, '\x7f'), kKey);
    EXPECT_TRUE(apply_mask(ascii, kKey)) << size;
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'a');
      text[at] = '\x80';
      std::string other = mask_one_by_one(text, kKey);
      EXPECT_FALSE(apply_mask(other, kKey)) << size << " " << at;
    }
  }
}

TEST(Mask, TwiceIsNothing) {
  std::string text = "a text that is longer than one word";
  apply_mask(text, kKey);
  apply_mask(text, kKey);
  EXPECT_EQ(text, "a text that is longer than one word");
}

TEST(MaskKeyRotated, GoesOnWhereAPieceEnded) {
  const std::string whole = mask_one_by_one("0123456789abcdef", kKey);
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    std::string text = whole;
    apply_mask(std::span(text).first(cut), kKey);
    apply_mask(std::span(text).subspan(cut), rotated(kKey, cut));
    EXPECT_EQ(text, "0123456789abcdef");
  }
}

}  // namespace
}  // namespace hearth::websocket
