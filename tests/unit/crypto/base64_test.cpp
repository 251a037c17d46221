#include "crypto/base64.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <random>
#include <string>
#include <vector>

namespace hearth::crypto {
namespace {

std::string decoded(std::string_view text) {
  const auto bytes = decode_base64(text);
  return bytes ? std::string(bytes->begin(), bytes->end()) : "refused";
}

void expect_refused(std::string_view text) {
  const auto bytes = decode_base64(text);
  ASSERT_FALSE(bytes) << text;
  EXPECT_EQ(bytes.error(), Error::invalid_base64) << text;
}

// RFC 4648, 10.
TEST(Base64, GivesAndTakesTheTestVectorsOfItsStandard) {
  const std::vector<std::pair<std::string, std::string>> vectors{{"", ""},
                                                                 {"f", "Zg=="},
                                                                 {"fo", "Zm8="},
                                                                 {"foo", "Zm9v"},
                                                                 {"foob", "Zm9vYg=="},
                                                                 {"fooba", "Zm9vYmE="},
                                                                 {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(encode_base64(as_bytes(bytes)), text);
    EXPECT_EQ(decoded(text), bytes);
  }
}

TEST(Base64, GivesWhatOpenSslGivesForEveryLengthAndTakesItBack) {
  std::mt19937 random(1);
  for (std::size_t size = 0; size < 300; ++size) {
    std::vector<std::uint8_t> bytes(size);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    std::vector<unsigned char> expected(base64_size(size) + 1);
    EVP_EncodeBlock(expected.data(), bytes.data(), static_cast<int>(size));
    const std::string text = encode_base64(bytes);
    ASSERT_EQ(text, std::string(expected.begin(), expected.end() - 1));
    ASSERT_EQ(*decode_base64(text), bytes);
  }
}

TEST(Base64, CoversTheWholeAlphabet) {
  std::vector<std::uint8_t> bytes;
  for (unsigned i = 0; i < 65536; ++i) {
    bytes.push_back(static_cast<std::uint8_t>(i >> 8));
    bytes.push_back(static_cast<std::uint8_t>(i));
    bytes.push_back(static_cast<std::uint8_t>(i * 7));
  }
  EXPECT_EQ(*decode_base64(encode_base64(bytes)), bytes);
}

TEST(Base64, RefusesBlanks) {
  for (const auto* text : {"Zm9v ", " Zm9v", "Zm 9vYg=", "Zm9v\nZm9v", "Zm9\n", "Zm9vYg==\n", "    "})
    expect_refused(text);
}

TEST(Base64, RefusesWrongPadding) {
  for (const auto* text :
       {"Z", "Zg", "Zg=", "Zm8", "Zg===", "====", "=", "Zg==Zg==", "Z===", "Z=g=", "=Zg=", "Zm9v===="}) {
    expect_refused(text);
  }
}

TEST(Base64, RefusesOtherAlphabets) {
  for (const auto* text : {"Zm9-", "Zm9_", "Zm9.", "Zm9\\", "\xc3\xa4\xc3\xa4"}) expect_refused(text);
  expect_refused(std::string_view("Zm\0v", 4));
  for (unsigned byte = 0x80; byte < 0x100; ++byte) expect_refused("Zm9" + std::string(1, static_cast<char>(byte)));
}

TEST(Base64, RefusesUnusedBitsThatAreSet) {
  for (const auto* text : {"Zh==", "Zm9=", "//==", "AAB="}) expect_refused(text);
}

// RFC 4648, 10, without padding.
TEST(Base64Url, GivesAndTakesTheTestVectorsOfItsStandard) {
  const std::vector<std::pair<std::string, std::string>> vectors{
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(encode_base64url(as_bytes(bytes)), text);
    EXPECT_EQ(decode_base64url(text), bytes);
  }
}

TEST(Base64Url, TakesBackEveryLengthAndByte) {
  std::mt19937 random(2);
  for (std::size_t size = 0; size < 300; ++size) {
    std::string bytes(size, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random());
    const std::string text = encode_base64url(as_bytes(bytes));
    EXPECT_EQ(text.find_first_of("+/="), std::string::npos);
    ASSERT_EQ(decode_base64url(text), bytes);
  }
}

TEST(Base64Url, RefusesWhatItWouldNotGive) {
  for (const auto* text :
       {"Z", "Zm9vY", "Zg==", "Zg=", "Zm8=", "Zm9+", "Zm9/", "Zm9 ", "Zm9\n", "Zm.v", "Zh", "Zm9", "__", "AAB"}) {
    EXPECT_EQ(decode_base64url(text), std::nullopt) << text;
  }
  EXPECT_EQ(decode_base64url(std::string_view("Zm\0v", 4)), std::nullopt);
}

}  // namespace
}  // namespace hearth::crypto
