#include "backend/key_set_schedule.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace hearth::app {
namespace {

using namespace std::chrono_literals;

constexpr KeySetSchedule::Time kNow{100h};

TEST(KeySetSchedule, FetchesEveryTenMinutes) {
  KeySetSchedule schedule(24h);
  schedule.succeed(kNow, std::nullopt);
  EXPECT_EQ(schedule.due(), kNow + 10min);
}

TEST(KeySetSchedule, FollowsMaxAgeBetweenAMinuteAndADay) {
  KeySetSchedule schedule(24h);
  schedule.succeed(kNow, 3h);
  EXPECT_EQ(schedule.due(), kNow + 3h);
  schedule.succeed(kNow, 5s);
  EXPECT_EQ(schedule.due(), kNow + 1min);
  schedule.succeed(kNow, 240h);
  EXPECT_EQ(schedule.due(), kNow + 24h);
}

TEST(KeySetSchedule, TriesAgainSoonAfterAFailureAndThenLessOften) {
  KeySetSchedule schedule(24h);
  for (const auto pause : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    schedule.fail(kNow);
    EXPECT_EQ(schedule.due(), kNow + pause);
  }
  schedule.succeed(kNow, std::nullopt);
  schedule.fail(kNow);
  EXPECT_EQ(schedule.due(), kNow + 1s);
}

TEST(KeySetSchedule, LetsOneUnknownKeyThroughInTenSeconds) {
  KeySetSchedule schedule(24h);
  EXPECT_TRUE(schedule.admits_unknown_key(kNow));
  EXPECT_FALSE(schedule.admits_unknown_key(kNow));
  EXPECT_FALSE(schedule.admits_unknown_key(kNow + 9'999ms));
  EXPECT_TRUE(schedule.admits_unknown_key(kNow + 10s));
  EXPECT_FALSE(schedule.admits_unknown_key(kNow + 19s));
}

TEST(KeySetSchedule, KeepsTheLastGoodSetForSoLong) {
  KeySetSchedule schedule(1h);
  schedule.succeed(kNow, std::nullopt);
  EXPECT_FALSE(schedule.is_stale(kNow + 100h));  // nothing has failed
  schedule.fail(kNow + 10min);
  EXPECT_TRUE(schedule.is_failing());
  schedule.fail(kNow + 11min);
  EXPECT_FALSE(schedule.is_stale(kNow + 70min - 1s));
  EXPECT_TRUE(schedule.is_stale(kNow + 70min));
  schedule.succeed(kNow + 70min, std::nullopt);
  EXPECT_FALSE(schedule.is_stale(kNow + 100h));
  EXPECT_FALSE(schedule.is_failing());
}

TEST(KeySetSchedule, IsKnownOnceOneHasCome) {
  KeySetSchedule schedule(0s);
  EXPECT_FALSE(schedule.is_known());
  schedule.fail(kNow);
  EXPECT_FALSE(schedule.is_known());
  schedule.succeed(kNow, std::nullopt);
  EXPECT_TRUE(schedule.is_known());
}

}  // namespace
}  // namespace hearth::app
