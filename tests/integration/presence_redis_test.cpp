// docs/presence.md with a Redis between the instances.

#include "hearth/redis_broker.hpp"
#include "integration/told.hpp"
#include "support/forked.hpp"
#include "support/redis_server.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace hearth::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

/// Instances that share a Redis.
struct PresenceOverRedis : testing::Test {
  Options options(RoomRule rule = presence_rule("tea", RoomPresence::members)) {
    RedisOptions redis_options = RedisOptions::from_url(redis.url());
    redis_options.backoff_min = redis_options.backoff_max = 5ms;
    Options options = telling_presence(std::move(rule));
    options.presence_heartbeat = heartbeat;
    options.broker = make_redis_broker(redis_options);
    return options;
  }

  // So long that nobody is taken for dead who is merely slow.
  std::chrono::milliseconds heartbeat{60s};
  RedisServer redis;
  TestServer first;
  TestServer second;
};

TEST_F(PresenceOverRedis, MembersOfAllInstancesAreTold) {
  first.start(options());
  second.start(options());
  TestClient ben = second.client("ben");
  ben.join("tea");
  TestClient ann = first.client("ann");
  Told told(ann);
  told.join();
  told.until({ann.id(), ben.id()});
  EXPECT_EQ(told.users(), 2U);
  TestClient again = second.client("ann");
  again.join("tea");
  told.until({ann.id(), ben.id(), again.id()});
  EXPECT_EQ(told.users(), 2U);
  ben.drop();
  told.until({ann.id(), again.id()});
  eventually("all to be known", [&] { return second->presence("tea")->get().clients == 2; });
  EXPECT_EQ(second->presence("tea")->get().users, 1U);
}

TEST_F(PresenceOverRedis, MetricsSayWhatIsThereAndWhatWasDone) {
  first.start(options());
  second.start(options());
  TestClient ann = first.client("ann");
  Told told(ann);
  told.join();
  TestClient ben = second.client("ben");
  ben.join("tea");
  told.until({ann.id(), ben.id()});
  const PresenceMetrics here = first->metrics().presence;
  EXPECT_EQ(here.rooms, 1U);
  EXPECT_EQ(here.members, 2U);
  EXPECT_EQ(here.instances, 1U);
  EXPECT_FALSE(here.stale);
  EXPECT_GE(here.changes, 1U);
  EXPECT_GE(here.reads, 1U);
  EXPECT_EQ(here.failures, 0U);
  const PresenceMetrics there = second->metrics().presence;
  EXPECT_EQ(there.members, 1U) << "nobody there is told of the others";
  EXPECT_EQ(there.changes, 0U);
  EXPECT_GE(there.reports, 1U);
}

TEST_F(PresenceOverRedis, NumbersAreAddedUp) {
  first.start(options(presence_rule("tea", RoomPresence::count)));
  second.start(options(presence_rule("tea", RoomPresence::count)));
  TestClient ben = second.client("ben");
  ben.join("tea");
  TestClient ann = first.client("ann");
  Told told(ann);
  told.join();
  told.until_clients(2);
  ben.leave("tea");
  told.until_clients(1);
}

TEST_F(PresenceOverRedis, WhoEndsSaysThatItsMembersHaveGone) {
  first.start(options());
  second.start(options());
  TestClient ann = first.client("ann");
  Told told(ann);
  told.join();
  TestClient ben = second.client("ben");
  ben.join("tea");
  told.until({ann.id(), ben.id()});
  second->shutdown(0s);
  EXPECT_EQ(redis.command({"HLEN", "hearth:{tea}:presence"}).integer(), 1) << "before anybody took it for dead";
  told.until({ann.id()});
}

TEST_F(PresenceOverRedis, OneThatIsKilledIsToldAsGone) {
  heartbeat = 1s;
  auto& port = make_shared_state<std::atomic<std::uint16_t>>();
  auto other = std::make_unique<Forked>([&] {
    second.start(options());
    port = second->port();
    while (true) ::pause();
  });
  eventually("the other to listen", [&] { return port != 0; });
  first.start(options());
  TestClient ann = first.client("ann");
  Told told(ann);
  told.join();
  TestClient ben("127.0.0.1:" + std::to_string(port));
  ben.upgrade().authenticate().join("tea");
  told.until({ann.id(), ben.id()});
  other.reset();
  told.until({ann.id()});
  EXPECT_THAT(ann.log().back(), HasSubstr(R"("left":[")" + ben.id()));
  eventually("what it left to be forgotten", [&] {
    return redis.command({"HLEN", "hearth:{tea}:presence"}).integer() == 1;
  });
}

TEST_F(PresenceOverRedis, ARedisThatComesBackEmptyIsNoStormOfLeaves) {
  first.start(options());
  second.start(options());
  TestClient ann = first.client("ann");
  Told told(ann);
  told.join();
  TestClient ben = second.client("ben");
  ben.join("tea");
  told.until({ann.id(), ben.id()});
  redis.kill();
  // What happens here is told meanwhile.
  TestClient cid = first.client("cid");
  cid.join("tea");
  told.until({ann.id(), ben.id(), cid.id()});
  redis.restart();
  eventually("all to be said once more", [&] {
    return redis.command({"HLEN", "hearth:{tea}:presence"}).integer() == 2;
  });
  TestClient dan = second.client("dan");
  dan.join("tea");
  told.until({ann.id(), ben.id(), cid.id(), dan.id()});
  for (const std::string& message : ann.log()) EXPECT_THAT(message, Not(HasSubstr(R"("left")")));
}

TEST_F(PresenceOverRedis, WhoIsCutOffSaysSo) {
  first.start(options());
  redis.kill();
  eventually("the link to be gone", [&] { return first->broker_state() != BrokerState::ready; });
  eventually("a beat to fail", [&] { return first->presence("tea")->get().stale; });
  EXPECT_TRUE(first->metrics().presence.stale);
  EXPECT_GE(first->metrics().presence.failures, 1U);
  TestClient ann = first.client("ann");
  Told told(ann);
  told.join();
  EXPECT_THAT(ann.log().back(), HasSubstr(R"("stale":true)"));
}

}  // namespace
}  // namespace hearth::test
