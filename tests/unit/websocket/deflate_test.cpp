#include "websocket/deflate.hpp"
#include "unit/websocket/reading.hpp"
#include "websocket/error.hpp"

#include <gtest/gtest.h>

#include <random>
#include <stdexcept>

namespace hearth::websocket::test {
namespace {

constexpr std::uint64_t kNoLimit = ~std::uint64_t{0};

std::string opened(Inflater& inflater, std::string_view compressed, bool reset = true, std::uint64_t limit = kNoLimit) {
  const Inflater::Result result = inflater.inflate(compressed, limit, reset);
  EXPECT_FALSE(result.error) << result.error.message();
  return {result.message.begin(), result.message.end()};
}

std::error_code error_of(std::string_view compressed, std::uint64_t limit = kNoLimit) {
  Inflater inflater(15);
  return inflater.inflate(compressed, limit, true).error;
}

std::string random_bytes(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string bytes(size, '\0');
  for (char& byte : bytes) {
    byte = static_cast<char>(random());
  }
  return bytes;
}

/// Text with repetitions, near and far.
std::string prose(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < size) {
    text += "word" + std::to_string(random() % 500) + " ";
  }
  text.resize(size);
  return text;
}

TEST(Inflater, OpensTheExamplesOfRFC7692Section723) {
  Inflater inflater(15);
  EXPECT_EQ(opened(inflater, hex("f2 48 cd c9 c9 07 00")), "Hello") << "one block";
  EXPECT_EQ(opened(inflater, hex("f2 00 11 00 00"), false), "Hello") << "sharing the window";
  EXPECT_EQ(opened(inflater, hex("00 05 00 fa ff 48 65 6c 6c 6f 00")), "Hello") << "not compressed";
  EXPECT_EQ(opened(inflater, hex("f3 48 cd c9 c9 07 00 00")), "Hello") << "BFINAL set";
  EXPECT_EQ(opened(inflater, hex("f2 48 05 00 00 00 ff ff ca c9 c9 07 00")), "Hello") << "two blocks";
  EXPECT_EQ(opened(inflater, hex("00")), "") << "empty";
}

TEST(Inflater, TakesAnEmptyPayloadForAnEmptyMessage) {
  Inflater inflater(15);
  EXPECT_EQ(opened(inflater, ""), "");
  EXPECT_EQ(opened(inflater, hex("f2 48 cd c9 c9 07 00"), false), "Hello");
  EXPECT_EQ(opened(inflater, "", false), "");
  EXPECT_EQ(opened(inflater, hex("f2 00 11 00 00"), false), "Hello") << "the window is untouched";
}

TEST(Inflater, KeepsTheWindowPastABlockMarkedAsTheLast) {
  Inflater inflater(15);
  EXPECT_EQ(opened(inflater, hex("f3 48 cd c9 c9 07 00 00")), "Hello");
  EXPECT_EQ(opened(inflater, hex("f2 00 11 00 00"), false), "Hello");
  EXPECT_EQ(opened(inflater, hex("f3 48 cd c9 c9 07 00 f3 48 cd c9 c9 07 00 00")), "HelloHello");
  EXPECT_EQ(opened(inflater, hex("f3 48 cd c9 c9 07 00")), "Hello") << "without the byte that stands for the tail";
}

TEST(Inflater, RefusesWhatIsNotDeflate) {
  EXPECT_EQ(error_of(hex("07")), Error::invalid_deflate_data) << "reserved block type";
  EXPECT_EQ(error_of(hex("00 05 00 fa fe 48 65 6c 6c 6f 00")), Error::invalid_deflate_data) << "length check";
  EXPECT_EQ(error_of(hex("f2 00 11 00 00")), Error::invalid_deflate_data) << "nothing to refer back to";
}

TEST(Inflater, RefusesMessagesThatAreCutOff) {
  const std::string whole = hex("00 05 00 fa ff 48 65 6c 6c 6f 00");
  for (std::size_t size = 1; size < whole.size(); ++size) {
    EXPECT_EQ(error_of(whole.substr(0, size)), size == 1 ? std::error_code() : Error::invalid_deflate_data) << size;
  }
  Deflater deflater(15, 6);
  const std::string compressed(deflater.compress(prose(500, 1), true));
  for (std::size_t size = 1; size < compressed.size(); ++size) {
    EXPECT_EQ(error_of(compressed.substr(0, size)), Error::invalid_deflate_data) << size;
  }
}

TEST(Inflater, RefusesMessagesThatKeptTheirTail) {
  EXPECT_EQ(error_of(hex("f2 48 cd c9 c9 07 00 00 00 ff ff")), Error::invalid_deflate_data);
}

TEST(Inflater, GoesOnAfterAMessageThatFailed) {
  Inflater inflater(15);
  EXPECT_TRUE(inflater.inflate(hex("07"), kNoLimit, true).error);
  EXPECT_EQ(opened(inflater, hex("f2 48 cd c9 c9 07 00"), true), "Hello");
  EXPECT_TRUE(inflater.inflate(hex("07"), kNoLimit, true).error);
  EXPECT_EQ(opened(inflater, hex("f2 48 cd c9 c9 07 00"), false), "Hello");
}

TEST(Inflater, StopsAtTheLimitAndNotBefore) {
  for (const std::size_t size : {0, 1, 4095, 4096, 4097, 8192, 65536, 100'000}) {
    SCOPED_TRACE(size);
    Deflater deflater(15, 6);
    const std::string message = prose(size, 3);
    const std::string compressed(deflater.compress(message, true));
    Inflater inflater(15);
    EXPECT_EQ(opened(inflater, compressed, true, size), message);
    if (size > 0) {
      EXPECT_EQ(error_of(compressed, size - 1), Error::message_too_big);
      EXPECT_EQ(error_of(compressed, 0), Error::message_too_big);
    }
  }
}

TEST(Inflater, StopsAZipBombAtTheLimit) {
  Deflater deflater(15, 9);
  const std::string bomb(deflater.compress(std::string(256 << 20U, '\0'), true));
  ASSERT_LT(bomb.size(), 300'000U);
  EXPECT_EQ(error_of(bomb, 1 << 20U), Error::message_too_big);
}

TEST(Inflater, RefusesImpossibleWindows) {
  EXPECT_THROW(Inflater(7), std::invalid_argument);
  EXPECT_THROW(Inflater(16), std::invalid_argument);
}

TEST(Deflater, RefusesImpossibleParameters) {
  EXPECT_THROW(Deflater(8, 6), std::invalid_argument);
  EXPECT_THROW(Deflater(16, 6), std::invalid_argument);
  EXPECT_THROW(Deflater(15, 0), std::invalid_argument);
  EXPECT_THROW(Deflater(15, 10), std::invalid_argument);
}

TEST(Deflater, WritesMessagesAsRFC7692ShowsThem) {
  Deflater deflater(15, 6);
  EXPECT_EQ(deflater.compress("Hello", true), hex("f2 48 cd c9 c9 07 00"));
  EXPECT_EQ(deflater.compress("Hello", false), hex("f2 00 11 00 00"));
  EXPECT_EQ(deflater.compress("", false), hex("00"));
}

TEST(Deflater, MakesTheSameOfAMessageWheneverItsContextIsNew) {
  Deflater deflater(15, 6);
  const std::string first(deflater.compress(prose(5000, 1), true));
  deflater.compress(prose(5000, 2), true);
  EXPECT_EQ(deflater.compress(prose(5000, 1), true), first);
}

TEST(Deflater, GainsFromTheContextWhenItIsKept) {
  Deflater deflater(15, 6);
  const std::size_t alone = deflater.compress(prose(5000, 1), true).size();
  EXPECT_LT(deflater.compress(prose(5000, 1), false).size(), alone / 10);
}

struct Window {
  int bits;
  bool reset;
};

class DeflateRoundTrip : public ::testing::TestWithParam<Window> {};

TEST_P(DeflateRoundTrip, GivesBackEveryMessage) {
  const auto [bits, reset] = GetParam();
  Deflater deflater(bits, 6);
  Inflater inflater(bits);
  for (unsigned seed = 0; seed < 40; ++seed) {
    const std::size_t size = seed * seed * seed * 3;
    const std::string message = seed % 4 == 3 ? random_bytes(size, seed) : prose(size, seed);
    const std::string compressed(deflater.compress(message, reset));
    ASSERT_EQ(opened(inflater, compressed, reset, size), message) << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Windows, DeflateRoundTrip,
                         ::testing::Values(Window{9, true}, Window{9, false}, Window{10, true}, Window{10, false},
                                           Window{11, false}, Window{12, true}, Window{13, false}, Window{14, false},
                                           Window{15, true}, Window{15, false}),
                         [](const auto& window) {
                           return std::to_string(window.param.bits) + (window.param.reset ? "_reset" : "_kept");
                         });

TEST(DeflateRoundTrip, HoldsForLevelsFromFastToSmall) {
  const std::string message = prose(50'000, 5) + random_bytes(50'000, 6);
  for (int level = 1; level <= 9; ++level) {
    Deflater deflater(15, level);
    Inflater inflater(15);
    EXPECT_EQ(opened(inflater, deflater.compress(message, true)), message);
  }
}

TEST(DeflateRoundTrip, SurvivesTrimming) {
  Deflater deflater(15, 6);
  Inflater inflater(15);
  for (unsigned seed = 0; seed < 4; ++seed) {
    const std::string message = random_bytes(200'000, seed);
    EXPECT_EQ(opened(inflater, deflater.compress(message, false), false), message);
    deflater.trim();
    inflater.trim();
  }
}

}  // namespace
}  // namespace hearth::websocket::test
