#include "backend/node_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace hearth::app {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

/// A list of which only what this instance sees is real. Redis's clock and this one's go on together, but for `jump`.
struct Seeing {
  explicit Seeing(std::string self) : list(self, 15s, NodeList::Time(100h)), self_id(std::move(self)) {}

  std::int64_t redis_now() const { return 1'000'000 + elapsed.count() + jump.count(); }

  void enter(const std::string& id, const std::string& mark = "+") {
    nodes.push_back({.id = id, .name = "of " + id, .seen = redis_now(), .life = 1, .mark = mark, .value = ""});
  }
  ListedNode& at(const std::string& id) {
    for (ListedNode& node : nodes) {
      if (node.id == id) return node;
    }
    throw std::out_of_range(id);
  }

  /// Who is to be reported after a beat, all of those in `living` having beaten, too.
  std::vector<std::string> beat(const std::vector<std::string>& living = {}) {
    std::vector<std::string> all = living;
    if (!is_claimed) all.push_back(self_id);
    for (const std::string& id : all) at(id).seen = redis_now();
    at(self_id).mark = is_claimed ? at(self_id).mark : tells ? "+" : "-";
    const NodeList::Time now(100h + elapsed);
    const NodeList::Findings findings = list.beaten({redis_now(), nodes, name}, tells, now, now);
    was_removed |= findings.was_removed;
    for (const ListedNode& node : findings.forgotten) forgotten.push_back(node.id);
    std::vector<std::string> ids;
    for (const ListedNode& node : findings.lost) ids.push_back(node.id);
    return ids;
  }
  /// The same every second for so long; all that came of it.
  std::vector<std::string> pass(std::chrono::seconds time, const std::vector<std::string>& living = {}) {
    std::vector<std::string> lost;
    for (const auto end = elapsed + time; elapsed < end;) {
      elapsed += 1s;
      for (const std::string& id : beat(living)) lost.push_back(id);
    }
    return lost;
  }

  NodeList list;
  std::string self_id;
  std::string name = "first list";
  std::vector<ListedNode> nodes{};
  std::vector<std::string> forgotten{};
  std::chrono::milliseconds elapsed{};
  std::chrono::milliseconds jump{};
  bool tells = true;
  bool is_claimed = false;
  bool was_removed = false;
};

/// `b`, which has been well for long.
struct NodeListTest : testing::Test, Seeing {
  NodeListTest() : Seeing("b") {
    enter("b");
    pass(30s);
  }
};

TEST_F(NodeListTest, LosesWhoIsSilentForLong) {
  enter("c");
  EXPECT_THAT(pass(14s), IsEmpty());
  EXPECT_THAT(pass(1s), ElementsAre("c"));
}

TEST_F(NodeListTest, LosesNobodyWhoBeats) {
  enter("c");
  EXPECT_THAT(pass(60s, {"c"}), IsEmpty());
}

TEST_F(NodeListTest, ReportsNobodyASecondTimeWhileThatIsUnderWay) {
  enter("c");
  EXPECT_THAT(pass(15s), ElementsAre("c"));
  list.begin("c");
  EXPECT_THAT(pass(60s), IsEmpty());
  list.end("c");
  EXPECT_THAT(pass(1s), ElementsAre("c"));
}

TEST_F(NodeListTest, LeavesItToTheLowestOfThoseThatLive) {
  enter("a");
  enter("c");
  EXPECT_THAT(pass(30s, {"a"}), IsEmpty());
  // And when that is silent, too, it is this one.
  EXPECT_THAT(pass(14s), IsEmpty());
  EXPECT_THAT(beat(), IsEmpty());
  elapsed += 1s;
  EXPECT_THAT(beat(), testing::UnorderedElementsAre("a", "c"));
}

TEST_F(NodeListTest, LeavesItToThoseThatTellOfInstances) {
  enter("a", "-");
  enter("c");
  EXPECT_THAT(pass(15s, {"a"}), ElementsAre("c"));
  tells = false;
  EXPECT_THAT(pass(1s, {"a"}), IsEmpty());  // nobody does: it is the lowest
  at("a").mark = "+";
  tells = true;
  EXPECT_THAT(pass(1s, {"a"}), IsEmpty());
}

