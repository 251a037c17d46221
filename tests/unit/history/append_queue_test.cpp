#include "history/append_queue.hpp"

#include <gmock/gmock.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hearth::history {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class AppendQueueTest : public testing::Test {
 protected:
  using Queue = AppendQueue<std::string>;

  void push(std::string_view room, std::string item) { EXPECT_TRUE(queue.push(room, std::move(item), 10, now)); }
  /// Sends all that can be sent: `a1 #1`, `a2 #2 after 1`.
  std::vector<std::string> sent() {
    std::vector<std::string> found;
    while (const auto next = queue.next()) {
      std::string text = *next->item + " #" + std::to_string(next->sequence);
      if (next->previous != 0) text += " after " + std::to_string(next->previous);
      found.push_back(text);
    }
    return found;
  }

  Queue queue{{.bytes = 100, .under_way = 4, .patience = 10s}};
  Queue::TimePoint now{1h};
};

TEST_F(AppendQueueTest, SendsInOrderAndSaysWhatComesBeforeInARoom) {
  push("a", "a1");
  push("b", "b1");
  push("a", "a2");
  EXPECT_THAT(sent(), ElementsAre("a1 #1", "b1 #2", "a2 #3 after 1"));
  EXPECT_EQ(queue.answered(), "a1");
  EXPECT_EQ(queue.answered(), "b1");
  push("a", "a3");
  EXPECT_THAT(sent(), ElementsAre("a3 #4 after 3"));
  EXPECT_EQ(queue.answered(), "a2");
  EXPECT_EQ(queue.answered(), "a3");
  EXPECT_EQ(queue.size(), 0U);
  EXPECT_EQ(queue.bytes(), 0U);
  push("a", "a4");
  EXPECT_THAT(sent(), ElementsAre("a4 #5"));
}

TEST_F(AppendQueueTest, SendsAgainUnderTheSameNumbersInTheOldOrder) {
  push("a", "a1");
  push("a", "a2");
  push("a", "a3");
  sent();
  queue.answered();
  push("a", "a4");
  queue.lost();
  EXPECT_THAT(sent(), ElementsAre("a2 #2", "a3 #3 after 2", "a4 #4 after 3"));
}

TEST_F(AppendQueueTest, ShowsWhatWillComeNext) {
  EXPECT_EQ(queue.peek(), nullptr);
  push("a", "a1");
  push("a", "a2");
  EXPECT_EQ(*queue.peek(), "a1");
  queue.next();
  EXPECT_EQ(*queue.peek(), "a2");
  queue.lost();
  EXPECT_EQ(*queue.peek(), "a1");
  for (int i = 3; i <= 6; ++i) push("a", "x");
  EXPECT_EQ(sent().size(), 4U);
  EXPECT_EQ(queue.peek(), nullptr) << "enough is under way";
}

TEST_F(AppendQueueTest, CountsOnFromWhereAnotherHasEnded) {
  push("a", "a1");
  queue.next();
  queue.answered();
  Queue next{{}, queue.end()};
  EXPECT_TRUE(next.push("a", "a2", 1, now));
  EXPECT_EQ(next.peek() != nullptr ? *next.peek() : "", "a2");
  EXPECT_EQ(next.next()->sequence, 2U);
  next.lost();
  EXPECT_EQ(next.next()->sequence, 2U);
}

TEST_F(AppendQueueTest, HasSoManyUnderWay) {
  for (int i = 1; i <= 6; ++i) push("a", std::to_string(i));
  EXPECT_EQ(sent().size(), 4U);
  queue.answered();
  EXPECT_THAT(sent(), ElementsAre("5 #5 after 4"));
}

TEST_F(AppendQueueTest, TakesNoMoreThanItMay) {
  for (int i = 0; i < 10; ++i) push("a", "x");
  EXPECT_FALSE(queue.push("a", "x", 1, now));
  queue.next();
  queue.answered();
  EXPECT_TRUE(queue.push("a", "x", 10, now));
  Queue empty{{.bytes = 100}};
  EXPECT_TRUE(empty.push("a", "one that is too large alone", 1000, now));
}

TEST_F(AppendQueueTest, SendsAgainWhatTheStoreTurnedAway) {
  push("a", "a1");
  push("b", "b1");
  push("a", "a2");
  sent();
  // The script was unknown for the first, and known by the second: the third finds that the first is missing.
  queue.out_of_order();
  EXPECT_EQ(queue.answered(), "b1");
  queue.out_of_order();
  EXPECT_THAT(sent(), ElementsAre("a1 #1", "a2 #3 after 1"));
}

TEST_F(AppendQueueTest, SaysWhatComesBeforeWhatTheStoreRefused) {
  push("a", "a1");
  push("a", "a2");
  sent();
  queue.out_of_order();
  EXPECT_EQ(queue.answered(), "a2") << "it was full then";
  push("a", "a3");
  EXPECT_THAT(sent(), ElementsAre("a1 #1", "a3 #3 after 1"));
}

TEST_F(AppendQueueTest, GivesUpWhatHasWaitedForTooLong) {
  push("a", "a1");
  push("a", "a2");
  queue.next();
  now += 5s;
  push("a", "a3");
  EXPECT_THAT(queue.expire(now), IsEmpty());
  now += 5s;
  EXPECT_THAT(queue.expire(now), ElementsAre("a1", "a2"));
  EXPECT_THAT(queue.expire(now), IsEmpty());
  // The first may still be answered, so it counts for the order; the second was never sent.
  EXPECT_THAT(sent(), ElementsAre("a3 #3 after 1"));
  EXPECT_EQ(queue.answered(), std::nullopt);
  EXPECT_EQ(queue.answered(), "a3");
  EXPECT_EQ(queue.bytes(), 0U);
}

TEST_F(AppendQueueTest, DoesNotSendAgainWhatItHasGivenUp) {
  push("a", "a1");
  push("a", "a2");
  sent();
  now += 10s;
  queue.expire(now);
  push("a", "a3");
  queue.lost();
  EXPECT_THAT(sent(), ElementsAre("a3 #3"));
}

TEST_F(AppendQueueTest, SaysWhenTheNextIsGivenUp) {
  EXPECT_EQ(queue.next_deadline(), std::nullopt);
  push("a", "a1");
  const Queue::TimePoint first = now + 10s;
  now += 1s;
  push("a", "a2");
  EXPECT_EQ(queue.next_deadline(), first);
  sent();
  queue.expire(first);
  EXPECT_EQ(queue.next_deadline(), first + 1s) << "the answer to the first is still to come";
  EXPECT_EQ(queue.oldest_under_way(), nullptr);
  queue.answered();
  ASSERT_NE(queue.oldest_under_way(), nullptr);
  EXPECT_EQ(*queue.oldest_under_way(), "a2");
}

TEST(AppendQueueNames, AreForgottenWhenNothingWaitsForThem) {
  AppendQueue<int> queue({.bytes = 1'000'000, .under_way = 200'000});
  AppendQueue<int>::TimePoint now{1h};
  ASSERT_TRUE(queue.push("first", 1, 1, now));  // never answered, so that the queue is never empty
  for (int i = 0; i < 70'000; ++i) {
    ASSERT_TRUE(queue.push(std::string("room").append(std::to_string(i)), 1, 1, now));
  }
  ASSERT_TRUE(queue.push("first", 2, 1, now));
  std::uint64_t previous = 0;
  while (const auto next = queue.next()) previous = next->previous;
  EXPECT_EQ(previous, 1U) << "what waits is not forgotten";
}

}  // namespace
}  // namespace hearth::history
