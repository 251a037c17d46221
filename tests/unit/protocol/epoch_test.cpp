#include "hearth/publication.hpp"

#include <gtest/gtest.h>

namespace hearth {
namespace {

TEST(Epoch, IsEightCharacters) {
  EXPECT_EQ(Epoch{}.str(), "AAAAAAAA");
  EXPECT_EQ(Epoch{(std::uint64_t{1} << 48) - 1}.str(), "________");
  EXPECT_EQ(Epoch{0x0083'1051'8720}.str(), "AIMQUYcg");
}

TEST(Epoch, IsReadAsItIsWritten) {
  for (const std::uint64_t bits : {0ULL, 1ULL, 63ULL, 64ULL, 0xfedcba987654ULL}) {
    EXPECT_EQ(Epoch::parse(Epoch{bits}.str()), Epoch{bits});
  }
}

TEST(Epoch, IsNothingElse) {
  for (const char* text : {"", "AAAAAAA", "AAAAAAAAA", "AAAAAAA=", "AAAA+AAA", "AAAA/AAA", "AAAA AAA", "AAAAAAA\xc3"}) {
    EXPECT_EQ(Epoch::parse(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace hearth