TEST_F(NodeListTest, TakesOverWhatADeadReporterHasClaimed) {
  enter("c");
  enter("a");
  at("c").mark = "a";
  EXPECT_THAT(pass(30s, {"a"}), IsEmpty());
  EXPECT_THAT(pass(14s), IsEmpty());
  EXPECT_THAT(pass(1s), testing::UnorderedElementsAre("a", "c"));
}

TEST_F(NodeListTest, TakesOverWhatItHasClaimedItselfAndDoesNotReport) {
  enter("c");
  at("c").mark = "b";
  EXPECT_THAT(pass(1s), ElementsAre("c"));
}

TEST_F(NodeListTest, JudgesNobodyFor15SecondsAfterItsStart) {
  Seeing late("b");
  late.enter("b");
  late.enter("c");
  late.at("c").seen -= 3'600'000;
  EXPECT_THAT(late.pass(15s), IsEmpty());
  EXPECT_THAT(late.pass(1s), ElementsAre("c"));
}

TEST_F(NodeListTest, JudgesNobodyFor15SecondsAfterABeatThatFailed) {
  enter("c");
  pass(10s);
  list.failed();
  EXPECT_THAT(pass(15s), IsEmpty());
  EXPECT_THAT(pass(1s), ElementsAre("c"));
}

TEST_F(NodeListTest, JudgesNobodyFor15SecondsAfterItWasHeldUp) {
  enter("c");
  elapsed += 60s;  // with the others, perhaps
  EXPECT_THAT(beat(), IsEmpty());
  EXPECT_THAT(pass(14s), IsEmpty());
  EXPECT_THAT(pass(1s), ElementsAre("c"));
}

TEST_F(NodeListTest, JudgesNobodyFor15SecondsAfterRedisHasAnotherClock) {
  enter("c");
  jump = 1h;
  EXPECT_THAT(pass(15s, {"c"}), IsEmpty());
  jump = -1h;
  EXPECT_THAT(pass(15s, {"c"}), IsEmpty());
  EXPECT_THAT(pass(20s), ElementsAre("c", "c", "c", "c", "c", "c"));
}

TEST_F(NodeListTest, KnowsThatItWasReportedAsLost) {
  is_claimed = true;
  at("b").mark = "a";
  pass(5s);
  EXPECT_FALSE(was_removed);
  is_claimed = false;
  at("b").life = 2;
  pass(1s);
  EXPECT_TRUE(was_removed);
  EXPECT_EQ(list.life(), 2U);

  was_removed = false;
  pass(60s);
  EXPECT_FALSE(was_removed);
}

TEST_F(NodeListTest, KnowsThatItWasReportedAsLostWhileItWasHeldUp) {
  elapsed += 16s;
  at("b").life = 2;
  beat();
  EXPECT_TRUE(was_removed);
}

TEST_F(NodeListTest, IsNotLostWhenTheListIs) {
  elapsed += 5s;
  at("b").life = 2;
  beat();
  EXPECT_FALSE(was_removed);
  EXPECT_EQ(list.life(), 2U);
}

TEST_F(NodeListTest, RemembersWhoWasInAListThatRedisHasLost) {
  enter("c");
  enter("d");
  pass(1s, {"c", "d"});
  name = "second list";
  nodes.clear();
  enter("b");
  enter("d");
  pass(1s);
  EXPECT_THAT(forgotten, ElementsAre("c"));
  pass(1s);
  EXPECT_THAT(forgotten, ElementsAre("c"));
}

TEST_F(NodeListTest, DoesNotRememberWhoHasLeft) {
  enter("c");
  pass(1s, {"c"});
  nodes.pop_back();
  pass(1s);
  EXPECT_THAT(forgotten, IsEmpty());
}

TEST_F(NodeListTest, ReportsItselfIfNobodyElseIsThereToFinishThat) {
  is_claimed = true;
  at("b").mark = "a";  // of whom nothing is left
  EXPECT_THAT(pass(1s), ElementsAre("b"));
}

TEST(NodeListInterval, FitsSeveralTimesIntoTheSilenceOfTheLost) {
  EXPECT_EQ(NodeList("a", 15s, {}).interval(), 1s);
  EXPECT_EQ(NodeList("a", 3s, {}).interval(), 300ms);
}

}  // namespace
}  // namespace hearth::app
