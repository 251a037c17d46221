#include "history/audience.hpp"

#include "history/parts.hpp"
#include "unit/history/publications.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <initializer_list>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace hearth::history {
namespace {

using namespace std::chrono_literals;
using test::kA;
using test::kB;
using test::kC;
using test::log_of;
using test::page_of;
using testing::ElementsAre;
using testing::IsEmpty;

LogTopPtr shared(LogTop log) { return std::make_shared<const LogTop>(std::move(log)); }

/// Members by name, and what each is told: `ack A:3/5`, `A:4`, `gap trimmed A:5`.
class Host final : public AudienceHost {
 public:
  struct Member {
    std::string name;
    std::size_t place = 0;
    std::size_t room = 1000;  // how many publications it takes before it is not writable any more
    bool held = false;        // once it has its answer
    std::vector<std::string> told;
    std::uint64_t missed = 0;  // and is told nothing of it
  };

  Host(Audience::Options options, std::size_t tail_bytes) : tails(tail_bytes), audience(*this, reads, tails, options) {}

  Member& join(const std::string& name, const Since& since, bool held = false) {
    Member& member = *members_.emplace(name, std::make_unique<Member>()).first->second;
    member.name = name;
    member.held = held;
    parts.add(list, &member, moved);
    parts.give_cursor(list, member.place, moved);
    audience.join(since, now);
    return member;
  }
  Member& join(const std::string& name) { return join(name, Since{}); }
  /// One that takes so much and asks for no position.
  Member& join_plain(const std::string& name, std::size_t room) {
    Member& member = *members_.emplace(name, std::make_unique<Member>()).first->second;
    member.name = name;
    member.room = room;
    parts.add(list, &member, moved);
    return member;
  }
  Member& join(const std::string& name, const Position& position) {
    return join(name, {Since::Kind::position, position});
  }
  void leave(Member& member) {
    if (member.place < parts.cursors()) audience.left(member.place);
    parts.remove(list, member.place, moved);
  }
  void drain(Member& member, std::size_t room = 1000) {
    member.room = room;
    if (member.place < parts.cursors()) audience.drained(member.place, now);
  }
  bool is_plain(const Member& member) const { return parts.is_plain(member.place); }
  bool is_live(const Member& member) const {
    return member.place >= parts.live_begin() && member.place < parts.live_end();
  }
  void pass(std::chrono::milliseconds time) {
    now.steady += time;
    now.wall_ms += time.count();
    audience.advance(now);
  }
  void come(Epoch epoch, std::uint64_t offset, std::vector<std::string> exclude = {}, std::string_view key = {}) {
    audience.publication(test::publication(epoch, offset, "r", std::move(exclude), key), now);
  }
  /// Answers the next read.
  PageReads::Read answer(const Result<LogPage>& page) {
    const auto asked = reads.next();
    EXPECT_TRUE(asked);
    if (!asked) return {};
    reads.page(asked->number, page, now);
    return asked->read;
  }

