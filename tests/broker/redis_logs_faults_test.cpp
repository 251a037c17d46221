// The logs of rooms in a Redis that forgets, restarts, is full, or is another one than before (docs/recovery.md).

#include "broker/redis_appends.hpp"
#include "broker/sentinel.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace hearth::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

struct RedisLogFaults : testing::Test {
  RedisServer redis;
  HistoryProbe one{quick_broker(redis.port())};
  HistoryProbe other{quick_broker(redis.port())};

  void SetUp() override {
    one.history();  // so that what comes in is from the server that the logs are of
    other.history();
    one.start();
    other.start();
  }
};

TEST_F(RedisLogFaults, WhatRedisForgetsWhenItIsKilledIsAnotherLog) {
  const Position before = one.append("r", "a").value().position;
  redis.kill();
  Appends waiting(one, "r");
  waiting.add(3);
  redis.restart();
  const auto results = waiting.results();
  for (std::size_t i = 0; i < results.size(); ++i) EXPECT_EQ(results[i].value().position.offset, i + 1);
  const LogPage page = other.read("r").value();
  EXPECT_NE(page.log.top.epoch, before.epoch);
  EXPECT_THAT(page.log.lineage, SizeIs(1));
  EXPECT_EQ(numbers_in_log(other, "r"), up_to(3));
}

TEST_F(RedisLogFaults, ALostTailBeginsABranchThatTheLineageTells) {
  for (int i = 0; i < 3; ++i) one.append("r", "kept").value();
  redis.command({"SAVE"});
  const Position lost = one.append("r", "lost").value().position;
  redis.kill();
  redis.restart();
  EXPECT_EQ(one.tops({"r"}).value().at(0).top, (Position{lost.epoch, 3}));
  const Position next = other.append("r", "new").value().position;
  EXPECT_EQ(next.offset, 4U);
  EXPECT_NE(next.epoch, lost.epoch);
  const LogPage page = one.read("r", 2).value();
  EXPECT_THAT(page.log.lineage, ElementsAre(Branch{lost.epoch, 1}, Branch{next.epoch, 4}));
  ASSERT_THAT(page.publications, SizeIs(2));
  EXPECT_EQ(page.publications[0]->position(), (Position{lost.epoch, 3}));
  EXPECT_EQ(page.publications[1]->position(), next);
}

TEST_F(RedisLogFaults, ABranchWithoutPublicationsGivesWayToTheNext) {
  const Position first = one.append("r", "a").value().position;
  for (int i = 0; i < 3; ++i) {
    redis.command({"SAVE"});
    redis.kill();
    redis.restart();
    EXPECT_THAT(one.top("r").lineage, SizeIs(2)) << "the first has a publication, and so stays";
    EXPECT_EQ(one.top("r").top, first);
  }
  const Position next = one.append("r", "b").value().position;
  EXPECT_THAT(other.top("r").lineage, ElementsAre(Branch{first.epoch, 1}, Branch{next.epoch, 2}));
}

TEST_F(RedisLogFaults, ARedisThatIsRestartedAgainAndAgainIsAnotherProcessEachTime) {
  Position last = one.append("r", "a").value().position;
  for (int i = 0; i < 8; ++i) {
    redis.command({"SAVE"});
    EXPECT_EQ(one.append("r", "lost").value().position, (Position{last.epoch, last.offset + 1}));
    redis.kill();
    redis.restart();
    const Position next = one.append("r", "b").value().position;
    EXPECT_EQ(next.offset, last.offset + 1);
    EXPECT_NE(next.epoch, last.epoch) << "restart " << i;
    last = next;
  }
}

