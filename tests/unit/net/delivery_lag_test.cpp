#include "net/delivery_lag.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <numeric>
#include <vector>

namespace hearth::net {
namespace {

using namespace std::chrono_literals;

class DeliveryLagTest : public testing::Test {
 protected:
  static Clock::time_point at(std::chrono::milliseconds time) { return Clock::time_point(1h) + time; }
  std::uint64_t count() const {
    const auto counts = lag.durations().snapshot().counts;
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  }
  std::chrono::nanoseconds sum() const { return lag.durations().sum(); }

  DeliveryLag lag;
};

TEST_F(DeliveryLagTest, ATurnWithoutPublicationsHasNone) {
  lag.end_turn(at(5ms), {});
  lag.end_turn(at(9ms), {.left = 500, .caught_up = 0});
  lag.end_turn(at(20ms), {.left = 500, .caught_up = 500});
  EXPECT_EQ(count(), 0U);
}

TEST_F(DeliveryLagTest, ATurnHasOneFromTheFirstOfItsPublications) {
  lag.note(at(3ms));
  lag.note(at(1ms));
  lag.note(at(4ms));
  lag.end_turn(at(7ms), {});
  EXPECT_EQ(count(), 1U);
  EXPECT_EQ(sum(), 6ms);
  lag.end_turn(at(9ms), {});
  EXPECT_EQ(count(), 1U);
}

TEST_F(DeliveryLagTest, WhatIsLeftToLaterTurnsEndsWithTheLastOfThem) {
  lag.note(at(0ms));
  lag.end_turn(at(2ms), {.left = 900, .caught_up = 300});
  lag.note(at(3ms));
  lag.end_turn(at(4ms), {.left = 1000, .caught_up = 600});
  EXPECT_EQ(count(), 0U);
  lag.end_turn(at(6ms), {.left = 1000, .caught_up = 900});
  EXPECT_EQ(count(), 1U);
  EXPECT_EQ(sum(), 6ms);
  lag.end_turn(at(8ms), {.left = 1000, .caught_up = 1000});
  EXPECT_EQ(count(), 2U);
  EXPECT_EQ(sum(), 11ms);
}

TEST_F(DeliveryLagTest, WhoGetsItAtOnceDoesNotWaitForThoseWhoWaitAlready) {
  lag.note(at(0ms));
  lag.end_turn(at(2ms), {.left = 900, .caught_up = 300});
  lag.note(at(2ms));
  lag.end_turn(at(3ms), {.left = 900, .caught_up = 600, .at_once = 4});
  EXPECT_EQ(count(), 1U);
  EXPECT_EQ(sum(), 1ms);
}

TEST_F(DeliveryLagTest, WhatIsForThoseWhoWaitAlreadyLeavesWithThem) {
  lag.note(at(0ms));
  lag.end_turn(at(2ms), {.left = 900, .caught_up = 300});
  lag.note(at(2ms));
  lag.end_turn(at(3ms), {.left = 900, .caught_up = 600});
  EXPECT_EQ(count(), 0U);
  lag.end_turn(at(5ms), {.left = 900, .caught_up = 900});
  EXPECT_EQ(count(), 2U);
  EXPECT_EQ(sum(), 8ms);
}

TEST_F(DeliveryLagTest, MoreTurnsThanCanWaitShareOneDuration) {
  constexpr std::uint64_t kMore = 10;
  std::uint64_t left = 0;
  for (std::uint64_t i = 0; i < DeliveryLag::kMostWaiting + kMore; ++i) {
    lag.note(at(1ms));
    lag.end_turn(at(2ms), {.left = ++left, .caught_up = 0});
  }
  lag.end_turn(at(3ms), {.left = left, .caught_up = left - 1});
  EXPECT_EQ(count(), DeliveryLag::kMostWaiting - 1) << "the last of them is for the others, too";
  lag.end_turn(at(4ms), {.left = left, .caught_up = left});
  EXPECT_EQ(count(), DeliveryLag::kMostWaiting);
}

}  // namespace
}  // namespace hearth::net
