#include "server/metrics_sum.hpp"

#include <gmock/gmock.h>

#include <chrono>

namespace hearth::server {
namespace {

using testing::ElementsAre;
using testing::Pair;
using namespace std::chrono_literals;

TEST(MetricsSum, UsersAndRoomsOfSeveralShardsCountOnce) {
  MetricsSum sum;
  sum.add(shard::Figures{.memberships = 3, .users = {1, 2}, .rooms = {7}, .disconnects = {{1006, 2}}});
  sum.add(shard::Figures{.memberships = 4, .users = {2, 3}, .rooms = {7, 8}, .disconnects = {{1000, 1}, {1006, 1}}});
  const Metrics metrics = sum.take();
  EXPECT_EQ(metrics.users, 3U);
  EXPECT_EQ(metrics.rooms, 2U);
  EXPECT_EQ(metrics.memberships, 7U);
  EXPECT_THAT(metrics.disconnects, ElementsAre(Pair(1000, 1U), Pair(1006, 3U)));
}

TEST(MetricsSum, DurationsLieInTheBucketOfTheFirstBoundThatIsNotLess) {
  net::DurationHistogram ticks;
  ticks.add(50us);
  ticks.add(51us);
  ticks.add(2s);
  MetricsSum sum;
  sum.add(5, ticks);
  const Metrics metrics = sum.take();
  EXPECT_EQ(metrics.ticks.bounds.front(), 50e-6);
  EXPECT_EQ(metrics.ticks.counts[0], 1U);
  EXPECT_EQ(metrics.ticks.counts[1], 1U);
  EXPECT_EQ(metrics.ticks.counts.back(), 1U);
  EXPECT_DOUBLE_EQ(metrics.ticks.sum, 2.000101);
  EXPECT_EQ(metrics.shards.front().connections, 5U);
}

}  // namespace
}  // namespace hearth::server
