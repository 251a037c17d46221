#include "backend/event_queue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <vector>

namespace hearth::app {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::SizeIs;

constexpr EventQueue::Time kNow{100h};
constexpr std::size_t kRoomy = std::size_t{64} << 20;

TEST(EventQueue, GivesEventsInTheirOrder) {
  EventQueue queue(kRoomy);
  queue.add("a", kNow);
  queue.add("b", kNow + 1ms);
  EXPECT_THAT(queue.take().events, ElementsAre("a", "b"));
  EXPECT_TRUE(queue.is_empty());
}

TEST(EventQueue, SaysWhatBecomesOfAnEvent) {
  std::vector<std::string> outcomes;
  const auto note = [&outcomes](const std::string& name) {
    return
        [&outcomes, name](bool has_arrived) { outcomes.push_back(name + (has_arrived ? " arrived" : " went lost")); };
  };
  EventQueue queue(20);
  queue.add("taken", kNow, note("taken"));
  queue.take();
  EXPECT_THAT(outcomes, testing::IsEmpty());
  queue.add(std::string(10, 'x'), kNow, note("oldest"));
  queue.add(std::string(10, 'y'), kNow, note("newest"));
  EXPECT_THAT(outcomes, ElementsAre("oldest went lost"));
  queue.done();
  queue.take();
  queue.done();
  EXPECT_THAT(outcomes, ElementsAre("oldest went lost", "taken arrived", "newest arrived"));
}

TEST(EventQueue, WaitsForMoreButNotForLong) {
  EventQueue queue(kRoomy);
  EXPECT_EQ(queue.due(), EventQueue::Time::max());
  queue.add("a", kNow);
  queue.add("b", kNow + 100ms);
  EXPECT_EQ(queue.due(), kNow + 200ms);
}

TEST(EventQueue, DoesNotWaitWhenABatchIsFull) {
  EventQueue queue(kRoomy);
  for (std::size_t i = 0; i < EventQueue::kMostEvents; ++i) queue.add("a", kNow);
  EXPECT_EQ(queue.due(), kNow);
  queue.add("one more", kNow);
  EXPECT_THAT(queue.take().events, SizeIs(EventQueue::kMostEvents));
  queue.done();
  EXPECT_THAT(queue.take().events, ElementsAre("one more"));

  queue.done();
  queue.add(std::string(EventQueue::kMostBytes, 'x'), kNow);
  EXPECT_EQ(queue.due(), kNow);
}

TEST(EventQueue, GivesNoMoreBytesThanABatchHasRoomFor) {
  EventQueue queue(kRoomy);
  const std::string half(EventQueue::kMostBytes / 2, 'x');
  for (int i = 0; i < 3; ++i) queue.add(half, kNow);
  EXPECT_THAT(queue.take().events, SizeIs(2));
  queue.done();
  EXPECT_THAT(queue.take().events, SizeIs(1));
}

TEST(EventQueue, GivesAnEventThatIsLongerThanABatchAlone) {
  EventQueue queue(kRoomy);
  queue.add(std::string(EventQueue::kMostBytes * 2, 'x'), kNow);
  queue.add("b", kNow);
  EXPECT_THAT(queue.take().events, SizeIs(1));
  queue.done();
  EXPECT_THAT(queue.take().events, ElementsAre("b"));
}

TEST(EventQueue, DropsTheOldestWhenThereIsNoRoomAndSaysHowMany) {
  EventQueue queue(10);
  for (const char* event : {"aaaa", "bbbb", "cccc", "dddd"}) queue.add(event, kNow);
  EXPECT_EQ(queue.state().dropped, 2U);
  EventBatch batch = queue.take();
  EXPECT_THAT(batch.events, ElementsAre("cccc", "dddd"));
  EXPECT_EQ(batch.skipped, 2U);
  queue.done();
  queue.add("e", kNow);
  EXPECT_EQ(queue.take().skipped, 0U);
}

TEST(EventQueue, KeepsWhatIsUnderWayAndItsRoom) {
  EventQueue queue(10);
  queue.add("aaaaaa", kNow);
  EXPECT_THAT(queue.take().events, ElementsAre("aaaaaa"));
  queue.add("bbbb", kNow);
  EXPECT_EQ(queue.state().dropped, 0U);
  queue.add("c", kNow);
  EXPECT_EQ(queue.state().dropped, 1U);
  queue.done();
  EXPECT_THAT(queue.take().events, ElementsAre("c"));
}

TEST(EventQueue, KnowsWhatWaitsAndSinceWhen) {
  EventQueue queue(kRoomy);
  queue.add("aa", kNow);
  EXPECT_EQ(queue.state().oldest, kNow);
  static_cast<void>(queue.take());
  queue.add("bbb", kNow + 5s);
  EXPECT_EQ(queue.state().events, 2U);
  EXPECT_EQ(queue.state().bytes, 5U);
  EXPECT_EQ(queue.state().oldest, kNow);
  queue.done();
  EXPECT_EQ(queue.state().events, 1U);
  EXPECT_EQ(queue.state().bytes, 3U);
  EXPECT_EQ(queue.state().oldest, kNow + 5s);
  EXPECT_EQ(queue.state().sent, 1U);
}

}  // namespace
}  // namespace hearth::app
