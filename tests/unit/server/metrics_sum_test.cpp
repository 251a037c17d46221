#include "server/metrics_sum.hpp"

#include <gmock/gmock.h>

namespace hearth::server {
namespace {

using testing::ElementsAre;
using testing::Pair;

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

TEST(MetricsSum, AuthenticationsAreAddedByTheirMethodAndInAll) {
  MetricsSum sum;
  sum.add(shard::Figures{.authentications = {{"card", {.accepted = 1}}, {"jwt", {.accepted = 2, .expired = 1}}}});
  sum.add(shard::Figures{.authentications = {{"jwt", {.accepted = 3, .failed = 4}}}});
  const Metrics metrics = sum.take();
  EXPECT_THAT(metrics.authentication_methods,
              ElementsAre(Pair("card", AuthenticationCounts{.accepted = 1}),
                          Pair("jwt", AuthenticationCounts{.accepted = 5, .expired = 1, .failed = 4})));
  EXPECT_EQ(metrics.authentications, (AuthenticationCounts{.accepted = 6, .expired = 1, .failed = 4}));
}

}  // namespace
}  // namespace hearth::server
