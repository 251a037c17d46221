// Rooms over several instances.

#include "unit/presence/cluster.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::presence {
namespace {

using namespace std::chrono_literals;
using test::id;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

std::string quoted(unsigned number) { return '"' + id(number).str() + '"'; }
std::string member(unsigned number, std::string_view user) {
  return R"({"id":)" + quoted(number) + R"(,"userId":")" + std::string(user) + R"("})";
}

struct PresenceCluster : testing::Test {
  PresenceCluster() { cluster.advance(10s); }

  test::Cluster cluster;
  test::Cluster::Node& a = cluster.add("a");
  test::Cluster::Node& b = cluster.add("b");
};

TEST_F(PresenceCluster, MembersOfOtherInstancesAreTold) {
  b.join(2, "ben");
  cluster.advance(200ms);
  a.join(1, "ann");
  a.watch(1);
  EXPECT_THAT(a.shown, IsEmpty()) << "it is not known yet who else is there";
  cluster.settle();
  EXPECT_THAT(a.shown, ElementsAre(R"({"room":"tea","version":2,"clients":2,"users":2,"members":[)" + member(1, "ann") +
                                   "," + member(2, "ben") + "]}"));
  b.join(3, "ann");
  b.leave(2);
  cluster.advance(200ms);
  EXPECT_THAT(a.told, ElementsAre(R"({"room":"tea","version":3,"clients":2,"users":1,"joined":[)" + member(3, "ann") +
                                  R"(],"left":[)" + quoted(2) + "]}"));
  EXPECT_THAT(b.told, IsEmpty());
  EXPECT_EQ(b.reads, 0U) << "nobody wants to know there";
}

TEST_F(PresenceCluster, NumbersOfAllAreAddedUp) {
  cluster.rule->presence = RoomPresence::count;
  a.join(1, "ann");
  b.join(2, "ann");
  b.join(3, "ben");
  cluster.advance(2s);
  a.watch(1);
  cluster.settle();
  EXPECT_THAT(a.shown, ElementsAre(R"({"room":"tea","version":3,"clients":3,"users":3})"));
  b.leave(3);
  cluster.advance(3s);
  EXPECT_THAT(a.told, ElementsAre(R"({"room":"tea","version":4,"clients":2,"users":2})"));
}

TEST_F(PresenceCluster, OneThatDiesIsToldWithinTwoHeartbeats) {
  a.join(1);
  b.join(2);
  b.join(3);
  a.watch(1);
  cluster.advance(5s);
  a.told.clear();
  b.is_dead = true;
  cluster.advance(10s + 200ms);
  EXPECT_THAT(a.told, ElementsAre(HasSubstr(R"("clients":1,"users":0,"left":[)" + quoted(2) + "," + quoted(3) + "]")));
  EXPECT_THAT(cluster.kept.read("tea", cluster.now), SizeIs(1)) << "and forgotten";
}

TEST_F(PresenceCluster, WhatTheDeadHaveLeftIsNotShown) {
  b.join(2);
  cluster.advance(1s);
  b.is_dead = true;
  cluster.advance(8s);
  a.join(1);
  a.watch(1);
  cluster.settle();
  EXPECT_THAT(a.shown, ElementsAre(HasSubstr(R"("clients":1)")));
}

TEST_F(PresenceCluster, WhoIsCutOffTakesNobodyForDead) {
  a.join(1);
  b.join(2);
  a.watch(1);
  cluster.advance(1s);
  a.told.clear();
  a.is_linked = false;
  cluster.advance(60s);
  EXPECT_THAT(a.told, IsEmpty());
  a.join(3);
  a.watch(3);
  EXPECT_THAT(a.shown.back(), HasSubstr(R"("clients":2,"users":0,"stale":true,"members":[)"));
  cluster.advance(200ms);
  EXPECT_THAT(a.told, ElementsAre(HasSubstr(R"("stale":true,"joined":[{"id":)" + quoted(3))));
  a.told.clear();
  b.join(4);
  cluster.advance(1s);
  cluster.mend(a);
  cluster.advance(10s);
  EXPECT_THAT(a.told, ElementsAre(HasSubstr(R"("joined":[{"id":)" + quoted(4))));
  EXPECT_THAT(a.told.back(), HasSubstr(R"("clients":4)"));
  const auto kept = cluster.kept.read("tea", cluster.now);
  ASSERT_THAT(kept, SizeIs(2));
  EXPECT_THAT(kept[0].members, SizeIs(2)) << "the others know who came meanwhile";
  b.watch(2);
  cluster.settle();
  EXPECT_THAT(b.shown.back(), HasSubstr(R"("clients":4,"users":0,"members")"));
}

TEST_F(PresenceCluster, TheOthersTakeWhoIsCutOffForDeadUntilItIsBack) {
  a.join(1);
  b.join(2);
  b.watch(2);
  cluster.advance(1s);
  a.is_linked = false;
  cluster.advance(11s);
  EXPECT_THAT(b.told.back(), HasSubstr(R"("left":[)" + quoted(1)));
  cluster.mend(a);
  cluster.advance(5s);
  EXPECT_THAT(b.told.back(), HasSubstr(R"("joined":[{"id":)" + quoted(1)));
}

TEST_F(PresenceCluster, AStoreThatWasEmptiedIsNoStormOfLeaves) {
  a.join(1);
  b.join(2);
  a.watch(1);
  b.watch(2);
  cluster.advance(1s);
  a.told.clear();
  b.told.clear();
  cluster.kept.end("a");
  cluster.kept.end("b");
  cluster.advance(30s);
  EXPECT_THAT(a.told, IsEmpty());
  EXPECT_THAT(b.told, IsEmpty());
  EXPECT_THAT(cluster.kept.read("tea", cluster.now), SizeIs(2)) << "all have said everything once more";
}

TEST_F(PresenceCluster, WhatWasMissedIsRead) {
  a.join(1);
  a.watch(1);
  cluster.advance(1s);
  a.hears = false;
  b.join(2);
  cluster.advance(200ms);
  a.hears = true;
  EXPECT_THAT(a.told, Not(Contains(HasSubstr(quoted(2)))));
  b.join(3);
  cluster.advance(300ms);
  EXPECT_THAT(a.told.back(), HasSubstr(R"("clients":3,"users":0,"joined":[{"id":)" + quoted(2)));
}

TEST_F(PresenceCluster, WhatTheStoreHasLostIsThereAgainAfterAWhile) {
  b.join(2);
  cluster.advance(1s);
  cluster.kept.write("b", {.room = "tea", .version = 1});
  EXPECT_THAT(cluster.kept.read("tea", cluster.now), IsEmpty());
  cluster.advance(5min);
  EXPECT_THAT(cluster.kept.read("tea", cluster.now), SizeIs(1));
}

TEST_F(PresenceCluster, TooManyOnOneAreTooManyForAll) {
  cluster.rule->presence_limit = 2;
  a.join(1);
  a.watch(1);
  for (unsigned i = 2; i <= 4; ++i) b.join(i);
  cluster.advance(1s);
  EXPECT_THAT(a.told.back(), HasSubstr(R"("clients":4,"users":0})"));
  EXPECT_THAT(cluster.kept.read("tea", cluster.now).back().members, IsEmpty());
  for (unsigned i = 2; i <= 4; ++i) b.leave(i);
  cluster.advance(1s);
  EXPECT_THAT(a.told.back(), HasSubstr(R"("clients":1,"users":0,"members":[{"id":)" + quoted(1) + "}]}"));
}

TEST_F(PresenceCluster, AUserWhoComesBackElsewhereIsAtNoMomentGone) {
  cluster.rule->presence_grace = 5s;
  a.join(1, "ann");
  a.watch(1);
  b.join(2, "ben");
  cluster.advance(1s);
  a.told.clear();
  b.leave(2);
  cluster.advance(3s);
  EXPECT_THAT(a.told, IsEmpty());
  a.join(3, "ben");
  cluster.advance(3s);
  EXPECT_THAT(a.told, ElementsAre(HasSubstr(R"("clients":2,"users":2,"joined":[)" + member(3, "ben") + R"(],"left":[)" +
                                            quoted(2) + "]")));
}

TEST_F(PresenceCluster, QuestionsAreAboutAll) {
  b.join(2);
  cluster.advance(200ms);
  a.join(1);
  a.rooms.take(0, {.kind = Note::Kind::ask, .room = "tea", .client = id(1), .id_json = "7"}, cluster.now);
  cluster.settle();
  EXPECT_THAT(a.answers, ElementsAre(HasSubstr(R"("clients":2,"users":0,"members":[)")));
  std::optional<Picture> picture;
  const auto told = [&](const Picture& its, bool is_stale) {
    EXPECT_FALSE(is_stale);
    picture = its;
  };
  a.rooms.ask("tea", *cluster.rule, {.limit = 1}, told, cluster.now);
  cluster.settle();
  ASSERT_TRUE(picture);
  EXPECT_EQ(picture->counts.clients, 2U);
  EXPECT_TRUE(picture->is_cut);
  a.leave(1);
  cluster.advance(200ms);
  picture.reset();
  a.rooms.ask("tea", *cluster.rule, {.limit = 10}, told, cluster.now);
  cluster.settle();
  ASSERT_TRUE(picture) << "nobody is there on this one";
  EXPECT_THAT(picture->members, SizeIs(1));
}

TEST_F(PresenceCluster, WhatNobodyIsInIsForgottenOnceTheOthersKnow) {
  b.join(2);
  cluster.advance(200ms);
  b.leave(2);
  EXPECT_TRUE(b.rooms.owes());
  EXPECT_EQ(b.rooms.size(), 1U);
  cluster.advance(200ms);
  EXPECT_FALSE(b.rooms.owes());
  EXPECT_EQ(b.rooms.size(), 0U);
  EXPECT_THAT(cluster.kept.read("tea", cluster.now), IsEmpty());
}

TEST_F(PresenceCluster, AtTheEndTheOthersAreToldAtOnce) {
  b.join(2);
  a.join(1);
  a.watch(1);
  cluster.advance(200ms);
  b.leave(2);
  b.rooms.finish(cluster.now);
  cluster.settle();
  EXPECT_FALSE(b.rooms.owes());
  cluster.advance(200ms);
  EXPECT_THAT(a.told.back(), HasSubstr(R"("left":[)" + quoted(2)));
}

TEST_F(PresenceCluster, WhereNobodyWantsToKnowNothingIsKeptOfOthers) {
  a.join(1);
  a.watch(1);
  cluster.settle();
  EXPECT_THAT(a.watches, SizeIs(1));
  a.note(Note::Kind::unwatch, 1);
  EXPECT_THAT(a.watches, IsEmpty());
  a.told.clear();
  b.join(2);
  cluster.advance(1s);
  EXPECT_THAT(a.told, IsEmpty());
}

}  // namespace
}  // namespace hearth::presence
