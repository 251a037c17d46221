#include "load/sequence.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace hearth::load {
namespace {

Faults of(const std::vector<std::uint64_t>& numbers, std::uint64_t sent, std::uint64_t expected_from = 0) {
  Faults faults;
  Sequence sequence;
  sequence.expect_from(expected_from);
  for (const auto number : numbers) sequence.receive(number, faults);
  faults.missing += sequence.lacking(sent);
  return faults;
}

TEST(Sequence, InOrderIsFaultless) { EXPECT_FALSE(of({0, 1, 2, 3}, 4).any()); }

TEST(Sequence, GapIsMissing) { EXPECT_EQ(of({0, 1, 4}, 5).missing, 2U); }

TEST(Sequence, WhatNeverBeganIsMissing) { EXPECT_EQ(of({}, 3).missing, 3U); }

TEST(Sequence, EndIsMissing) { EXPECT_EQ(of({0, 1}, 5).missing, 3U); }

TEST(Sequence, BeginningIsMissing) { EXPECT_EQ(of({2, 3}, 4).missing, 2U); }

TEST(Sequence, SecondOneIsDoubled) {
  const Faults faults = of({0, 1, 1, 2, 0}, 3);
  EXPECT_EQ(faults.doubled, 2U);
  EXPECT_EQ(faults.missing + faults.out_of_order, 0U);
}

TEST(Sequence, LateOneIsOutOfOrderAndNotMissing) {
  const Faults faults = of({0, 2, 1, 3}, 4);
  EXPECT_EQ(faults.out_of_order, 1U);
  EXPECT_EQ(faults.missing, 0U);
}

TEST(Sequence, OneThatComesTwiceAndLateIsBoth) {
  const Faults faults = of({0, 2, 1, 1}, 3);
  EXPECT_EQ(faults.out_of_order, 1U);
  EXPECT_EQ(faults.doubled, 1U);
}

TEST(Sequence, WhatWasSentWhileJoiningMayCome) {
  EXPECT_FALSE(of({5, 6, 7}, 8, 7).any());
  EXPECT_FALSE(of({7}, 8, 7).any());
  EXPECT_EQ(of({8}, 9, 7).missing, 1U);
}

TEST(Sequence, NothingIsExpectedBeforeTheServerHasConfirmed) {
  Faults faults;
  Sequence sequence;
  EXPECT_EQ(sequence.lacking(10), 0U);
  sequence.receive(4, faults);
  sequence.expect_from(3);
  sequence.receive(5, faults);
  EXPECT_FALSE(faults.any());
  EXPECT_EQ(sequence.lacking(6), 0U);
}

TEST(Sequence, LongGapIsCountedWhole) { EXPECT_EQ(of({0, 1000}, 1001).missing, 999U); }

}  // namespace
}  // namespace hearth::load
