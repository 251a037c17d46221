// What "hearth/presence.hpp" asks of a broker's presence, of every kind there is.

#include "broker/presence_probe.hpp"
#include "broker/redis_cluster.hpp"
#include "hearth/broker.hpp"
#include "hearth/redis_broker.hpp"
#include "support/redis_server.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hearth::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAre;
using namespace std::chrono_literals;

struct PresenceMedium {
  const char* name;
  std::string options;  ///< of the URL; `local`: without Redis; `cluster`: a Redis Cluster
};

class EveryPresence : public testing::TestWithParam<PresenceMedium> {
 protected:
  std::shared_ptr<Broker> make() {
    if (GetParam().options == "local") return make_local_broker(exchange_);
    if (GetParam().options == "cluster") {
      if (std::exchange(made_, true)) return make_redis_broker(shared_cluster().url(1));
      shared_cluster().flush();
      return make_redis_broker(shared_cluster().url(0));
    }
    if (!redis_) redis_.emplace();
    return make_redis_broker(redis_->url() + GetParam().options);
  }

  LocalExchange exchange_;
  std::optional<RedisServer> redis_;
  bool made_ = false;
  PresenceProbe one{make()};
  PresenceProbe other{make()};
};

const KeptMember kAnn{"c1", "ann", R"({"name":"Ann \"x\""})"};
const KeptMember kBen{"c2", "", ""};
constexpr const char* kRoom = "tea: {1}%";

PresenceReport first_report() {
  return {.room = kRoom, .version = 1, .clients = 2, .users = 1, .is_listed = true, .joined = {kAnn, kBen}};
}

std::vector<std::string> texts(const std::vector<KeptMember>& members) {
  std::vector<std::string> texts;
  for (const KeptMember& member : members) texts.push_back(member.id + '|' + member.user + '|' + member.info);
  return texts;
}

TEST_P(EveryPresence, WhoSaysThatItLivesDoesUntilItsTimeIsOver) {
  EXPECT_TRUE(one.look(1h).was_missing);
  EXPECT_FALSE(one.look(1h).was_missing);
  EXPECT_THAT(other.look().instances, ElementsAre(one.id()));
  EXPECT_THAT(other.look(50ms).instances, UnorderedElementsAre(one.id(), other.id()));
  eventually("its time to be over", [&] { return one.look().instances.size() == 1; });
  EXPECT_TRUE(other.look(1h).was_missing);
}

TEST_P(EveryPresence, WhatIsWrittenIsReadByAll) {
  one.look(1h);
  EXPECT_TRUE(one.write(first_report()));
  for (const PresenceProbe* probe : {&one, &other}) {
    const auto entries = probe->read(kRoom);
    ASSERT_THAT(entries, SizeIs(1));
    EXPECT_EQ(entries[0].instance, one.id());
    EXPECT_EQ(entries[0].version, 1U);
    EXPECT_EQ(entries[0].clients, 2U);
    EXPECT_EQ(entries[0].users, 1U);
    EXPECT_THAT(texts(entries[0].members), UnorderedElementsAre(R"(c1|ann|{"name":"Ann \"x\""})", "c2||"));
  }
  one.write({.room = kRoom, .version = 2, .clients = 1, .is_listed = true, .left = {"c1"}});
  EXPECT_THAT(texts(other.read(kRoom).at(0).members), ElementsAre("c2||"));
  one.write(
      {.room = kRoom, .version = 3, .clients = 1, .users = 1, .is_listed = true, .is_whole = true, .joined = {kAnn}});
  EXPECT_THAT(texts(other.read(kRoom).at(0).members), SizeIs(1));
  one.write({.room = kRoom, .version = 4, .clients = 5000, .users = 7});
  EXPECT_THAT(other.read(kRoom).at(0).members, IsEmpty());
  EXPECT_EQ(other.read(kRoom).at(0).clients, 5000U);
  one.write({.room = kRoom, .version = 5});
  EXPECT_THAT(other.read(kRoom), IsEmpty());
  EXPECT_THAT(other.read("milk"), IsEmpty());
}

