#include "history/feeds.hpp"

#include "history/lineage.hpp"
#include "unit/history/publications.hpp"

#include <gmock/gmock.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace hearth::history {
namespace {

using namespace std::chrono_literals;
using test::kA;
using test::log_of;
using test::page_of;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Opener kFirst{0, 1};
constexpr Opener kSecond{1, 1};

/// Feeds, and what they have said to whom: `0/1 opened A:5`.
class FeedsTest : public testing::Test, public FeedsSink {
 protected:
  TimePoint now{1h};
  Feeds feeds{*this, {.seed = 7}, now};
  std::vector<std::string> said;

  std::vector<std::string> taken() { return std::exchange(said, {}); }

  /// Opened by one shard, and live at A:5.
  void open(std::string_view room, const Opener& opener = kFirst) {
    feeds.open(room, opener, now);
    feeds.subscribed(room);
    answer(page_of(log_of({{kA, 1}}, 5)));
    said.clear();
  }
  /// Answers the next read.
  void answer(const Result<LogPage>& result) {
    const auto read = feeds.next_read();
    ASSERT_TRUE(read);
    feeds.page(*read, result, now);
  }
  void pass(std::chrono::milliseconds time) {
    now += time;
    feeds.advance(now);
  }

  static std::string name(const Opener& opener) {
    return std::to_string(opener.shard) + '/' + std::to_string(opener.ticket) + ' ';
  }
  void opened(const Opener& to, const Position& position, const LogTopPtr& /*log*/) override {
    said.push_back(name(to) + "opened " + test::text_of(position));
  }
  void publication(const Opener& to, const PublicationPtr& publication) override {
    said.push_back(name(to) + test::text_of(publication->position()));
  }
  void lineage(const Opener& to, const LogTopPtr& /*log*/) override { said.push_back(name(to) + "lineage"); }
  void reset(const Opener& to, Reason reason, const Position& position, const LogTopPtr& /*log*/) override {
    said.push_back(name(to) + std::string(name_of(reason)) + ' ' + test::text_of(position));
  }
  void confirmed(const Opener& to, std::uint32_t number, const LogTopPtr& log) override {
    said.push_back(name(to) + "confirmed " + std::to_string(number) + " top " + std::to_string(log->top.offset));
  }
};

TEST_F(FeedsTest, AskForTheTopAloneWhenNobodyWasThereBefore) {
  feeds.open("r", kFirst, now);
  EXPECT_FALSE(feeds.next_read());
  feeds.subscribed("r");
  const auto read = feeds.next_read();
  ASSERT_TRUE(read);
  EXPECT_EQ(read->room, "r");
  EXPECT_EQ(read->count, 0U);
  feeds.page(*read, page_of(log_of({{kA, 1}}, 5)), now);
  EXPECT_THAT(said, ElementsAre("0/1 opened A:5"));
}

TEST_F(FeedsTest, TellEveryShardThatHasOpenedTheRoom) {
  open("r");
  feeds.open("r", kSecond, now);
  EXPECT_THAT(taken(), ElementsAre("1/1 opened A:5"));
  feeds.publication(test::publication(kA, 6), now);
  EXPECT_THAT(taken(), ElementsAre("0/1 A:6", "1/1 A:6"));
  feeds.close("r", kFirst);
  feeds.publication(test::publication(kA, 7), now);
  EXPECT_THAT(taken(), ElementsAre("1/1 A:7"));
  feeds.close("r", kSecond);
  EXPECT_EQ(feeds.size(), 0U);
  feeds.publication(test::publication(kA, 8), now);
  EXPECT_THAT(said, IsEmpty());
}

TEST_F(FeedsTest, BeginAnewWhenARoomIsOpenedAgain) {
  open("r");
  feeds.publication(test::publication(kA, 8), now);
  const auto former = feeds.next_read();
  feeds.close("r", kFirst);
  feeds.open("r", {0, 2}, now);
  feeds.subscribed("r");
  feeds.page(*former, page_of(log_of({{kA, 1}}, 8), 6, 8), now);
  EXPECT_THAT(said, IsEmpty());
  answer(page_of(log_of({{kA, 1}}, 8)));
  EXPECT_THAT(said, ElementsAre("0/2 opened A:8"));
}

TEST_F(FeedsTest, ReadInTheOrderInWhichItIsWantedUpToSoMany) {
  for (int i = 0; i < 40; ++i) {
    const std::string room = std::to_string(i);
    feeds.open(room, kFirst, now);
    feeds.subscribed(room);
  }
  std::vector<Feeds::Read> reads;
  while (auto read = feeds.next_read()) reads.push_back(*read);
  ASSERT_THAT(reads, SizeIs(Feeds::kMostReads));
  for (std::size_t i = 0; i < reads.size(); ++i) EXPECT_EQ(reads[i].room, std::to_string(i));
  feeds.page(reads[5], page_of(log_of({{kA, 1}}, 5)), now);
  const auto next = feeds.next_read();
  ASSERT_TRUE(next);
  EXPECT_EQ(next->room, "32");
  EXPECT_FALSE(feeds.next_read());
}

TEST_F(FeedsTest, TryAgainAfterAPause) {
  feeds.open("r", kFirst, now);
  feeds.subscribed("r");
  answer(HistoryError::unavailable);
  EXPECT_FALSE(feeds.next_read());
  EXPECT_LE(feeds.next_deadline(), now + Feeds::kRetryPause);
  pass(Feeds::kRetryPause);
  answer(page_of(log_of({{kA, 1}}, 5)));
  EXPECT_THAT(said, ElementsAre("0/1 opened A:5"));
}

TEST_F(FeedsTest, ReadWithoutHasteWhatWasOlderThanTheChannel) {
  open("r");
  feeds.confirm("r", kFirst, 1);
  const auto read = feeds.next_read();
  feeds.publication(test::publication(kA, 6), now);
  feeds.page(*read, page_of(log_of({{kA, 1}}, 5)), now);
  EXPECT_THAT(taken(), ElementsAre("0/1 A:6", "0/1 confirmed 1 top 5"));
  EXPECT_FALSE(feeds.next_read());
  pass(Feeds::kRetryPause);
  EXPECT_TRUE(feeds.next_read());
}

TEST_F(FeedsTest, ConfirmByAPageThatIsAskedForAfterwards) {
  open("r");
  feeds.confirm("r", kFirst, 1);
  const auto first = feeds.next_read();
  feeds.confirm("r", kFirst, 2);
  feeds.page(*first, page_of(log_of({{kA, 1}}, 5)), now);
  EXPECT_THAT(taken(), ElementsAre("0/1 confirmed 1 top 5"));
  answer(page_of(log_of({{kA, 1}}, 6), 6, 6));
  EXPECT_THAT(said, ElementsAre("0/1 A:6", "0/1 confirmed 2 top 6"));
}

TEST_F(FeedsTest, ConfirmOnlyToThoseWhoAsked) {
  open("r");
  feeds.open("r", kSecond, now);
  said.clear();
  feeds.confirm("r", kSecond, 4);
  answer(page_of(log_of({{kA, 1}}, 5)));
  EXPECT_THAT(said, ElementsAre("1/1 confirmed 4 top 5"));
}

TEST_F(FeedsTest, CompareAllRoomsOnceTheChannelsAreBack) {
  std::vector<std::string> rooms;
  for (int i = 0; i < 700; ++i) rooms.push_back(std::to_string(i));
  for (const std::string& room : rooms) open(room);
  EXPECT_EQ(feeds.blind(), 0U);
  feeds.lost();
  EXPECT_EQ(feeds.blind(), 700U);
  EXPECT_THAT(feeds.next_tops(now), IsEmpty());
  for (const std::string& room : rooms) feeds.subscribed(room);
  const auto first = feeds.next_tops(now);
  EXPECT_THAT(first, SizeIs(Feeds::kTopsCount));
  EXPECT_THAT(feeds.next_tops(now), IsEmpty());  // one at a time
  feeds.tops(first, std::vector<LogTop>(first.size(), log_of({{kA, 1}}, 5)), now);
  EXPECT_EQ(feeds.blind(), 200U);
  const auto rest = feeds.next_tops(now);
  EXPECT_THAT(rest, SizeIs(200));
  std::vector<LogTop> tops(rest.size(), log_of({{kA, 1}}, 5));
  tops[3] = log_of({{kA, 1}}, 6);
  feeds.tops(rest, tops, now);
  EXPECT_FALSE(feeds.next_tops(now).size());
  const auto read = feeds.next_read();
  ASSERT_TRUE(read);
  EXPECT_EQ(read->room, rest[3]);
  EXPECT_EQ(read->after, 5U);
  EXPECT_EQ(read->count, Feeds::kReadCount);
  EXPECT_FALSE(feeds.next_read());
}

TEST_F(FeedsTest, CompareAgainAfterAPauseWhatCouldNotBeCompared) {
  open("r");
  feeds.store_changed();
  const auto rooms = feeds.next_tops(now);
  EXPECT_THAT(rooms, ElementsAre("r"));
  feeds.tops(rooms, HistoryError::unavailable, now);
  EXPECT_THAT(feeds.next_tops(now), IsEmpty());
  EXPECT_EQ(feeds.blind(), 1U);
  pass(1s);
  EXPECT_THAT(feeds.next_tops(now), ElementsAre("r"));
  feeds.tops(rooms, std::vector<LogTop>{log_of({{kA, 1}}, 5)}, now);
  EXPECT_EQ(feeds.blind(), 0U);
}

TEST_F(FeedsTest, CompareTheOthersWhereTheTopOfOneIsNotTold) {
  open("away");
  open("there");
  feeds.store_changed();
  const auto rooms = feeds.next_tops(now);
  EXPECT_THAT(rooms, ElementsAre("away", "there"));
  feeds.tops(rooms, std::vector<LogTop>{untold_top(), log_of({{kA, 1}}, 5)}, now);
  EXPECT_EQ(feeds.blind(), 1U);
  EXPECT_FALSE(feeds.next_read());
  EXPECT_THAT(feeds.next_tops(now), IsEmpty()) << "after a pause";
  pass(1s);
  EXPECT_THAT(feeds.next_tops(now), ElementsAre("away"));
}

TEST_F(FeedsTest, TakeNoAnswerOfAnotherLength) {
  open("r");
  feeds.store_changed();
  const auto rooms = feeds.next_tops(now);
  feeds.tops(rooms, std::vector<LogTop>{}, now);
  EXPECT_EQ(feeds.blind(), 1U);
}

TEST_F(FeedsTest, CompareASilentRoomEveryTwentyFiveSecondsOrSo) {
  open("r");
  std::vector<std::chrono::milliseconds> times;
  auto last = now;
  while (times.size() < 20) {
    pass(100ms);
    const auto rooms = feeds.next_tops(now);
    if (rooms.empty()) continue;
    times.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(now - last));
    last = now;
    feeds.tops(rooms, std::vector<LogTop>{log_of({{kA, 1}}, 5)}, now);
  }
  for (const auto time : times) {
    EXPECT_GE(time, 20s);
    EXPECT_LE(time, 31s);
  }
  EXPECT_GT(std::set(times.begin(), times.end()).size(), 5U);  // not all alike
}

TEST_F(FeedsTest, DoNotCompareARoomThatTheyHear) {
  open("r");
  for (std::uint64_t offset = 6; offset < 106; ++offset) {
    pass(1s);
    feeds.publication(test::publication(kA, offset), now);
    EXPECT_THAT(feeds.next_tops(now), IsEmpty());
  }
}

TEST_F(FeedsTest, CompareAfterTheProcessWasStoppedForAnHour) {
  open("r");
  pass(1h);
  EXPECT_THAT(feeds.next_tops(now), ElementsAre("r"));
}

TEST_F(FeedsTest, TakeLittleMemory) { EXPECT_LE(sizeof(Feed), 160U); }

}  // namespace
}  // namespace hearth::history