TEST_F(RedisLogFaults, AnythingThatIsAppendedWhileAllIsFlushedIsThereOnceAndInOrder) {
  Appends appends(one, "r");
  appends.add(1500);
  eventually("some to be there", [&] { return appends.answered() > 100; });
  redis.command({"FLUSHALL"});
  const auto results = appends.results();
  std::vector<Position> positions;
  for (const auto& result : results) {
    ASSERT_TRUE(result.has_value());
    positions.push_back(result->position);
  }
  // Two logs at most, each counted from 1 without a hole, in the order asked.
  const Epoch first = positions.front().epoch;
  const auto second =
      std::find_if(positions.begin(), positions.end(), [&](const Position& p) { return p.epoch != first; });
  for (auto at = positions.begin(); at != second; ++at) EXPECT_EQ(at->offset, at - positions.begin() + 1U);
  for (auto at = second; at != positions.end(); ++at) EXPECT_EQ(at->offset, at - second + 1U);
}

TEST_F(RedisLogFaults, ForgottenScriptsAreLoadedAgainAndNothingIsAppendedTwice) {
  Appends appends(one, "r");
  for (int i = 0; i < 5; ++i) {
    appends.add(180);
    redis.command({"SCRIPT", "FLUSH"});
  }
  for (const auto& result : appends.results()) EXPECT_TRUE(result.has_value());
  EXPECT_EQ(numbers_in_log(other, "r"), up_to(900));
}

TEST_F(RedisLogFaults, AppendsUnderWayWhenTheLinkBreaksAreRecognised) {
  Appends appends(one, "r");
  for (int i = 0; i < 5; ++i) {
    appends.add(180);
    redis.command({"CLIENT", "KILL", "TYPE", "normal"});
    redis.command({"CLIENT", "KILL", "TYPE", "pubsub"});
  }
  for (const auto& result : appends.results()) EXPECT_TRUE(result.has_value());
  EXPECT_EQ(numbers_in_log(other, "r"), up_to(900));
}

TEST_F(RedisLogFaults, AFullRedisRefusesAndChangesNothing) {
  one.subscribe("r");
  const Position before = one.append("r", "a").value().position;
  redis.command({"CONFIG", "SET", "maxmemory", "1"});
  EXPECT_EQ(one.append("r", "b", "key").error(), HistoryError::refused);
  EXPECT_EQ(one.append("never there", "b").error(), HistoryError::refused);
  EXPECT_EQ(one.read("never there").error(), HistoryError::refused);
  EXPECT_EQ(one.tops({"r", "never there"}).value(), (std::vector<LogTop>{one.top("r"), LogTop()}));
  redis.command({"CONFIG", "SET", "maxmemory", "0"});
  const Appended after = one.append("r", "c", "key").value();
  EXPECT_FALSE(after.duplicate);
  EXPECT_EQ(after.position, (Position{before.epoch, 2}));
  const auto came = one.take(2);
  EXPECT_EQ(came.back()->event(), "c");
  EXPECT_GE(one.broker().statistics().refused, 2U);
}

TEST_F(RedisLogFaults, AnEvictedLogIsAHoleAndAnEvictedMetaAnotherLog) {
  const Position last = one.append("r", "a").value().position;
  redis.command({"DEL", "hearth:{r}:log"});
  LogPage page = one.read("r").value();
  EXPECT_EQ(page.log.top, last);
  EXPECT_THAT(page.publications, IsEmpty());
  EXPECT_EQ(one.append("r", "b").value().position, (Position{last.epoch, 2}));
  redis.command({"DEL", "hearth:{r}:meta"});
  page = other.read("r").value();
  EXPECT_NE(page.log.top.epoch, last.epoch);
  EXPECT_EQ(page.log.top.offset, 0U);
  EXPECT_THAT(page.publications, IsEmpty());
}

TEST_F(RedisLogFaults, WhatIsNoPublicationIsAHole) {
  one.append("r", "a").value();
  redis.command({"XADD", "hearth:{r}:log", "2-0", "m", R"({"no":"publication")", "t", "17"});
  redis.command({"HSET", "hearth:{r}:meta", "s", "2"});
  one.append("r", "c").value();
  LogPage page = other.read("r").value();
  EXPECT_EQ(page.log.top.offset, 3U);
  ASSERT_THAT(page.publications, SizeIs(1));
  EXPECT_EQ(page.publications[0]->event(), "a");
  page = other.read("r", 1).value();
  ASSERT_THAT(page.publications, SizeIs(1));
  EXPECT_EQ(page.publications[0]->position().offset, 3U);
  redis.command({"HSET", "hearth:{r}:meta", "l", "no lineage"});
  EXPECT_EQ(other.read("r").error(), HistoryError::refused);
}