  // AudienceHost
  void publish(const PublicationPtr& publication, bool tells_epoch) override {
    std::vector<Member*> slow;
    for (std::size_t place = parts.live_begin(); place < parts.live_end(); ++place) {
      Member& member = *list[place];
      if (publication->excludes(member.name)) continue;
      if (member.room == 0) {
        slow.push_back(&member);
      } else {
        send(member, *publication, {tells_epoch, 0});
      }
    }
    for (std::size_t place = parts.live_end(); place < list.size(); ++place) {
      if (list[place]->room == 0) {
        slow.push_back(list[place]);
      } else {
        list[place]->told.push_back("plain");
        --list[place]->room;
      }
    }
    for (Member* member : slow) {
      const bool is_plain = parts.is_plain(member->place);
      parts.give_cursor(list, member->place, moved);
      audience.fell_behind(is_plain);
    }
  }
  void gap(const Gap& gap) override {
    for (std::size_t place = parts.live_begin(); place < parts.live_end(); ++place) tell(*list[place], gap);
  }
  void gap(std::size_t place, const Gap& gap) override { tell(*list[place], gap); }
  void skipped(std::size_t place, std::uint64_t count) override { list[place]->missed += count; }
  void acknowledge(std::size_t place, const JoinAnswer& answer) override {
    std::string text = answer.gave_position ? answer.lost ? "lost " : "recovered " : "ack ";
    if (answer.lost) text += std::string(name_of(*answer.lost)) + ' ';
    if (answer.stands) text += test::text_of(*answer.stands) + '/' + std::to_string(answer.top);
    list[place]->told.push_back(text);
  }
  std::size_t replay(std::size_t place, std::span<const PublicationPtr> publications, Standing& standing) override {
    std::size_t count = 0;
    for (const PublicationPtr& publication : publications) {
      if (count > 0 && !writable(place)) break;
      const bool left_out = publication->excludes(list[place]->name);
      const auto telling = standing.pass(*publication, left_out);
      if (!left_out) send(*list[place], *publication, standing.is_plain ? Standing::Telling() : telling);
      if (standing.is_plain) list[place]->missed += telling.skipped;
      ++count;
    }
    return count;
  }
  bool writable(std::size_t place) override { return list[place]->room > 0 && !is_held(place); }
  bool is_held(std::size_t place) override { return list[place]->held && !list[place]->told.empty(); }
  void make_live(std::size_t place) override { parts.make_live(list, place, moved); }
  void make_plain(std::size_t place) override { parts.make_plain(list, place, moved); }
  void confirm(std::uint32_t number) override { confirms.push_back(number); }

  static constexpr auto moved = [](Member* member, std::size_t place) { member->place = place; };

  Moment now{std::chrono::steady_clock::time_point(1h), 2000};
  PageReads reads;
  TailBudget tails;
  Parts parts;
  std::vector<Member*> list;
  std::vector<std::uint32_t> confirms;
  Audience audience;

 private:
  static void send(Member& member, const StoredPublication& publication, const Standing::Telling& telling) {
    std::string text = test::text_of(publication.position());
    if (!telling.epoch) text.erase(0, 1);  // only with its epoch if that is told
    if (telling.skipped > 0) text += " skipped " + std::to_string(telling.skipped);
    member.told.push_back(text);
    if (member.room > 0) --member.room;
  }
  static void tell(Member& member, const Gap& gap) {
    std::string text =
        "gap " + std::string(name_of(gap.reason)) + ' ' + test::text_of(gap.stands) + '/' + std::to_string(gap.top);
    if (gap.skipped > 0) text += " skipped " + std::to_string(gap.skipped);
    member.told.push_back(text);
  }

  std::map<std::string, std::unique_ptr<Member>> members_;
};

class AudienceTest : public testing::Test {
 protected:
  static Audience::Options options(SlowPolicy slow = SlowPolicy::catch_up, std::uint32_t tail = 0) {
    return {.tail = tail, .ttl = 10min, .slow = slow};
  }
  static void open(Host& at, const LogTop& log) { at.audience.opened(log.top, shared(log), at.now); }