// What was under way when a connection broke, and comes after what was sent over the next one.
TEST_P(EveryPresence, WhatComesAfterWhatIsNewerChangesNothing) {
  const PresenceReport second{
      .room = kRoom, .version = 2, .clients = 1, .is_listed = true, .is_whole = true, .joined = {kBen}};
  one.look(1h);
  other.watch(kRoom);
  EXPECT_TRUE(one.write(second));
  EXPECT_TRUE(one.write(first_report()));
  ASSERT_THAT(other.read(kRoom), SizeIs(1));
  EXPECT_EQ(other.read(kRoom)[0].version, 2U);
  EXPECT_THAT(texts(other.read(kRoom)[0].members), ElementsAre("c2||"));
  EXPECT_TRUE(one.write({.room = kRoom, .version = 3}));
  EXPECT_TRUE(one.write(second));
  EXPECT_THAT(other.read(kRoom), IsEmpty()) << "all had left";
  EXPECT_TRUE(
      one.write({.room = kRoom, .version = 4, .clients = 1, .is_listed = true, .is_whole = true, .joined = {kAnn}}));
  EXPECT_THAT(other.read(kRoom), SizeIs(1));
  const auto said = other.take(3);
  ASSERT_THAT(said, SizeIs(3));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(said[i].second.version, i + 2);
}

TEST_P(EveryPresence, WhatTheDeadHaveLeftIsNotReadAndCanBeForgotten) {
  one.look(1h);
  other.look(1h);
  one.write(first_report());
  other.presence().forget(kRoom, one.id());
  EXPECT_THAT(other.read(kRoom), SizeIs(1)) << "it lives";
  one.look(1ms);
  eventually("it to be dead", [&] { return other.look().instances.size() == 1; });
  EXPECT_THAT(other.read(kRoom), IsEmpty());
  other.presence().forget(kRoom, one.id());
  for (int i = 0; i < 2; ++i) other.read(kRoom);  // answered after that
  one.look(1h);
  EXPECT_THAT(other.read(kRoom), IsEmpty()) << "it was forgotten";
}

TEST_P(EveryPresence, WhoWatchesIsToldWhatOthersSayAndNotWhatItSaysItself) {
  other.watch(kRoom);
  one.watch(kRoom);
  one.write(first_report());
  one.write({.room = kRoom, .version = 2, .clients = 9, .users = 3, .is_whole = true});
  one.write({.room = kRoom, .version = 3, .clients = 1, .is_listed = true, .left = {"c1", "c2"}});
  const auto said = other.take(3);
  ASSERT_THAT(said, SizeIs(3));
  for (const auto& [instance, report] : said) {
    EXPECT_EQ(instance, one.id());
    EXPECT_EQ(report.room, kRoom);
  }
  EXPECT_EQ(said[0].second.version, 1U);
  EXPECT_EQ(said[0].second.clients, 2U);
  EXPECT_EQ(said[0].second.users, 1U);
  EXPECT_TRUE(said[0].second.is_listed);
  EXPECT_FALSE(said[0].second.is_whole);
  EXPECT_THAT(texts(said[0].second.joined), ElementsAre(R"(c1|ann|{"name":"Ann \"x\""})", "c2||"));
  EXPECT_FALSE(said[1].second.is_listed);
  EXPECT_TRUE(said[1].second.is_whole);
  EXPECT_THAT(said[2].second.left, ElementsAre("c1", "c2"));
  EXPECT_THAT(one.take(0), IsEmpty());
}

TEST_P(EveryPresence, WhoDoesNotWatchAnyMoreIsNotTold) {
  other.watch("a");
  other.watch("b");
  other.presence().unwatch("a");
  one.write({.room = "a", .version = 1, .clients = 1});
  one.write({.room = "b", .version = 1, .clients = 1});
  const auto said = other.take(1);
  EXPECT_EQ(said.front().second.room, "b");
}

TEST_P(EveryPresence, AfterTheEndNothingIsTaken) {
  one.broker().stop();
  EXPECT_FALSE(answer_to<LivingInstances>([&](auto done) { one.presence().look(1h, std::move(done)); }).has_value());
}

const PresenceMedium kPresenceMedia[] = {
    {"Local", "local"}, {"Redis", ""}, {"RedisPattern", "?subscriptions=pattern"}, {"RedisCluster", "cluster"}};

INSTANTIATE_TEST_SUITE_P(Broker, EveryPresence, testing::ValuesIn(kPresenceMedia),
                         [](const auto& its) { return std::string(its.param.name); });