TEST_F(RedisLogFaults, TheSinkIsToldOfEachSubscriptionThatIsBackAndOfAnotherProcess) {
  one.subscribe("r");
  one.append("r", "a").value();
  one.take(1);
  redis.kill();
  redis.restart();
  eventually("the room to be subscribed to again", [&] { return one.heard().size() == 3; });
  EXPECT_THAT(one.heard(), ElementsAre("r", ">1", "r"));
  one.append("r", "b").value();
  one.take(2);
  EXPECT_THAT(one.heard(), ElementsAre("r", ">1", "r", ">1"));
}

// Whoever becomes a replica breaks its connections off, and may be a master again, at the same place, when they are
// back.
TEST_F(RedisLogFaults, TheSinkIsToldThatLogsMayHaveChangedWheneverTheLinkIsBack) {
  one.append("r", "a").value();
  EXPECT_EQ(one.store_changes, 0);
  redis.command({"CLIENT", "KILL", "TYPE", "normal"});
  eventually("it to be told", [&] { return one.store_changes == 1; });
  EXPECT_EQ(one.append("r", "b").value().position.offset, 2U);
}

// Twice failed over, and nobody looked in between: all that says so is that this master was a replica.
TEST(RedisLogFailback, AMasterThatIsOneAgainHasLostWhatTheOtherNeverHad) {
  const RedisServer redis;
  const Replica other(redis);
  HistoryProbe probe{quick_broker(redis.port())};
  probe.start();
  const Position kept = probe.append("r", "kept").value().position;
  const auto top_is = [](const RedisServer& at, std::string_view top) {
    return [&at, top] { return at.command({"HGET", "hearth:{r}:meta", "s"}).text() == top; };
  };
  eventually("the other to have it", top_is(other, "1"));
  other.command({"REPLICAOF", "NO", "ONE"});
  const Position lost = probe.append("r", "lost").value().position;
  EXPECT_EQ(lost, (Position{kept.epoch, 2}));
  redis.command({"REPLICAOF", "127.0.0.1", std::to_string(other.port())});
  eventually("the first to have what the other has", top_is(redis, "1"));
  redis.command({"REPLICAOF", "NO", "ONE"});
  redis.command({"CLIENT", "KILL", "TYPE", "normal"});  // as Sentinels do
  const Position next = probe.append("r", "new").value().position;
  EXPECT_EQ(next.offset, 2U);
  EXPECT_NE(next.epoch, lost.epoch);
  EXPECT_THAT(probe.top("r").lineage, ElementsAre(Branch{kept.epoch, 1}, Branch{next.epoch, 2}));
}

struct RedisReplicas : testing::Test {
  RedisServer redis;
  HistoryProbe probe{make_redis_broker(redis.url() + "?wait_replicas=1&wait_timeout=5000")};
};

TEST_F(RedisReplicas, AppendsAreAcknowledgedWhenAReplicaHasThem) {
  const Replica replica(redis);
  probe.start();
  EXPECT_TRUE(probe.append("r", "a").has_value());
  EXPECT_EQ(replica.command({"HGET", "hearth:{r}:meta", "s"}).text(), "1");
}

TEST_F(RedisReplicas, WhatTooFewReplicasHaveIsThereAndToldApart) {
  HistoryProbe hasty(make_redis_broker(redis.url() + "?wait_replicas=1&wait_timeout=1"));
  hasty.start();
  EXPECT_EQ(hasty.append("r", "a", "key").error(), HistoryError::not_replicated);
  EXPECT_THAT(hasty.read("r").value().publications, SizeIs(1));
  const Replica replica(redis);
  probe.start();
  EXPECT_TRUE(probe.append("r", "a", "key").value().duplicate);
}

}  // namespace
}  // namespace hearth::test