  Host host{options(), 1 << 20};
};

const LogTop kFive = log_of({{kA, 1}}, 5);

TEST_F(AudienceTest, AnswersAtOnceWhoWantsNothingFromThePast) {
  open(host, kFive);
  auto& ann = host.join("ann");
  EXPECT_THAT(ann.told, ElementsAre("ack A:5/5"));
  EXPECT_TRUE(host.is_live(ann));
  EXPECT_EQ(host.audience.cursors(), 0U);
  host.come(kA, 6);
  EXPECT_EQ(ann.told.back(), "A:6");  // the first tells the epoch
  host.come(kA, 7);
  EXPECT_EQ(ann.told.back(), ":7");
}

TEST_F(AudienceTest, AnswersOnceTheRoomHasAPosition) {
  auto& ann = host.join("ann");
  EXPECT_THAT(ann.told, IsEmpty());
  host.come(kA, 5);  // of a feed that this room did not open
  open(host, kFive);
  EXPECT_THAT(ann.told, ElementsAre("ack A:5/5"));
}

TEST_F(AudienceTest, RecoversWhoMissedNothing) {
  open(host, kFive);
  auto& ann = host.join("ann", {kA, 5});
  EXPECT_THAT(ann.told, ElementsAre("recovered A:5/5"));
  EXPECT_TRUE(host.is_live(ann));
}

TEST_F(AudienceTest, RecoversFromTheLog) {
  open(host, kFive);
  auto& ann = host.join("ann", {kA, 2});
  EXPECT_THAT(ann.told, IsEmpty());
  const auto read = host.answer(page_of(kFive, 3, 5));
  EXPECT_EQ(read.after, 2U);
  EXPECT_THAT(ann.told, ElementsAre("recovered A:2/5", ":3", ":4", ":5"));
  EXPECT_TRUE(host.is_live(ann));
}

TEST_F(AudienceTest, HoldsBackWhatFollowsAnAnswer) {
  open(host, kFive);
  auto& live = host.join("live", Since{}, true);
  auto& behind = host.join("behind", {Since::Kind::position, {kA, 3}}, true);
  auto& lost = host.join("lost", {Since::Kind::position, {kB, 3}}, true);
  host.audience.confirmed(host.confirms.back(), shared(kFive), host.now);
  host.answer(page_of(kFive, 4, 5));
  host.come(kA, 6);
  EXPECT_THAT(live.told, ElementsAre("ack A:5/5"));
  EXPECT_THAT(behind.told, ElementsAre("recovered A:3/5"));
  EXPECT_THAT(lost.told, ElementsAre("lost epoch A:5/5"));
  for (auto* member : {&live, &behind, &lost}) {
    member->held = false;
    host.drain(*member);
  }
  while (host.reads.under_way() == 0 && host.audience.cursors() > 0) host.answer(page_of(log_of({{kA, 1}}, 6), 4, 6));
  EXPECT_THAT(live.told, ElementsAre("ack A:5/5", ":6"));
  EXPECT_THAT(behind.told, ElementsAre("recovered A:3/5", ":4", ":5", ":6"));
  EXPECT_THAT(lost.told, ElementsAre("lost epoch A:5/5", ":6"));
  for (const auto* member : {&live, &behind, &lost}) EXPECT_TRUE(host.is_live(*member));
}

TEST_F(AudienceTest, SendsNothingOfAPageThatIsPastThePosition) {
  open(host, kFive);
  auto& ann = host.join("ann", {kA, 3});
  host.answer(page_of(log_of({{kA, 1}}, 8), 4, 8));
  EXPECT_THAT(ann.told, ElementsAre("recovered A:3/5", ":4", ":5"));
  EXPECT_TRUE(host.is_live(ann));
  host.come(kA, 6);
  EXPECT_EQ(ann.told.back(), "A:6");
}

TEST_F(AudienceTest, ReadsOnWhenThePositionHasMovedOn) {
  open(host, kFive);
  auto& ann = host.join("ann", {kA, 3});
  const auto asked = host.reads.next();
  host.come(kA, 6);
  host.reads.page(asked->number, page_of(kFive, 4, 5), host.now);
  EXPECT_THAT(ann.told, ElementsAre("recovered A:3/6", ":4", ":5"));
  EXPECT_FALSE(host.is_live(ann));
  host.answer(page_of(log_of({{kA, 1}}, 6), 6, 6));
  EXPECT_EQ(ann.told.back(), ":6");
  EXPECT_TRUE(host.is_live(ann));
}

TEST_F(AudienceTest, ReadsOnceForAllWhoseCursorsLieInOnePage) {
  open(host, kFive);
  auto& ann = host.join("ann", {kA, 1});
  auto& ben = host.join("ben", {kA, 3});
  auto& cid = host.join("cid", {kA, 1});
  host.answer(page_of(kFive, 2, 5));
  EXPECT_FALSE(host.reads.next());
  EXPECT_THAT(ann.told, ElementsAre("recovered A:1/5", ":2", ":3", ":4", ":5"));
  EXPECT_THAT(ben.told, ElementsAre("recovered A:3/5", ":4", ":5"));
  EXPECT_EQ(cid.told, ann.told);
}

TEST_F(AudienceTest, ReadsForEverybodyInTurn) {
  open(host, log_of({{kA, 1}}, 500));
  auto& ann = host.join("ann", {kA, 0});
  auto& ben = host.join("ben", {kA, 400});
  const LogTop log = log_of({{kA, 1}}, 500);
  EXPECT_EQ(host.answer(page_of(log, 1, 10)).after, 0U);
  EXPECT_EQ(host.answer(page_of(log, 11, 20)).after, 10U);
  host.drain(ann);
  // Ann is further behind, but it is Ben's turn at the latest once the pages have come to him.
  bool served = false;
  for (int i = 0; i < 50 && !served; ++i) {
    const auto asked = host.reads.next();
    ASSERT_TRUE(asked);
    host.reads.page(asked->number,
                    page_of(log, asked->read.after + 1, std::min<std::uint64_t>(asked->read.after + 10, 500)),
                    host.now);
    served = !ben.told.empty();
  }
  EXPECT_TRUE(served);
}

TEST_F(AudienceTest, WaitsForTheSocketAndReadsOnThen) {
  open(host, kFive);
  auto& ann = host.join("ann", {kA, 0});
  ann.room = 2;
  host.answer(page_of(kFive, 1, 5));
  EXPECT_THAT(ann.told, ElementsAre("recovered A:0/5", ":1", ":2"));
  EXPECT_FALSE(host.reads.next());
  host.drain(ann);
  EXPECT_EQ(host.answer(page_of(kFive, 3, 5)).after, 2U);
  EXPECT_EQ(ann.told.back(), ":5");
  EXPECT_TRUE(host.is_live(ann));
}

TEST_F(AudienceTest, NeedsNoReadWhereItsTailReaches) {
  Host tailed(options(SlowPolicy::catch_up, 3), 1 << 20);
  open(tailed, kFive);
  for (std::uint64_t offset = 6; offset <= 9; ++offset) tailed.come(kA, offset);
  EXPECT_EQ(tailed.audience.tail(), 3U);
  auto& ann = tailed.join("ann", {kA, 6});
  EXPECT_THAT(ann.told, ElementsAre("recovered A:6/9", ":7", ":8", ":9"));
  auto& ben = tailed.join("ben", {kA, 5});
  EXPECT_THAT(ben.told, IsEmpty());
  EXPECT_TRUE(tailed.reads.next());
}

TEST_F(AudienceTest, HasNothingInItsTailThatIsTooOld) {
  Host tailed(options(SlowPolicy::catch_up, 10), 1 << 20);
  open(tailed, kFive);
  tailed.come(kA, 6);
  tailed.pass(10min);
  auto& ann = tailed.join("ann", {kA, 5});
  EXPECT_THAT(ann.told, IsEmpty());
  EXPECT_TRUE(tailed.reads.next());
}

TEST_F(AudienceTest, SaysWhatIsNoLongerKept) {
  open(host, kFive);
  auto& ann = host.join("ann", {kA, 1});
  host.answer(page_of(kFive, 4, 5));
  EXPECT_THAT(ann.told, ElementsAre("lost trimmed A:5/5"));
  EXPECT_TRUE(host.is_live(ann));
}

TEST_F(AudienceTest, GivesTheLastThatAreKept) {
  open(host, kFive);
  auto& ann = host.join("ann", {Since::Kind::last, {{}, 3}});
  EXPECT_EQ(host.answer(page_of(kFive, 3, 5)).after, 2U);
  EXPECT_THAT(ann.told, ElementsAre("ack A:2/5", ":3", ":4", ":5"));
  auto& ben = host.join("ben", {Since::Kind::last, {{}, 100}});
  host.answer(page_of(kFive, 4, 5));
  EXPECT_THAT(ben.told, ElementsAre("ack A:3/5", ":4", ":5"));
  auto& cid = host.join("cid", {Since::Kind::last, {{}, 2}});
  host.answer(page_of(kFive));
  EXPECT_THAT(cid.told, ElementsAre("ack A:5/5"));
}

// This node may not have heard of the newest branch.
TEST_F(AudienceTest, AsksForAPageBeforeItCallsAnEpochUnknown) {
  open(host, kFive);
  auto& ann = host.join("ann", {kB, 7});
  auto& ben = host.join("ben", {kC, 7});
  EXPECT_THAT(ann.told, IsEmpty());
  // The second came after it was asked for.
  EXPECT_THAT(host.confirms, ElementsAre(1));
  host.audience.confirmed(1, shared(log_of({{kA, 1}, {kB, 6}}, 9)), host.now);
  EXPECT_THAT(ann.told, ElementsAre("recovered B:7/9"));  // ahead
  EXPECT_THAT(ben.told, IsEmpty());
  EXPECT_THAT(host.confirms, ElementsAre(1, 2));
  host.audience.confirmed(2, shared(log_of({{kA, 1}, {kB, 6}}, 9)), host.now);
  EXPECT_THAT(ben.told, ElementsAre("lost epoch A:5/9"));
  EXPECT_TRUE(host.is_live(ben));
}

TEST_F(AudienceTest, IsAheadOfANodeThatIsSlower) {
  open(host, kFive);
  auto& ann = host.join("ann", {kA, 7});
  EXPECT_THAT(ann.told, IsEmpty());
  host.audience.confirmed(1, shared(log_of({{kA, 1}}, 9)), host.now);
  EXPECT_THAT(ann.told, ElementsAre("recovered A:7/9"));
  EXPECT_FALSE(host.is_live(ann));
  host.come(kA, 6);
  host.come(kA, 7);
  EXPECT_TRUE(host.is_live(ann));
  host.come(kA, 8);
  EXPECT_THAT(ann.told, ElementsAre("recovered A:7/9", ":8"));
}

TEST_F(AudienceTest, IsRolledBackAheadOfTheRoomByANewLineage) {
  open(host, kFive);
  auto& ann = host.join("ann", {kA, 8});
  host.audience.confirmed(1, shared(log_of({{kA, 1}}, 9)), host.now);
  host.audience.lineage(shared(log_of({{kA, 1}, {kB, 7}}, 6)), host.now);
  EXPECT_THAT(ann.told, ElementsAre("recovered A:8/9", "gap rolled_back A:6/6"));
  host.come(kA, 6);
  EXPECT_TRUE(host.is_live(ann));
}

TEST_F(AudienceTest, RollsBackWhatHasEndedWithoutAsking) {
  open(host, log_of({{kA, 1}, {kB, 4}}, 5));
  auto& ann = host.join("ann", {kA, 5});
  EXPECT_THAT(ann.told, ElementsAre("lost rolled_back A:3/5"));
  host.answer(page_of(log_of({{kA, 1}, {kB, 4}}, 5), 4, 5));
  EXPECT_THAT(ann.told, ElementsAre("lost rolled_back A:3/5", "B:4", ":5"));
  EXPECT_TRUE(host.is_live(ann));
}

TEST_F(AudienceTest, RollsBackByThePagesTopAndNotByThisNodesPosition) {
  open(host, kFive);
  auto& ann = host.join("ann", {kA, 9});
  host.audience.confirmed(1, shared(log_of({{kA, 1}}, 7)), host.now);
  EXPECT_THAT(ann.told, ElementsAre("lost rolled_back A:7/7"));
  EXPECT_FALSE(host.is_live(ann));  // ahead of this room
}

TEST_F(AudienceTest, ThrowsAwayAPageOfABranchThatTheRoomIsNotOn) {
  open(host, kFive);
  auto& ann = host.join("ann", {kA, 3});
  host.answer(page_of(log_of({{kA, 1}, {kB, 5}}, 6), 4, 6));
  EXPECT_THAT(ann.told, IsEmpty());
  EXPECT_THAT(host.confirms, ElementsAre(1));  // the feed is to hear of it
  EXPECT_FALSE(host.reads.next());
  host.audience.reset(Reason::rolled_back, {kA, 4}, shared(log_of({{kA, 1}, {kB, 5}}, 6)), host.now);
  host.answer(page_of(log_of({{kA, 1}, {kB, 5}}, 6), 4, 6));
  EXPECT_THAT(ann.told, ElementsAre("recovered A:3/6", ":4"));
}

TEST_F(AudienceTest, ThrowsAwayAPageThatWasAskedForBeforeAReset) {
  open(host, kFive);
  auto& ann = host.join("ann", {kA, 3});
  const auto asked = host.reads.next();
  host.audience.reset(Reason::rolled_back, {kA, 4}, shared(log_of({{kA, 1}}, 4)), host.now);
  host.reads.page(asked->number, page_of(kFive, 4, 5), host.now);
  EXPECT_THAT(ann.told, IsEmpty());
  host.answer(page_of(log_of({{kA, 1}}, 4), 4, 4));
  EXPECT_THAT(ann.told, ElementsAre("recovered A:3/4", ":4"));
}

TEST_F(AudienceTest, TellsLiveMembersOfAReset) {
  open(host, kFive);
  auto& ann = host.join("ann");
  host.audience.reset(Reason::trimmed, {kA, 90}, shared(log_of({{kA, 1}}, 95)), host.now);
  EXPECT_THAT(ann.told, ElementsAre("ack A:5/5", "gap trimmed A:90/95"));
  host.come(kA, 91);
  EXPECT_EQ(ann.told.back(), ":91");
}

// ⚑ Not by the position that the feed was reset to.
TEST_F(AudienceTest, JudgesCursorsByTheNewLineageAtAReset) {
  open(host, log_of({{kA, 1}}, 9));
  auto& low = host.join("low", {kA, 2});
  auto& high = host.join("high", {kA, 8});
  low.room = high.room = 1;
  host.answer(page_of(log_of({{kA, 1}}, 9), 3, 9));
  const auto log = log_of({{kA, 1}, {kB, 7}}, 7);
  host.audience.reset(Reason::rolled_back, {kA, 6}, shared(log), host.now);
  EXPECT_THAT(low.told, ElementsAre("recovered A:2/9", ":3"));
  EXPECT_THAT(high.told, ElementsAre("recovered A:8/9", ":9", "gap rolled_back A:6/7"));
  host.audience.reset(Reason::epoch, {kC, 1}, shared(log_of({{kC, 1}}, 1)), host.now);
  EXPECT_EQ(low.told.back(), "gap epoch C:1/1");
  EXPECT_TRUE(host.is_live(low));
}

TEST_F(AudienceTest, GivesUpOnTheLogAfterTenSeconds) {
  open(host, kFive);
  auto& ann = host.join("ann", {kA, 2});
  auto& ben = host.join("ben", {kB, 9});
  host.pass(9999ms);
  EXPECT_THAT(ann.told, IsEmpty());
  EXPECT_EQ(host.audience.next_deadline(), host.now.steady + 1ms);
  host.pass(1ms);
  EXPECT_THAT(ann.told, ElementsAre("lost unavailable A:5/5"));
  EXPECT_TRUE(host.is_live(ann));
  // Nobody knows whether this one's position is good: it stays where it is.
  EXPECT_THAT(ben.told, ElementsAre("lost unavailable B:9/9"));
  host.audience.confirmed(1, shared(log_of({{kA, 1}, {kB, 6}}, 9)), host.now);
  for (std::uint64_t offset = 6; offset <= 10; ++offset) host.come(kB, offset);
  EXPECT_THAT(ben.told, ElementsAre("lost unavailable B:9/9", ":10"));
}

TEST_F(AudienceTest, AnswersWithoutAPositionWhenItHasNone) {
  auto& ann = host.join("ann");
  auto& ben = host.join("ben", {kA, 3});
  host.pass(10s);
  EXPECT_THAT(ann.told, ElementsAre("ack unavailable "));
  EXPECT_THAT(ben.told, ElementsAre("lost unavailable A:3/3"));
  open(host, kFive);
  EXPECT_THAT(ann.told, ElementsAre("ack unavailable ", "gap unavailable A:5/5"));
  host.answer(page_of(kFive, 4, 5));
  EXPECT_THAT(ben.told, ElementsAre("lost unavailable A:3/3", ":4", ":5"));
}

TEST_F(AudienceTest, TriesAgainAfterAFailedRead) {
  open(host, kFive);
  auto& ann = host.join("ann", {kA, 2});
  host.answer(HistoryError::unavailable);
  EXPECT_FALSE(host.reads.next());
  host.pass(1s);
  host.answer(page_of(kFive, 3, 5));
  EXPECT_TRUE(host.is_live(ann));
}

TEST_F(AudienceTest, CatchesUpWhoFellBehind) {
  open(host, kFive);
  auto& ann = host.join("ann");
  host.come(kA, 6);
  ann.room = 0;
  host.come(kA, 7);
  host.come(kA, 8);
  EXPECT_EQ(host.audience.cursors(), 1U);
  EXPECT_FALSE(host.reads.next());
  host.drain(ann);
  EXPECT_EQ(host.answer(page_of(log_of({{kA, 1}}, 8), 7, 8)).after, 6U);
  EXPECT_THAT(ann.told, ElementsAre("ack A:5/5", "A:6", ":7", ":8"));
  EXPECT_TRUE(host.is_live(ann));
}

TEST_F(AudienceTest, TellsWhatWasSkipped) {
  Host gaps(options(SlowPolicy::gap), 0);
  open(gaps, kFive);
  auto& ann = gaps.join("ann");
  ann.room = 0;
  for (std::uint64_t offset = 6; offset <= 9; ++offset) gaps.come(kA, offset);
  gaps.drain(ann);
  EXPECT_THAT(ann.told, ElementsAre("ack A:5/5", "gap slow A:9/9 skipped 4"));
  gaps.come(kA, 10);
  EXPECT_EQ(ann.told.back(), ":10");
}

TEST_F(AudienceTest, GivesTheNewestOfEachKey) {
  Host latest(options(SlowPolicy::latest), 0);
  open(latest, kFive);
  auto& ann = latest.join("ann");
  ann.room = 0;
  latest.come(kA, 6, {}, "x");
  latest.come(kA, 7, {}, "y");
  latest.come(kA, 8, {}, "x");
  latest.come(kA, 9, {}, "z");
  latest.drain(ann);
  EXPECT_THAT(ann.told, ElementsAre("ack A:5/5", "A:7 skipped 1", ":8", ":9"));
  EXPECT_TRUE(latest.is_live(ann));
}

TEST_F(AudienceTest, TellsWhatWasSkippedAlsoIfTheLastLeavesItOut) {
  Host latest(options(SlowPolicy::latest), 0);
  open(latest, kFive);
  auto& ann = latest.join("ann");
  ann.room = 0;
  latest.come(kA, 6);
  latest.come(kA, 7);
  latest.come(kA, 8, {"ann"});
  latest.drain(ann);
  EXPECT_THAT(ann.told, ElementsAre("ack A:5/5", "gap slow A:8/8 skipped 2"));
}

TEST_F(AudienceTest, CatchesUpAPlainOneAndTellsItNothing) {
  open(host, kFive);
  auto& ann = host.join_plain("ann", 0);
  auto& ben = host.join("ben");
  host.come(kA, 6);
  host.come(kA, 7);
  EXPECT_FALSE(host.audience.is_replaying(ann.place)) << "it has asked for nothing";
  host.drain(ann);
  host.answer(page_of(log_of({{kA, 1}}, 7), 6, 7));
  EXPECT_THAT(ann.told, ElementsAre(":6", ":7"));
  EXPECT_TRUE(host.is_plain(ann));
  host.come(kA, 8);
  EXPECT_THAT(ann.told, ElementsAre(":6", ":7", "plain"));
  EXPECT_THAT(ben.told, ElementsAre("ack A:5/5", "A:6", ":7", ":8")) << "the epoch is told to nobody twice";
}

TEST_F(AudienceTest, TellsAPlainOneNoGap) {
  Host gaps(options(SlowPolicy::gap), 0);
  open(gaps, kFive);
  auto& ann = gaps.join_plain("ann", 0);
  gaps.come(kA, 6);
  gaps.audience.reset(Reason::trimmed, {kA, 8}, shared(log_of({{kA, 1}}, 8)), gaps.now);
  gaps.come(kA, 9);
  gaps.drain(ann);
  EXPECT_THAT(ann.told, IsEmpty());
  gaps.come(kA, 10);
  EXPECT_THAT(ann.told, ElementsAre("plain"));
}

TEST_F(AudienceTest, GivesAPlainOneTheNewestOfEachKeyWithoutANumber) {
  Host latest(options(SlowPolicy::latest), 0);
  open(latest, kFive);
  auto& ann = latest.join_plain("ann", 0);
  latest.come(kA, 6, {}, "x");
  latest.come(kA, 7, {}, "x");
  latest.come(kA, 8, {"ann"}, "y");
  EXPECT_TRUE(latest.audience.keeps_latest());
  latest.drain(ann);
  EXPECT_THAT(ann.told, ElementsAre(":7"));
  EXPECT_EQ(ann.missed, 1);
  EXPECT_TRUE(latest.is_plain(ann));
  EXPECT_FALSE(latest.audience.keeps_latest());
}

TEST_F(AudienceTest, TellsAPlainOneThatOptsInWhileItIsBehind) {
  Host gaps(options(SlowPolicy::gap), 0);
  open(gaps, kFive);
  auto& ann = gaps.join_plain("ann", 0);
  gaps.come(kA, 6);
  gaps.audience.opt_in(ann.place);
  gaps.drain(ann);
  EXPECT_THAT(ann.told, ElementsAre("gap slow A:6/6 skipped 1"));
  EXPECT_TRUE(gaps.is_live(ann));
}

TEST_F(AudienceTest, KeepsNothingOnceNobodyIsBehind) {
  Host latest(options(SlowPolicy::latest), 0);
  open(latest, kFive);
  auto& ann = latest.join("ann");
  ann.room = 0;
  latest.come(kA, 6);
  EXPECT_TRUE(latest.audience.keeps_latest());
  latest.leave(ann);
  EXPECT_FALSE(latest.audience.keeps_latest());
}

TEST_F(AudienceTest, CountsWhatItIsNotGiven) {
  Host gaps(options(SlowPolicy::gap), 0);
  open(gaps, kFive);
  auto& ann = gaps.join("ann");
  gaps.audience.pass_over();
  ann.room = 0;
  gaps.come(kA, 7);
  gaps.audience.pass_over();
  gaps.drain(ann);
  EXPECT_THAT(ann.told, ElementsAre("ack A:5/5", "gap slow A:8/8 skipped 2"));
}

TEST_F(AudienceTest, TellsWhoIsGivenUpWhatItMissed) {
  Host gaps(options(SlowPolicy::gap), 0);
  open(gaps, kFive);
  auto& ann = gaps.join("ann");
  ann.room = 0;
  gaps.come(kA, 6);
  gaps.audience.give_up(ann.place);
  EXPECT_THAT(ann.told, ElementsAre("ack A:5/5", "gap slow A:6/6 skipped 1"));
  EXPECT_EQ(gaps.audience.cursors(), 0U);
}

TEST_F(AudienceTest, TellsAnEpochAgainToWhoWasLeftOut) {
  open(host, kFive);
  auto& ann = host.join("ann");
  auto& ben = host.join("ben");
  host.come(kB, 6, {"ann"});
  host.come(kB, 7, {"ben"});
  host.come(kB, 8);
  EXPECT_THAT(ann.told, ElementsAre("ack A:5/5", "B:7", ":8"));
  EXPECT_THAT(ben.told, ElementsAre("ack A:5/5", "B:6", ":8"));
}

TEST_F(AudienceTest, TellsAnEpochToWhoWasLeftOutOfAllThatWasReplayed) {
  const LogTop log = log_of({{kA, 1}, {kB, 6}}, 6);
  open(host, log);
  auto& ann = host.join("ann", {kA, 5});
  LogPage page{log, {test::publication(kB, 6, "r", {"ann"})}};
  host.answer(page);
  EXPECT_THAT(ann.told, ElementsAre("recovered A:5/6"));
  host.come(kB, 7);
  host.come(kB, 8);
  EXPECT_THAT(ann.told, ElementsAre("recovered A:5/6", "B:7", ":8"));
}

TEST_F(AudienceTest, ForgetsWhoLeaves) {
  open(host, kFive);
  auto& ann = host.join("ann", {kA, 2});
  auto& ben = host.join("ben", {kA, 3});
  auto& cid = host.join("cid", {kA, 4});
  host.leave(ann);
  host.answer(page_of(kFive, 3, 5));
  EXPECT_THAT(ann.told, IsEmpty());
  EXPECT_TRUE(host.is_live(ben));
  EXPECT_TRUE(host.is_live(cid));
}

TEST_F(AudienceTest, GoesWhileAReadIsUnderWay) {
  PageReads reads;
  TailBudget tails(0);
  std::uint64_t number = 0;
  {
    Host gone(options(), 0);
    open(gone, kFive);
    gone.join("ann", {kA, 2});
    number = gone.reads.next()->number;
    gone.reads.forget(gone.audience);
    gone.reads.page(number, page_of(kFive, 3, 5), gone.now);
    EXPECT_THAT(gone.list.front()->told, IsEmpty());
    EXPECT_EQ(gone.reads.under_way(), 0U);
  }
}

}  // namespace
}  // namespace hearth::history
