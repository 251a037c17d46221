#include "load/traffic.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace hearth::load {
namespace {

Plan plan_of(Scenario scenario) {
  Plan plan;
  plan.scenario = scenario;
  plan.clients = 100;
  plan.threads = 2;
  plan.rooms = 20;
  plan.members = 10;
  return plan;
}

std::size_t size_of(const Traffic& traffic, std::uint32_t stream) {
  std::size_t size = 0;
  for (const auto& rooms : traffic.memberships) {
    size += static_cast<std::size_t>(std::count(rooms.begin(), rooms.end(), stream));
  }
  return size;
}

// What a sender's lane takes for granted: it is in the sender's thread, and the sender gets its own copy.
void expect_sound(const Traffic& traffic) {
  for (std::uint32_t i = 0; i < traffic.lanes.size(); ++i) {
    for (const auto stream : traffic.lanes[i].streams) {
      EXPECT_EQ(traffic.streams[stream].lane, i);
      EXPECT_EQ(traffic.lanes[i].thread, traffic.thread_of(traffic.streams[stream].sender));
      EXPECT_TRUE(traffic.sends[traffic.streams[stream].sender]);
      const auto& rooms = traffic.memberships[traffic.streams[stream].sender];
      if (!traffic.streams[stream].room.empty()) {
        EXPECT_NE(std::find(rooms.begin(), rooms.end(), stream), rooms.end());
      }
    }
  }
}

TEST(Traffic, EchoHasALaneForEachClient) {
  const Traffic traffic(plan_of(Scenario::echo));
  EXPECT_EQ(traffic.lanes.size(), 100U);
  expect_sound(traffic);
}

TEST(Traffic, FanoutIsDoneWhenAllHaveIt) {
  const Traffic traffic(plan_of(Scenario::fanout));
  ASSERT_EQ(traffic.streams.size(), 1U);
  EXPECT_EQ(traffic.streams.front().copies, 100U);
  EXPECT_EQ(size_of(traffic, 0), 100U);
  expect_sound(traffic);
}

TEST(Traffic, RoomsAreAllTheSameWithoutZipf) {
  const Traffic traffic(plan_of(Scenario::rooms));
  ASSERT_EQ(traffic.streams.size(), 20U);
  for (std::uint32_t i = 0; i < 20; ++i) EXPECT_EQ(size_of(traffic, i), 10U);
  expect_sound(traffic);
}

TEST(Traffic, ZipfMakesTheFirstRoomTwiceTheSecond) {
  Plan plan = plan_of(Scenario::rooms);
  plan.zipf = 1;
  const Traffic traffic(plan);
  EXPECT_NEAR(static_cast<double>(size_of(traffic, 0)), 2.0 * static_cast<double>(size_of(traffic, 1)), 1);
  EXPECT_GE(size_of(traffic, 19), 2U);
}

TEST(Traffic, MixedHasPairsRoomsAndOneOfAll) {
  const Traffic traffic(plan_of(Scenario::mixed));
  EXPECT_EQ(traffic.streams.size(), 50U + 20U + 1U);
  EXPECT_EQ(size_of(traffic, 70), 100U);
  expect_sound(traffic);
  EXPECT_GT(std::count(traffic.sends.begin(), traffic.sends.end(), false), 0);
}

TEST(Traffic, SilentClientsAreInAsManyRoomsAsAskedFor) {
  Plan plan = plan_of(Scenario::connect);
  plan.rooms = 4;
  const Traffic traffic(plan);
  for (const auto& rooms : traffic.memberships) EXPECT_EQ(std::set(rooms.begin(), rooms.end()).size(), 4U);
  EXPECT_TRUE(traffic.lanes.empty());
}

}  // namespace
}  // namespace hearth::load
