// The Redis broker with Sentinels and with a Cluster, against processes of the tests' own.

#include "broker/probe.hpp"
#include "broker/redis_cluster.hpp"
#include "broker/sentinel.hpp"
#include "hearth/redis_broker.hpp"
#include "support/redis_server.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace hearth::test {
namespace {

using testing::HasSubstr;

struct RedisSentinel : testing::Test {
  RedisServer master;
  Replica replica{master};
  const Sentinel first{master.port()};
  const Sentinel second{master.port()};
  const Sentinel third{master.port()};

  void SetUp() override {
    for (const Sentinel* sentinel : {&first, &second, &third}) {
      eventually("the Sentinels to know each other and the replica", [&] {
        const auto sentinels = sentinel->ask({"SENTINEL", "sentinels", "main"});
        const auto replicas = sentinel->ask({"SENTINEL", "replicas", "main"});
        return sentinels.integer() == 2 && replicas.integer() == 1;
      });
    }
  }

  std::string url() const {
    return "redis-sentinel://127.0.0.1:" + std::to_string(free_port()) + ",127.0.0.1:" + std::to_string(first.port()) +
           "/main?dead_peer_timeout=900&connect_timeout=1000";
  }
};

TEST_F(RedisSentinel, FollowsAFailover) {
  Probe one(make_redis_broker(url()));
  Probe other(make_redis_broker(url()));
  one.start();
  other.start();
  other.subscribe(room("r"));
  EXPECT_EQ(master.clients_named("hearth:"), 4U);
  master.kill();
  eventually("the broker to notice",
             [&] { return one->state() == BrokerState::degraded && other->state() == BrokerState::degraded; });
  one.publish(room("r"), "waits");
  eventually("the new master to be used",
             [&] { return one->state() == BrokerState::ready && other->state() == BrokerState::ready; });
  EXPECT_EQ(replica.clients_named("hearth:"), 4U);
  one.publish(room("r"), "goes on");
  one.flush_to(other);
  EXPECT_EQ(other.count("room r goes on"), 1U);
  EXPECT_EQ(other.gaps().size(), 1U);
}

TEST_F(RedisSentinel, FollowsAFailoverThatLeavesTheOldMasterAlive) {
  Probe one(make_redis_broker(url()));
  Probe other(make_redis_broker(url()));
  one.start();
  other.start();
  EXPECT_EQ(first.ask({"SENTINEL", "failover", "main"}).text(), "OK");
  eventually("both to be at the new master", [&] { return replica.clients_named("hearth:") == 4; });
  eventually("both to be ready",
             [&] { return one->state() == BrokerState::ready && other->state() == BrokerState::ready; });
  one.flush_to(other);
  EXPECT_EQ(master.clients_named("hearth:"), 0U);
}

TEST_F(RedisSentinel, SaysThatNobodyKnowsTheMaster) {
  std::string wrong = url();
  wrong.replace(wrong.find("/main"), 5, "/mian");
  Probe probe(make_redis_broker(wrong + "&ready_timeout=500"));
  try {
    probe.start();
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("no Sentinel tells where the master `mian` is"));
    EXPECT_THAT(error.what(), HasSubstr("it knows no such master"));
  }
}

TEST(RedisSentinels, HaveAPasswordOfTheirOwn) {
  const RedisServer master({"--requirepass", "masterpw"});
  const Sentinel sentinel(master.port(), "requirepass sentinelpw\nsentinel auth-pass main masterpw\n");
  std::string url = sentinel.url() + "&ready_timeout=500&sentinel_password=sentinelpw";
  url.insert(url.find("//") + 2, ":masterpw@");
  Probe one(make_redis_broker(url));
  one.start();
  EXPECT_EQ(one->state(), BrokerState::ready);
}

// What Sentinels say is one way to notice; that the master itself is none any more is the other.
TEST(RedisSentinels, ADemotedMasterIsLeftWhenNoSentinelAnswers) {
  const RedisServer elsewhere;
  const RedisServer master;
  std::optional<Sentinel> sentinel(master.port());
  Probe one(make_redis_broker(sentinel->url()));
  one.start();
  sentinel.reset();
  master.command({"REPLICAOF", "127.0.0.1", std::to_string(elsewhere.port())});
  eventually("the broker to notice", [&] { return one->state() == BrokerState::degraded; });
  eventually("the reason", [&] { return one.logged("it is no master any more") == 1; });
}

// Cut off from the Sentinels, or just not told yet, the old master goes on as if nothing had been.
TEST(RedisSentinels, AMasterThatDoesNotKnowThatItIsNoneIsLeft) {
  const RedisServer master({"--rename-command", "REPLICAOF", "", "--rename-command", "SLAVEOF", ""});
  const Replica replica(master);
  const Sentinel sentinel(master.port(), {}, 1);
  Probe one(make_redis_broker(sentinel.url()));
  one.start();
  eventually("a failover to begin", [&] { return sentinel.ask({"SENTINEL", "failover", "main"}).text() == "OK"; });
  eventually("the new master to be used", [&] { return replica.clients_named("hearth:") == 2; });
  eventually("the broker to be ready", [&] { return one->state() == BrokerState::ready; });
  EXPECT_EQ(master.command({"ROLE"}).text(1), "master");
  EXPECT_EQ(master.clients_named("hearth:"), 0U);
}

