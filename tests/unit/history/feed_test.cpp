#include "history/feed.hpp"

#include "unit/history/publications.hpp"

#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

namespace hearth::history {
namespace {

using test::kA;
using test::kB;
using test::kC;
using test::log_of;
using test::page_of;
using testing::ElementsAre;
using testing::IsEmpty;

/// A feed, and what it has said: `opened A:5`, `A:6`, `rolled_back A:3`, `lineage B:0`.
class FeedTest : public testing::Test, public FeedListener {
 protected:
  ReorderBudget budget;
  Feed feed{budget};
  std::vector<std::string> said;

  std::vector<std::string> taken() { return std::exchange(said, {}); }
  void come(Epoch epoch, std::uint64_t offset) { feed.publication(test::publication(epoch, offset), *this); }
  /// Asks and is answered at once.
  bool read(const LogPage& page) {
    feed.begin_read();
    return feed.page(page, *this);
  }
  /// Live at the top of a log.
  void open(const LogTop& log) {
    feed.subscribed();
    read({log, {}});
    said.clear();
  }

  void opened(const Position& position, const LogTopPtr& /*log*/) override {
    said.push_back("opened " + test::text_of(position));
  }
  void publication(const PublicationPtr& publication) override {
    said.push_back(test::text_of(publication->position()));
  }
  void lineage(const LogTopPtr& log) override { said.push_back("lineage " + test::text_of({newest_epoch(*log), 0})); }
  void reset(Reason reason, const Position& position, const LogTopPtr& /*log*/) override {
    said.push_back(std::string(name_of(reason)) + ' ' + test::text_of(position));
  }
};

const LogTop kFive = log_of({{kA, 1}}, 5);

TEST_F(FeedTest, ReadsOnceItsChannelIsActive) {
  EXPECT_FALSE(feed.wants_read());
  EXPECT_EQ(feed.mode(), Feed::Mode::opening);
  feed.subscribed();
  EXPECT_TRUE(feed.wants_read());
  EXPECT_TRUE(read({kFive, {}}));
  EXPECT_THAT(said, ElementsAre("opened A:5"));
  EXPECT_EQ(feed.mode(), Feed::Mode::live);
}

TEST_F(FeedTest, StandsInTheEpochOfThePublicationAtTheTop) {
  feed.subscribed();
  read({log_of({{kA, 1}, {kB, 6}}, 5), {}});
  EXPECT_THAT(said, ElementsAre("opened A:5"));
}

TEST_F(FeedTest, PassesOnWhatFollows) {
  open(kFive);
  come(kA, 6);
  come(kA, 7);
  EXPECT_THAT(said, ElementsAre("A:6", "A:7"));
  EXPECT_EQ(feed.mode(), Feed::Mode::live);
}

TEST_F(FeedTest, DropsWhatItHasHad) {
  open(kFive);
  come(kA, 5);
  come(kA, 2);
  EXPECT_THAT(said, IsEmpty());
  EXPECT_FALSE(feed.wants_read());
}

TEST_F(FeedTest, ReadsAgainIfSomethingCameBeforeItsFirstPage) {
  feed.subscribed();
  feed.begin_read();
  come(kA, 6);
  feed.page({kFive, {}}, *this);
  EXPECT_TRUE(feed.wants_read());
  read(page_of(log_of({{kA, 1}}, 6), 6, 6));
  EXPECT_THAT(said, ElementsAre("opened A:5", "A:6"));
}

TEST_F(FeedTest, ClosesAHoleFromTheLogAndGoesOnFromItsBuffer) {
  open(kFive);
  come(kA, 8);
  come(kA, 9);
  EXPECT_THAT(said, IsEmpty());
  EXPECT_EQ(feed.mode(), Feed::Mode::reading);
  read(page_of(log_of({{kA, 1}}, 8), 6, 8));
  EXPECT_THAT(said, ElementsAre("A:6", "A:7", "A:8", "A:9"));
  EXPECT_EQ(feed.mode(), Feed::Mode::live);
  EXPECT_EQ(feed.buffered(), 0U);
}

TEST_F(FeedTest, GoesOnFromItsBufferWhenTheChannelClosesTheHole) {
  open(kFive);
  come(kA, 7);
  come(kA, 6);
  EXPECT_THAT(said, ElementsAre("A:6", "A:7"));
  EXPECT_FALSE(feed.wants_read());
}

TEST_F(FeedTest, ReadsOnUntilItHasAllThatItKnowsOf) {
  open(kFive);
  come(kA, 600);
  read(page_of(log_of({{kA, 1}}, 600), 6, 261));
  EXPECT_TRUE(feed.wants_read());
  read(page_of(log_of({{kA, 1}}, 600), 262, 517));
  EXPECT_TRUE(feed.wants_read());
  read(page_of(log_of({{kA, 1}}, 600), 518, 600));
  EXPECT_FALSE(feed.wants_read());
  EXPECT_EQ(said.size(), 595U);
  EXPECT_EQ(said.back(), "A:600");
}

TEST_F(FeedTest, BuffersSoMuchAndNoMore) {
  open(kFive);
  for (std::uint64_t offset = 7; offset < 1000; ++offset) come(kA, offset);
  EXPECT_EQ(feed.buffered(), ReorderBuffer::kMostPublications);
  const std::size_t left = budget.left;
  read(page_of(log_of({{kA, 1}}, 999), 6, 261));
  EXPECT_EQ(feed.position(), (Position{kA, 262}));  // up to the last that was kept
  EXPECT_TRUE(feed.wants_read());
  EXPECT_GT(budget.left, left);
}

TEST_F(FeedTest, ReadsAtAnEpochThatItDoesNotKnow) {
  open(kFive);
  come(kB, 6);
  EXPECT_THAT(said, IsEmpty());
  EXPECT_TRUE(feed.wants_read());
  read(page_of(log_of({{kA, 1}, {kB, 6}}, 6), 6, 6));
  EXPECT_THAT(said, ElementsAre("lineage B:0", "B:6"));
}

// ⚑ The channel may hang on a dead primary, or bring its last messages late.
TEST_F(FeedTest, DropsWhatIsOfABranchThatHasEnded) {
  open(log_of({{kA, 1}, {kB, 6}}, 6));
  come(kA, 7);
  EXPECT_THAT(said, IsEmpty());
  EXPECT_FALSE(feed.wants_read());
}

TEST_F(FeedTest, IsResetWhenTheLogDoesNotKnowItsEpoch) {
  open(kFive);
  read({log_of({{kC, 1}}, 2), {}});
  EXPECT_THAT(said, ElementsAre("epoch C:2"));
  come(kC, 3);
  EXPECT_EQ(said.back(), "C:3");
}

TEST_F(FeedTest, IsRolledBackToTheEndOfItsBranch) {
  open(kFive);
  read(page_of(log_of({{kA, 1}, {kB, 4}}, 3), 6, 0));
  EXPECT_THAT(said, ElementsAre("rolled_back A:3"));
  EXPECT_FALSE(feed.wants_read());
}

TEST_F(FeedTest, ReadsOnFromWhereItWasRolledBackTo) {
  open(kFive);
  // The page begins after 5; that it has neither 4 nor 5 does not mean that they are not kept.
  read(page_of(log_of({{kA, 1}, {kB, 4}}, 7), 6, 7));
  EXPECT_THAT(taken(), ElementsAre("rolled_back A:3"));
  EXPECT_TRUE(feed.wants_read());
  read(page_of(log_of({{kA, 1}, {kB, 4}}, 7), 4, 7));
  EXPECT_THAT(said, ElementsAre("B:4", "B:5", "B:6", "B:7"));
}

TEST_F(FeedTest, ForgetsNotWhoWantsAPageWhenItIsRolledBack) {
  open(kFive);
  feed.begin_read();
  feed.want_read();
  feed.page(page_of(log_of({{kA, 1}, {kB, 4}}, 3), 6, 0), *this);
  EXPECT_TRUE(feed.wants_read());
}

// ⚑ Pages and publications come over two connections.
TEST_F(FeedTest, DoesNotTakeAnOlderPageForARollback) {
  open(kFive);
  feed.begin_read();
  come(kA, 6);
  come(kA, 7);
  EXPECT_FALSE(feed.page({kFive, {}}, *this));
  EXPECT_THAT(said, ElementsAre("A:6", "A:7"));
  EXPECT_EQ(feed.position(), (Position{kA, 7}));
}

// ⚑ A branch that has a successor is final.
TEST_F(FeedTest, TakesAnOlderPageForARollbackIfTheBranchHasEnded) {
  open(kFive);
  feed.begin_read();
  come(kA, 6);
  come(kA, 7);
  EXPECT_TRUE(feed.page(page_of(log_of({{kA, 1}, {kB, 7}}, 7), 6, 7), *this));
  EXPECT_THAT(said, ElementsAre("A:6", "A:7", "rolled_back A:6", "B:7"));
}

TEST_F(FeedTest, IsRolledBackWithoutANewBranchIfItHadAskedPastTheEnd) {
  open(kFive);
  EXPECT_TRUE(read({log_of({{kA, 1}}, 3), {}}));
  EXPECT_THAT(said, ElementsAre("rolled_back A:3"));
}

TEST_F(FeedTest, SaysWhatIsNoLongerKept) {
  open(kFive);
  come(kA, 20);
  read(page_of(log_of({{kA, 1}}, 20), 18, 20));
  EXPECT_THAT(said, ElementsAre("trimmed A:17", "A:18", "A:19", "A:20"));
}

TEST_F(FeedTest, SaysThatNothingIsKept) {
  open(kFive);
  come(kA, 20);
  read({log_of({{kA, 1}}, 20), {}});
  EXPECT_THAT(said, ElementsAre("trimmed A:20"));
  EXPECT_FALSE(feed.wants_read());
}

TEST_F(FeedTest, MissesNothingThatTheChannelHasBroughtInTheMeantime) {
  open(kFive);
  come(kA, 10);
  feed.begin_read();
  for (std::uint64_t offset = 6; offset <= 9; ++offset) come(kA, offset);
  EXPECT_EQ(feed.position(), (Position{kA, 10}));
  // Trimmed since, but it is had already.
  feed.page(page_of(log_of({{kA, 1}}, 10), 9, 10), *this);
  EXPECT_THAT(said, ElementsAre("A:6", "A:7", "A:8", "A:9", "A:10"));
}

TEST_F(FeedTest, KeepsNothingInItsBufferOfABranchThatHasEnded) {
  open(kFive);
  come(kA, 8);
  read(page_of(log_of({{kA, 1}, {kB, 7}}, 7), 6, 7));
  EXPECT_THAT(said, ElementsAre("lineage B:0", "A:6", "B:7"));
  EXPECT_EQ(feed.buffered(), 0U);
  EXPECT_FALSE(feed.wants_read());
}

TEST_F(FeedTest, IsBlindWithoutItsChannelAndComparesWhenItIsBack) {
  open(kFive);
  feed.lost();
  EXPECT_EQ(feed.mode(), Feed::Mode::blind);
  EXPECT_FALSE(feed.wants_top());
  feed.subscribed();
  EXPECT_TRUE(feed.wants_top());
  feed.begin_top();
  feed.top(kFive);
  EXPECT_EQ(feed.mode(), Feed::Mode::live);
}

TEST_F(FeedTest, ReadsWhenTheTopIsAnother) {
  open(kFive);
  feed.subscribed();
  feed.begin_top();
  feed.top(log_of({{kA, 1}}, 6));
  EXPECT_TRUE(feed.wants_read());
  // The same offset of another branch is another place.
  read(page_of(log_of({{kA, 1}}, 6), 6, 6));
  feed.begin_top();
  feed.top(log_of({{kA, 1}, {kB, 4}}, 6));
  EXPECT_TRUE(feed.wants_read());
}

TEST_F(FeedTest, ReadsWhenThereIsNoLogAnyMore) {
  open(kFive);
  feed.begin_top();
  feed.top({});
  EXPECT_TRUE(feed.wants_read());
}

TEST_F(FeedTest, TrustsNoTopThatWasAskedForBeforeItsChannelCameBack) {
  open(kFive);
  feed.subscribed();
  feed.begin_top();
  feed.lost();
  feed.subscribed();
  feed.top(kFive);
  EXPECT_EQ(feed.mode(), Feed::Mode::blind);
  EXPECT_TRUE(feed.wants_top());
}

TEST_F(FeedTest, HasProvedItselfWhenTheChannelGoesOnWhereItBrokeOff) {
  open(kFive);
  feed.lost();
  feed.subscribed();
  come(kA, 6);
  EXPECT_THAT(said, ElementsAre("A:6"));
  EXPECT_EQ(feed.mode(), Feed::Mode::live);
  EXPECT_FALSE(feed.wants_top());
}

TEST_F(FeedTest, ComparesWithTheLogOfAnotherProcess) {
  open(kFive);
  feed.store_changed();
  EXPECT_EQ(feed.mode(), Feed::Mode::blind);
  EXPECT_TRUE(feed.wants_top());
}

TEST_F(FeedTest, ReadsAgainAfterAFailure) {
  open(kFive);
  come(kA, 7);
  feed.begin_read();
  EXPECT_FALSE(feed.wants_read());
  feed.read_failed();
  EXPECT_TRUE(feed.wants_read());
}

TEST_F(FeedTest, TakesNoPageThatCannotBe) {
  open(kFive);
  EXPECT_TRUE(read({{{kA, 9}, {}}, {}}));
  EXPECT_TRUE(read({{{kA, 9}, {{kA, 5}, {kB, 2}}}, {}}));
  EXPECT_TRUE(read({{{kA, 9}, {{kA, 1}, {kB, 11}}}, {}}));
  EXPECT_TRUE(read({{{kA, Position::kMostOffset + 1}, {{kA, 1}}}, {}}));
  EXPECT_THAT(said, IsEmpty());
  EXPECT_EQ(feed.position(), (Position{kA, 5}));
  EXPECT_TRUE(feed.wants_read());
}

}  // namespace
}  // namespace hearth::history
