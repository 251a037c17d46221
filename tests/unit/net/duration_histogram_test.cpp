#include "net/duration_histogram.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace hearth::net {
namespace {

using namespace std::chrono_literals;

TEST(DurationHistogram, ADurationLiesInTheBucketOfTheFirstBoundThatIsNotLess) {
  DurationHistogram durations;
  durations.add(50us);
  durations.add(50'001ns);
  durations.add(5s);
  durations.add(6s);
  const hearth::DurationHistogram seen = durations.snapshot();
  ASSERT_EQ(seen.counts.size(), seen.bounds.size() + 1);
  EXPECT_EQ(seen.bounds.front(), 50e-6);
  EXPECT_EQ(seen.bounds.back(), 5);
  EXPECT_EQ(seen.counts[0], 1U);
  EXPECT_EQ(seen.counts[1], 1U);
  EXPECT_EQ(seen.counts[seen.bounds.size() - 1], 1U);
  EXPECT_EQ(seen.counts.back(), 1U);
  EXPECT_DOUBLE_EQ(seen.sum, 11.000100001);
}

}  // namespace
}  // namespace hearth::net
