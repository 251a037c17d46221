#include "shard/token_bucket.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace hearth::shard {
namespace {

using namespace std::chrono_literals;

constexpr net::TimePoint kStart{1h};

// A rate means what it says: 100/s sustains 100 a second.
TEST(TokenBucket, SustainsItsRateAfterItsBurst) {
  const Rate rate{.count = 100, .per = 1s, .burst = 200};
  TokenBucket bucket(rate, kStart);
  int taken = 0;
  for (net::Millis at = 0ms; at < 10s; at += 1ms) {
    for (; bucket.has_one(rate, kStart + at); ++taken) bucket.take(rate, 1, kStart + at);
  }
  EXPECT_NEAR(taken, 200 + 1000, 1);
}

TEST(TokenBucket, WithoutABurstHoldsWhatComesInASecond) {
  const Rate slow{.count = 6, .per = 60s};
  TokenBucket bucket(slow, kStart);
  bucket.take(slow, 1, kStart);
  EXPECT_FALSE(bucket.has_one(slow, kStart + 9'999ms));
  EXPECT_TRUE(bucket.has_one(slow, kStart + 10s));
}

TEST(TokenBucket, MayBeInDebtAndTellsForHowLong) {
  const Rate rate{.count = 10, .per = 1s, .burst = 10};
  TokenBucket bucket(rate, kStart);
  EXPECT_EQ(bucket.wait(rate, kStart), 0ms);
  bucket.take(rate, 30, kStart);
  EXPECT_EQ(bucket.wait(rate, kStart), 2'100ms);
  EXPECT_EQ(bucket.wait(rate, kStart + 2s), 100ms);
  EXPECT_FALSE(bucket.is_full(rate, kStart + 2'999ms));
  EXPECT_TRUE(bucket.is_full(rate, kStart + 3s));
}

}  // namespace
}  // namespace hearth::shard