TEST(PresenceInRedis, LiesUnderKeysThatAreLetGo) {
  const RedisServer redis;
  const PresenceProbe probe(make_redis_broker(redis.url()));
  probe.look(1h);
  probe.write(first_report());
  const std::string key = "hearth:{tea: %7B1%7D%25}:";
  EXPECT_EQ(redis.command({"HGET", key + "presence", probe.id()}).text(), "2:1:1");
  EXPECT_EQ(redis.command({"HGET", key + "members:" + probe.id(), "c1"}).text(),
            R"({"userId":"ann","info":{"name":"Ann \"x\""}})");
  for (const std::string& name : {key + "presence", key + "members:" + probe.id()}) {
    EXPECT_GT(redis.command({"PTTL", name}).integer(), 14 * 60 * 1000) << name;
    EXPECT_LE(redis.command({"PTTL", name}).integer(), 15 * 60 * 1000) << name;
  }
  EXPECT_EQ(redis.command({"ZCARD", "hearth:nodes"}).integer(), 1);
  probe.write({.room = kRoom, .version = 2});
  const std::string left = key + "left:" + probe.id();
  EXPECT_EQ(redis.command({"GET", left}).text(), "2");
  EXPECT_GT(redis.command({"PTTL", left}).integer(), 60 * 1000);
  EXPECT_LE(redis.command({"PTTL", left}).integer(), 2 * 60 * 1000);
  EXPECT_EQ(redis.command({"EXISTS", key + "presence", key + "members:" + probe.id()}).integer(), 0);
}

TEST(PresenceInRedis, WhileItIsAwayQuestionsFailAtOnceAndRoomsAreWatchedAgainAfterwards) {
  RedisServer redis;
  RedisOptions options = RedisOptions::from_url(redis.url());
  options.backoff_min = options.backoff_max = 5ms;
  const PresenceProbe one(make_redis_broker(options));
  const PresenceProbe other(make_redis_broker(options));
  other.watch("tea");
  redis.kill();
  eventually("the link to be gone", [&] { return !one.write({.room = "tea", .version = 1, .clients = 1}); });
  redis.restart();
  eventually("the link to be back", [&] { return one.broker().state() == BrokerState::ready; });
  eventually("the other's to be back", [&] { return other.broker().state() == BrokerState::ready; });
  EXPECT_TRUE(one.write({.room = "tea", .version = 2, .clients = 1}));
  EXPECT_EQ(other.take(1).front().second.version, 2U);
}

TEST(PresenceInRedisCluster, RoomsOfOtherMastersGoOnAndAllIsToBeSaidAgainOnceAReplicaHasTakenOver) {
  ClusterServers cluster;
  const std::size_t nodes = ClusterServers::place_of_slot(redis::slot_of("hearth:nodes"));
  const std::size_t lost_place = (nodes + 1) % ClusterServers::kMasters;
  const auto replica = cluster.attach(lost_place);
  RedisOptions options = RedisOptions::from_url(cluster.url(nodes));
  options.backoff_min = options.backoff_max = 5ms;
  const PresenceProbe one(make_redis_broker(options));
  const PresenceProbe other(make_redis_broker(options));
  const std::string lost = ClusterServers::room_at(lost_place);
  const std::string safe = ClusterServers::room_at(nodes);
  one.look(1h);
  for (const std::string& room : {lost, safe}) {
    other.watch(room);
    EXPECT_TRUE(one.write({.room = room, .version = 1, .clients = 1}));
  }
  other.take(2);
  cluster.node(lost_place).kill();
  eventually("its rooms to be away", [&] { return !one.write({.room = lost, .version = 2, .clients = 2}); });
  EXPECT_TRUE(one.write({.room = safe, .version = 2, .clients = 2}));
  EXPECT_EQ(other.take(3).back().second.room, safe);
  EXPECT_THAT(other.read(safe), SizeIs(1));
  EXPECT_FALSE(one.look(1h).was_missing) << "nothing is known to be lost yet";
  ClusterServers::take_over(*replica);
  eventually("its rooms to be back", [&] { return one.write({.room = lost, .version = 2, .clients = 2}); });
  EXPECT_TRUE(one.look(1h).was_missing);
  EXPECT_FALSE(one.look(1h).was_missing);
  eventually("the other to be there, too", [&] {
    const auto ask = [&](auto done) { other.presence().read(lost, std::move(done)); };
    return answer_to<std::vector<PresenceEntry>>(ask).has_value();
  });
  EXPECT_EQ(other.read(lost).at(0).version, 2U);
  EXPECT_EQ(other.take(4).back().second.room, lost);
}

}  // namespace
}  // namespace hearth::test
