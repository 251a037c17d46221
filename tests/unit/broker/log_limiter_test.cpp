#include "broker/log_limiter.hpp"

#include <gmock/gmock.h>

#include <optional>

namespace hearth::broker {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::Eq;
using testing::IsEmpty;
using testing::Optional;
using testing::StrEq;

struct LogLimiterTest : testing::Test {
  LogLimiter limiter{milliseconds(100)};
  const LogLimiter::Clock::time_point begin{};

  LogLimiter::Clock::time_point after(int time) const { return begin + milliseconds(time); }
};

TEST_F(LogLimiterTest, LetsOneThroughAPeriodAndCountsTheRest) {
  EXPECT_THAT(limiter.admit("a", "first", after(0)), Optional(StrEq("first")));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(limiter.admit("a", "next", after(i)), std::nullopt);
  EXPECT_THAT(limiter.admit("a", "later", after(100)), Optional(StrEq("later (and 100 more like it)")));
  EXPECT_EQ(limiter.admit("a", "next", after(199)), std::nullopt);
  EXPECT_THAT(limiter.admit("a", "last", after(1000)), Optional(StrEq("last (and 1 more like it)")));
}

TEST_F(LogLimiterTest, KindsDoNotHoldBackEachOther) {
  EXPECT_TRUE(limiter.admit("a", "a", after(0)));
  EXPECT_FALSE(limiter.admit("a", "a", after(1)));
  EXPECT_TRUE(limiter.admit("b", "b", after(1)));
  EXPECT_FALSE(limiter.admit("b", "b", after(2)));
  EXPECT_TRUE(limiter.admit("a", "a", after(100)));
  EXPECT_FALSE(limiter.admit("b", "b", after(100)));
}

TEST_F(LogLimiterTest, TheNewestLineIsNotLost) {
  limiter.admit("a", "a", after(0));
  EXPECT_EQ(limiter.next_overdue(), std::nullopt);
  limiter.admit("b", "b", after(50));
  limiter.admit("b", "b2", after(60));
  limiter.admit("a", "a2", after(70));
  limiter.admit("a", "a3", after(80));
  EXPECT_THAT(limiter.next_overdue(), Optional(Eq(after(100))));
  EXPECT_THAT(limiter.overdue(after(99)), IsEmpty());
  EXPECT_THAT(limiter.overdue(after(100)), ElementsAre("a3 (and 1 more like it)"));
  EXPECT_THAT(limiter.overdue(after(100)), IsEmpty()) << "it has been told";
  EXPECT_THAT(limiter.next_overdue(), Optional(Eq(after(150))));
  EXPECT_FALSE(limiter.admit("a", "a4", after(199))) << "what was overdue is a line too";
  EXPECT_THAT(limiter.overdue(after(200)), ElementsAre("a4", "b2"));
}

}  // namespace
}  // namespace hearth::broker