struct RedisCluster : testing::Test {
  ClusterServers cluster;
  RedisServer& first = cluster.node(0);
  RedisServer& second = cluster.node(1);
  RedisServer& third = cluster.node(2);

  static std::string url(const RedisServer& node) {
    return "redis-cluster://127.0.0.1:" + std::to_string(node.port()) +
           "?dead_peer_timeout=900&connect_timeout=1000&resubscribe_time=300";
  }
};

TEST_F(RedisCluster, JoinsThroughDifferentNodes) {
  Probe one(make_redis_broker(url(first)));
  Probe other(make_redis_broker(url(second)));
  one.start();
  other.start();
  other.subscribe(room("r"));
  for (int i = 0; i < 100; ++i) one.publish(room("r"), "n");
  one.flush_to(other);
  EXPECT_EQ(other.count("room r n"), 100U);
}

TEST_F(RedisCluster, FollowsTheLossOfANode) {
  Probe one(make_redis_broker(url(first)));
  Probe other(make_redis_broker(url(third)));
  one.start();
  other.start();
  other.subscribe(room("r"));
  one.flush_to(other);
  first.kill();
  eventually("the broker to notice", [&] { return one->state() == BrokerState::degraded; });
  one.publish(room("r"), "waits");
  eventually("another node to be used", [&] { return one->state() == BrokerState::ready; });
  // Its other link may not have noticed yet when the message was given to it.
  eventually("what waited", [&] { return other.count("room r waits") + one->statistics().unconfirmed == 1; });
  one.publish(room("r"), "goes on");
  one.flush_to(other);
  EXPECT_EQ(other.count("room r goes on"), 1U);
  EXPECT_EQ(one.gaps().size(), 1U);
  EXPECT_EQ(other.gaps().size(), 0U);
}

// A Cluster's replicas pass on what is published, so that a link may be to any of them.
TEST_F(RedisCluster, AReplicaIsAsGoodAsAMaster) {
  const auto attached = cluster.attach(0);
  const RedisServer& replica = *attached;
  // What is published at a node reaches those that it is connected with by then.
  const auto knows_all = [](const RedisServer& node) { return ClusterServers::connected_nodes(node) == 4; };
  eventually("the others to know all", [&] {
    return std::all_of(cluster.nodes().begin(), cluster.nodes().end(), knows_all) && knows_all(replica);
  });
  Probe one(make_redis_broker(url(replica)));
  Probe other(make_redis_broker(url(second)));
  one.start();
  other.start();
  const auto pings = [&] {
    const std::string stats(replica.command({"INFO", "commandstats"}).text());
    const std::size_t at = stats.find("cmdstat_ping:calls=");
    return at == std::string::npos ? 0 : std::stoi(stats.substr(at + std::string_view("cmdstat_ping:calls=").size()));
  };
  const int before = pings();
  eventually("pings", [&] { return pings() > before + 4; });
  EXPECT_EQ(one->state(), BrokerState::ready);
  EXPECT_TRUE(one.gaps().empty());
  other.subscribe(room("r"));
  one.publish(room("r"), "through a replica");
  one.flush_to(other);
  other.flush_to(one);
  EXPECT_EQ(other.count("room r through a replica"), 1U);
  EXPECT_EQ(replica.clients_named("hearth:"), 2U);
}

// What was a node may be something else by now, another Cluster's for one.
TEST_F(RedisCluster, NodesThatItDoesNotNameAnyMoreAreForgotten) {
  Probe one(make_redis_broker(url(first)));
  one.start();
  EXPECT_EQ(first.clients_named("hearth:"), 2U);
  const std::string id(third.command({"CLUSTER", "MYID"}).text());
  third.command({"CLUSTER", "RESET", "HARD"});
  eventually("it to be no node any more", [&] {
    first.command({"CLUSTER", "FORGET", id});
    second.command({"CLUSTER", "FORGET", id});
    return first.command({"CLUSTER", "SLOTS"}).integer() == 2 && second.command({"CLUSTER", "SLOTS"}).integer() == 2;
  });
  for (int i = 0; i < 2; ++i) {  // so that it looks at the Cluster again, at each of its nodes
    for (const RedisServer* node : {&first, &second})
      node->command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
    for (const RedisServer* node : {&first, &second}) node->command({"CLIENT", "KILL", "TYPE", "pubsub"});
    eventually("both links to be back", [&] {
      return one->state() == BrokerState::ready &&
             first.clients_named("hearth:") + second.clients_named("hearth:") == 2;
    });
  }
  const auto visits = [&] {
    const std::string stats(third.command({"INFO", "commandstats"}).text());
    const std::size_t at = stats.find("cmdstat_client|setname");
    return at == std::string::npos ? std::string() : stats.substr(at, 40);
  };
  const std::string before = visits();
  first.kill();
  second.kill();
  // Each round of attempts begins with the first.
  eventually("many attempts", [&] { return one.logged("Connection refused") > 0; });
  second.restart();
  eventually("it to be back", [&] { return second.clients_named("hearth:") == 2; });
  EXPECT_EQ(visits(), before);
}

}  // namespace
}  // namespace hearth::test
