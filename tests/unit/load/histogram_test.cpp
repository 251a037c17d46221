#include "load/histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace hearth::load {
namespace {

TEST(Histogram, OfNothingIsZero) {
  const Histogram times;
  EXPECT_EQ(times.count(), 0U);
  EXPECT_EQ(times.quantile(0.99), 0U);
  EXPECT_EQ(times.mean(), 0);
}

TEST(Histogram, SmallTimesAreExact) {
  Histogram times;
  for (std::uint64_t i = 1; i <= 60; ++i) times.record(i);
  EXPECT_EQ(times.quantile(0.5), 30U);
  EXPECT_EQ(times.quantile(1), 60U);
  EXPECT_EQ(times.max(), 60U);
}

TEST(Histogram, QuantilesAreWithinAThirtySecondOfTheTruth) {
  std::mt19937_64 random(7);
  std::lognormal_distribution<> spread(12, 3);
  std::vector<std::uint64_t> all;
  Histogram times;
  for (int i = 0; i < 20'000; ++i) {
    all.push_back(static_cast<std::uint64_t>(spread(random)));
    times.record(all.back());
  }
  std::sort(all.begin(), all.end());
  for (const double share : {0.01, 0.5, 0.9, 0.99, 0.999}) {
    const auto place = static_cast<std::size_t>(std::ceil(share * static_cast<double>(all.size()))) - 1;
    const auto truth = static_cast<double>(all[place]);
    EXPECT_NEAR(static_cast<double>(times.quantile(share)), truth, truth / 32 + 1) << share;
  }
  EXPECT_EQ(times.max(), all.back());
}

TEST(Histogram, TakesTheLongestTimeThereIs) {
  Histogram times;
  times.record(std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(times.quantile(0.5), std::numeric_limits<std::uint64_t>::max());
}

TEST(Histogram, AddsUp) {
  Histogram one;
  Histogram other;
  one.record(10);
  other.record(1'000'000);
  other.record(30);
  one.add(other);
  EXPECT_EQ(one.count(), 3U);
  EXPECT_EQ(one.quantile(0.6), 30U);
  EXPECT_EQ(one.max(), 1'000'000U);
  EXPECT_EQ(one.between(8, 64), 2U);
  EXPECT_EQ(one.between(64, 2'000'000), 1U);
}

}  // namespace
}  // namespace hearth::load
