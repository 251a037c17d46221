#include "load/lanes.hpp"

#include <gmock/gmock.h>

#include <map>

namespace hearth::load {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

Plan plan_of(Scenario scenario) {
  Plan plan;
  plan.scenario = scenario;
  plan.clients = 10;
  plan.threads = 2;
  plan.window = 3;
  plan.rooms = 8;
  plan.members = 4;
  return plan;
}

using Sent = std::vector<std::pair<std::uint32_t, std::uint64_t>>;

Sent due(Lanes& lanes, std::uint64_t now) {
  Sent sent;
  lanes.send_due([now] { return now; }, [&](std::uint32_t stream, std::uint64_t at) { sent.emplace_back(stream, at); });
  return sent;
}

TEST(Lanes, SendNothingBeforeTheStart) {
  const Plan plan = plan_of(Scenario::echo);
  Traffic traffic(plan);
  Lanes lanes(plan, traffic, 0);
  EXPECT_THAT(due(lanes, 1), IsEmpty());
  EXPECT_EQ(lanes.next_due(), Pace::kNever);
}

TEST(Lanes, ClosedLoopSendsAWindowForEachLaneOfTheThread) {
  const Plan plan = plan_of(Scenario::echo);
  Traffic traffic(plan);
  Lanes lanes(plan, traffic, 1);
  lanes.start(0);
  EXPECT_EQ(lanes.next_due(), 0U);
  const Sent sent = due(lanes, 77);
  EXPECT_THAT(sent, SizeIs(5U * 3U));
  for (const auto& [stream, at] : sent) {
    EXPECT_EQ(traffic.thread_of(traffic.streams[stream].sender), 1U);
    EXPECT_EQ(at, 77U);
  }
  EXPECT_THAT(due(lanes, 78), IsEmpty()) << "the next when these have arrived";
}

TEST(Lanes, ClosedLoopGoesOnWhenAllCopiesHaveArrived) {
  const Plan plan = plan_of(Scenario::fanout);
  Traffic traffic(plan);
  Lanes lanes(plan, traffic, 0);
  lanes.start(0);
  EXPECT_THAT(due(lanes, 1), SizeIs(3));
  Lane& lane = traffic.lanes.front();
  for (int copy = 1; copy < 3 * 10; ++copy) EXPECT_FALSE(note_arrival(lane, 1)) << copy;
  EXPECT_TRUE(note_arrival(lane, 1));
  lanes.complete(lane);
  EXPECT_THAT(due(lanes, 2), SizeIs(3));
}

TEST(Lanes, OpenLoopSendsAtSetTimesWhateverHasArrived) {
  Plan plan = plan_of(Scenario::echo);
  plan.rate = 1000;  // of which this thread has half
  Traffic traffic(plan);
  Lanes lanes(plan, traffic, 0);
  lanes.start(0);
  EXPECT_LE(lanes.next_due(), 2'000'000U);
  EXPECT_THAT(due(lanes, 100'000'000), SizeIs(50));
  const std::uint64_t next = lanes.next_due();
  EXPECT_THAT(due(lanes, next - 1), IsEmpty());
  const Sent late = due(lanes, next + 1'000'000);
  ASSERT_THAT(late, SizeIs(1));
  EXPECT_EQ(late.front().second, next) << "latencies count from when it was due";
}

TEST(Lanes, StreamsGetTheirShares) {
  Plan plan = plan_of(Scenario::mixed);
  plan.threads = 1;
  plan.window = 20'000;
  Traffic traffic(plan);
  Lanes lanes(plan, traffic, 0);
  lanes.start(0);
  std::map<bool, int> to_pairs;
  for (const auto& [stream, at] : due(lanes, 1)) ++to_pairs[traffic.streams[stream].room.starts_with("bench-pair-")];
  EXPECT_NEAR(to_pairs[true], 12'000, 600) << "60 of 100";
}

TEST(Lanes, ThreadWithoutSendersHasNothingToDo) {
  for (const double rate : {0.0, 1000.0}) {
    Plan plan = plan_of(Scenario::fanout);
    plan.rate = rate;
    Traffic traffic(plan);
    Lanes lanes(plan, traffic, 1);
    lanes.start(0);
    EXPECT_THAT(due(lanes, 1'000'000'000), IsEmpty());
    EXPECT_EQ(lanes.next_due(), Pace::kNever);
  }
}

}  // namespace
}  // namespace hearth::load
