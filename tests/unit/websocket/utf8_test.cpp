#include "websocket/utf8.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>

namespace hearth::websocket {
namespace {

/// The UTF-8 form of a number by arithmetic, whether or not it is a code point that text may hold.
std::string encode(std::uint32_t point) {
  const auto tail = [&](unsigned shift) { return static_cast<char>(0x80U | ((point >> shift) & 0x3fU)); };
  if (point < 0x80) {
    return {static_cast<char>(point)};
  }
  if (point < 0x800) {
    return {static_cast<char>(0xc0U | (point >> 6U)), tail(0)};
  }
  if (point < 0x10000) {
    return {static_cast<char>(0xe0U | (point >> 12U)), tail(6), tail(0)};
  }
  return {static_cast<char>(0xf0U | (point >> 18U)), tail(12), tail(6), tail(0)};
}

bool is_valid_one_by_one(std::string_view text) {
  Utf8Validator validator;
  for (const char& byte : text) {
    if (!validator.feed({&byte, 1})) {
      return false;
    }
  }
  return validator.is_complete();
}

TEST(Utf8, EveryCodePointButSurrogatesIsValid) {
  for (std::uint32_t point = 0; point < 0x1fffff; point += point < 0x11ffff ? 1 : 977) {
    const bool expected = point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
    const std::string text = encode(point);
    ASSERT_EQ(is_valid_utf8(text), expected) << point;
    ASSERT_EQ(is_valid_one_by_one(text), expected) << point;
  }
}

TEST(Utf8, WholeAndInPiecesAgreeOnAllTextsOfThreeBytes) {
  std::string text(3, '\0');
  for (std::uint32_t value = 0; value < 0x1000000; value += 7) {
    text[0] = static_cast<char>(value >> 16U);
    text[1] = static_cast<char>(value >> 8U);
    text[2] = static_cast<char>(value);
    ASSERT_EQ(is_valid_utf8(text), is_valid_one_by_one(text)) << value;
  }
}

TEST(Utf8, WholeAndInRandomPiecesAgreeOnDamagedTexts) {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    std::mt19937 random(seed);
    std::string text;
    for (std::size_t i = 0; i < 60; ++i) {
      text +=
          random() % 3 == 0 ? encode(static_cast<std::uint32_t>(random() % 0xd800)) : std::string(random() % 9, 'a');
    }
    if (seed % 2 == 0 && !text.empty()) {
      text[random() % text.size()] = static_cast<char>(random());
    }
    Utf8Validator validator;
    bool valid = true;
    for (std::size_t at = 0; valid && at < text.size();) {
      const std::size_t length = 1 + random() % 70;
      valid = validator.feed(std::string_view(text).substr(at, length));
      at += length;
    }
    ASSERT_EQ(valid && validator.is_complete(), is_valid_utf8(text)) << seed;
  }
}

TEST(Utf8Validator, FailsAtTheFirstImpossibleByte) {
  Utf8Validator validator;
  EXPECT_TRUE(validator.feed("text \xf4"));
  EXPECT_FALSE(validator.is_complete());
  EXPECT_FALSE(validator.feed("\x90"));
}

TEST(Utf8Validator, IsCompleteBetweenCharactersAlone) {
  Utf8Validator validator;
  EXPECT_TRUE(validator.is_complete());
  EXPECT_TRUE(validator.feed("\xe2\x82"));
  EXPECT_FALSE(validator.is_complete());
  EXPECT_TRUE(validator.feed(""));
  EXPECT_FALSE(validator.is_complete());
  EXPECT_TRUE(validator.feed("\xac"));
  EXPECT_TRUE(validator.is_complete());
}

}  // namespace
}  // namespace hearth::websocket
