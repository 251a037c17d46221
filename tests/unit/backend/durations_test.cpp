#include "backend/durations.hpp"

#include <gmock/gmock.h>

#include <array>
#include <chrono>

namespace hearth::app {
namespace {

using testing::ElementsAre;
using namespace std::chrono_literals;

TEST(Durations, AreCountedUpToTheirBound) {
  constexpr std::array kBounds{0.001, 0.25, 2.0};
  DurationHistogram histogram = empty_histogram(kBounds);
  EXPECT_THAT(histogram.bounds, ElementsAre(0.001, 0.25, 2.0));
  EXPECT_THAT(histogram.counts, ElementsAre(0U, 0U, 0U, 0U));
  for (const auto duration : {0ms, 1ms, 2ms, 250ms, 1750ms, 2001ms}) add_to(histogram, duration);
  EXPECT_THAT(histogram.counts, ElementsAre(2U, 2U, 1U, 1U));
  EXPECT_DOUBLE_EQ(histogram.sum, 4.004);
}

}  // namespace
}  // namespace hearth::app
