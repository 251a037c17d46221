#include "load/pace.hpp"

#include <gtest/gtest.h>

namespace hearth::load {
namespace {

TEST(Pace, IsNeverUnlessSaidOtherwise) {
  for (Pace pace : {Pace(), Pace(0, 5, 1)}) {
    EXPECT_FALSE(pace.runs());
    EXPECT_EQ(pace.next(), Pace::kNever);
    EXPECT_FALSE(pace.take(Pace::kNever));
  }
}

TEST(Pace, EachIsDueAfterTheOneBeforeHoweverLateItIsTaken) {
  Pace pace(1000, 500, 1);  // one a millisecond
  EXPECT_EQ(pace.next(), 1'000'500U);
  EXPECT_FALSE(pace.take(1'000'499));
  EXPECT_EQ(pace.take(3'000'500), 1'000'500U);
  EXPECT_EQ(pace.take(3'000'500), 2'000'500U);
  EXPECT_EQ(pace.take(3'000'500), 3'000'500U);
  EXPECT_FALSE(pace.take(3'000'500));
}

TEST(Pace, TheFirstComesAfterAShareOfTheTime) {
  EXPECT_EQ(Pace(1000, 0, 0.25).next(), 250'000U);
  EXPECT_EQ(Pace(1000, 7, 0).next(), 7U);
}

TEST(Pace, FractionsOfANanosecondAddUp) {
  Pace pace(3e8, 0, 1);  // 3 1/3 ns
  std::uint64_t taken = 0;
  while (pace.take(1'000'000)) ++taken;
  EXPECT_NEAR(static_cast<double>(taken), 300'000, 1);
}

}  // namespace
}  // namespace hearth::load
