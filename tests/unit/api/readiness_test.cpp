#include "api/readiness.hpp"

#include <gtest/gtest.h>

namespace hearth::app {
namespace {

using std::chrono::seconds;

const BrokerReadiness::Clock::time_point kStart{seconds(1000)};

TEST(BrokerReadiness, HoldsForAWhileWithoutTheLink) {
  BrokerReadiness readiness(seconds(30));
  readiness.note(BrokerState::ready, kStart);
  EXPECT_EQ(readiness.str(kStart), "ok");
  readiness.note(BrokerState::degraded, kStart);
  readiness.note(BrokerState::degraded, kStart + seconds(10));
  EXPECT_TRUE(readiness.is_ready(kStart + seconds(29)));
  EXPECT_FALSE(readiness.is_ready(kStart + seconds(30)));
  EXPECT_EQ(readiness.str(kStart + seconds(41)), "degraded 41s");
}

TEST(BrokerReadiness, BeginsAnewWhenTheLinkIsBack) {
  BrokerReadiness readiness(seconds(30));
  readiness.note(BrokerState::degraded, kStart);
  readiness.note(BrokerState::ready, kStart + seconds(40));
  EXPECT_TRUE(readiness.is_ready(kStart + seconds(40)));
  readiness.note(BrokerState::degraded, kStart + seconds(50));
  EXPECT_TRUE(readiness.is_ready(kStart + seconds(79)));
  EXPECT_FALSE(readiness.is_ready(kStart + seconds(80)));
}

TEST(BrokerReadiness, NeverEndsIfSoTold) {
  BrokerReadiness readiness(std::nullopt);
  readiness.note(BrokerState::degraded, kStart);
  EXPECT_TRUE(readiness.is_ready(kStart + std::chrono::hours(1000)));
}

TEST(BrokerReadiness, ZeroIsAtOnce) {
  BrokerReadiness readiness(std::chrono::milliseconds(0));
  readiness.note(BrokerState::degraded, kStart);
  EXPECT_FALSE(readiness.is_ready(kStart));
}

}  // namespace
}  // namespace hearth::app
