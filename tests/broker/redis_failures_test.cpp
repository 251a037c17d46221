// The Redis broker with what Redis refuses, breaks or cuts into pieces, against redis-server processes of the tests'
// own.

#include "broker/redis_load.hpp"
#include "support/trickle_proxy.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <atomic>
#include <new>
#include <stdexcept>
#include <thread>

namespace hearth::test {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

/// What `start` says when it fails.
std::string failure_of(const std::shared_ptr<Broker>& broker) {
  Probe probe(broker);
  try {
    probe.start();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "it did not fail";
}

TEST(RedisFailures, StartSaysThatNobodyListens) {
  const std::string url = "redis://127.0.0.1:" + std::to_string(free_port());
  EXPECT_THAT(failure_of(make_redis_broker(url + "?ready_timeout=300")),
              testing::MatchesRegex("Redis client did not become ready within 300ms "
                                    "\\(127\\.0\\.0\\.1:[0-9]+: Connection refused\\)"));
}

TEST(RedisFailures, StartSaysThatTheServerDoesNotAnswer) {
  RedisServer server;
  server.pause();
  EXPECT_THAT(failure_of(broker_for(server, "&ready_timeout=500&connect_timeout=200")),
              HasSubstr("within 500ms (127.0.0.1:" + std::to_string(server.port()) + ": no connection within 200ms"));
  server.resume();
}

TEST(RedisFailures, StartSaysThatThePasswordIsWrongOrMissing) {
  const RedisServer server({"--requirepass", "secret"});
  const std::string host = "127.0.0.1:" + std::to_string(server.port()) + "?ready_timeout=300";
  const std::string wrong = failure_of(make_redis_broker("redis://:guess@" + host));
  EXPECT_THAT(wrong, HasSubstr("AUTH was refused: \"WRONGPASS"));
  EXPECT_THAT(wrong, testing::Not(HasSubstr("guess")));
  EXPECT_THAT(failure_of(make_redis_broker("redis://" + host)), HasSubstr("NOAUTH"));
  Probe(make_redis_broker("redis://:secret@" + host)).start();
}

TEST(RedisFailures, AUserMayBeLimitedToWhatIsNeeded) {
  const RedisServer server;
  server.command({"ACL", "SETUSER", "hearth", "on", ">pw", "resetchannels", "&ws:*", "+publish", "+subscribe",
                  "+psubscribe", "+unsubscribe", "+ping"});
  const std::string url = "redis://hearth:pw@127.0.0.1:" + std::to_string(server.port());
  Probe one(make_redis_broker(url));
  Probe other(make_redis_broker(url));
  one.start().flush_to(other.start());
}

TEST(RedisFailures, StartSaysThatSubscribingIsForbidden) {
  const RedisServer server;
  server.command({"ACL", "SETUSER", "pub", "on", ">pw", "+@all", "-subscribe", "-psubscribe", "&*"});
  EXPECT_THAT(
      failure_of(make_redis_broker("redis://pub:pw@127.0.0.1:" + std::to_string(server.port()) + "?ready_timeout=300")),
      HasSubstr("the subscription was refused: \"NOPERM"));
}

TEST(RedisFailures, ARoomThatMayNotBeSubscribedToIsLeftOut) {
  const RedisServer server;
  server.command({"ACL", "SETUSER", "some", "on", ">pw", "+@all", "resetchannels", "&ws:broadcast", "&ws:room:open"});
  Probe one(broker_for(server));
  Probe other(make_redis_broker("redis://some:pw@127.0.0.1:" + std::to_string(server.port())));
  one.start();
  other.start();
  other.subscribe(room("closed"));
  other.subscribe(room("open"));
  one.publish(room("closed"), "no");
  one.publish(room("open"), "yes");
  one.flush_to(other);
  EXPECT_THAT(other.taken(), testing::ElementsAre("room open yes"));
  EXPECT_EQ(other.logged(R"(Redis refused to subscribe to "ws:room:closed": "NOPERM)"), 1U);
  EXPECT_EQ(other->state(), BrokerState::ready);
}

TEST(RedisFailures, StartSaysThatThereAreTooManyClientsAndWorksOnceThereAreFewer) {
  const RedisServer server({"--maxclients", "3"});
  {
    Probe first(broker_for(server));
    first.start();
    EXPECT_THAT(failure_of(broker_for(server, "&ready_timeout=400")), HasSubstr("max number of clients reached"));
  }
  Probe second(broker_for(server));
  second.start();
  EXPECT_EQ(second->state(), BrokerState::ready);
}

TEST(RedisFailures, UnsubscribingWaitsSoThatChurnCostsNothing) {
  const RedisServer server;
  Probe one(broker_for(server, "&unsubscribe_delay=300"));
  one.start();
  const auto subscribers = [&] { return server.command({"PUBSUB", "NUMSUB", "ws:room:r"}).integer(2); };
  const auto calls = [&] {
    const std::string stats(server.command({"INFO", "commandstats"}).text());
    const std::size_t at = stats.find("cmdstat_subscribe:calls=");
    return at == std::string::npos ? std::string() : stats.substr(at, stats.find(',', at) - at);
  };
  one.subscribe(room("r"));
  const std::string once = calls();
  for (int i = 0; i < 100; ++i) {
    one.unsubscribe(room("r"));
    one.subscribe(room("r"));
  }
  EXPECT_EQ(calls(), once);
  one.unsubscribe(room("r"));
  EXPECT_EQ(subscribers(), 1);
  eventually("the subscription to be given up", [&] { return subscribers() == 0; });
  EXPECT_EQ(one->statistics().subscriptions, 0U);
}

TEST(RedisFailures, BrokenEnvelopesAreDroppedCountedAndLoggedOnceASecond) {
  const RedisServer server;
  Probe one(broker_for(server));
  Probe other(broker_for(server));
  one.start();
  other.start();
  other.subscribe(room("r"));
  for (const std::string_view junk :
       {"", "junk", "[]", "null", "{}", R"({"serverId":1,"event":"e"})", R"({"serverId":"a","type":"room"})",
        R"({"serverId":"a","type":"room","target":"r","event":""})",
        R"({"serverId":"a","type":"broadcast","event":"","data":1})", "{\"serverId\":\"a\",\"event\":\"\xff\"}"}) {
    server.command({"PUBLISH", "ws:room:r", junk});
    server.command({"PUBLISH", "ws:broadcast", junk});
  }
  // These are envelopes, and for nobody.
  server.command({"PUBLISH", "ws:room:r", R"({"serverId":"a","type":"herd","target":"r","event":"e"})"});
  server.command({"PUBLISH", "ws:room:r", R"({"serverId":"a","type":"room","event":"e"})"});
  one.flush_to(other);
  EXPECT_THAT(other.taken(), IsEmpty());
  EXPECT_EQ(other->statistics().malformed, 20U);
  EXPECT_EQ(other.logged("that is no envelope"), 1U);
  eventually("the others to be told of",
             [&] { return other.logged(R"(on channel "ws:broadcast" (and 18 more like it))") == 1; });
  EXPECT_EQ(other.logged("that is no envelope"), 2U);
}

TEST(RedisFailures, WhatRedisIsToldInARoomsNameDoesNotForgeLinesOfTheLog) {
  const RedisServer server;
  Probe one(broker_for(server));
  one.start();
  const std::string name = "r\nerror: all is lost \x1b[31m" + std::string(1000, 'x');
  one.subscribe(room(name));
  server.command({"PUBLISH", "ws:room:" + name, "junk"});
  eventually("a line", [&] { return one.logged("that is no envelope") == 1; });
  for (const std::string& line : one.log_lines()) {
    EXPECT_THAT(line, testing::Not(testing::ContainsRegex("[\n\x1b]")));
    EXPECT_LT(line.size(), 600U);
  }
}

TEST(RedisFailures, WhatRedisRefusesIsCountedAndLoggedOnceASecond) {
  const RedisServer server;
  server.command({"ACL", "SETUSER", "some", "on", ">pw", "+@all", "resetchannels", "&ws:broadcast"});
  Probe one(make_redis_broker("redis://some:pw@127.0.0.1:" + std::to_string(server.port())));
  Probe other(broker_for(server));
  one.start().flush_to(other.start());
  for (int i = 0; i < 50; ++i) one.publish(room("r"), "e");
  one.flush_to(other);
  eventually("every answer", [&] { return one->statistics().published == 2; });
  EXPECT_EQ(one->statistics().refused, 50U);
  EXPECT_EQ(one.logged("Redis refused a message: \"NOPERM"), 1U);
}

TEST(RedisFailures, WhoMayNotHearWhatInstancesSayWorksWithoutIt) {
  const RedisServer server;
  server.command({"ACL", "SETUSER", "some", "on", ">pw", "+@all", "resetchannels", "&ws:broadcast", "&ws:room:*"});
  Probe one(broker_for(server));
  Probe other(make_redis_broker("redis://some:pw@127.0.0.1:" + std::to_string(server.port())));
  one.start();
  other.start();
  other.subscribe(room("r"));
  one->control(JsonView::trusted(R"({"op":"hello"})"));
  one.publish(room("r"), "yes");
  one.flush_to(other);
  EXPECT_THAT(other.taken(), testing::ElementsAre("room r yes"));
  EXPECT_THAT(other.controls(), IsEmpty());
  EXPECT_FALSE(other->statistics().control);
  EXPECT_TRUE(one->statistics().control);
  EXPECT_EQ(other.logged("Redis refused to subscribe to ws:control"), 1U);
  server.command({"CLIENT", "KILL", "TYPE", "pubsub"});
  eventually("the gap", [&] { return other.gaps().size() == 1; });
  EXPECT_EQ(other.logged("ws:control"), 1U) << "once is enough";
  server.command({"ACL", "SETUSER", "some", "&ws:control"});
  server.command({"CLIENT", "KILL", "TYPE", "pubsub"});
  eventually("it to hear again", [&] { return other->statistics().control; });
}

TEST(RedisFailures, WhatIsNoControlMessageIsDropped) {
  const RedisServer server;
  Probe one(broker_for(server));
  Probe other(broker_for(server));
  one.start().flush_to(other.start());
  for (const std::string_view bad :
       {"", "junk", "{}", R"({"serverId":"a","type":"control"})", R"({"serverId":"a","type":"control","op":""})",
        R"({"serverId":1,"type":"control","op":"x"})", R"({"serverId":"a","op":"x"})",
        R"({"serverId":"a","type":"broadcast","event":"e","op":"x"})",
        "{\"serverId\":\"a\",\"type\":\"control\",\"op\":\"\xff\"}"}) {
    server.command({"PUBLISH", "ws:control", bad});
  }
  const std::string long_one =
      R"({"serverId":"a","type":"control","op":"x","text":")" + std::string(kMaxControlSize + 1024, 'x') + "\"}";
  server.command({"PUBLISH", "ws:control", long_one});
  // Elsewhere it is none.
  server.command({"PUBLISH", "ws:broadcast", R"({"serverId":"a","type":"control","event":"e","op":"x"})"});
  server.command({"PUBLISH", "ws:control", R"({"op":"by others","serverId":"a","type":"control"})"});
  one.flush_to(other);
  EXPECT_THAT(other.controls(),
              testing::ElementsAre(R"(a by others {"op":"by others","serverId":"a","type":"control"})"));
  EXPECT_THAT(other.taken(), testing::ElementsAre("control by others"));
  EXPECT_EQ(other->statistics().malformed, 10U);
}

TEST(RedisFailures, AReplicaIsRefused) {
  const RedisServer master;
  const RedisServer replica({"--replicaof", "127.0.0.1 " + std::to_string(master.port())});
  EXPECT_THAT(failure_of(broker_for(replica, "&ready_timeout=300")),
              AllOf(HasSubstr("127.0.0.1:" + std::to_string(replica.port()) + ": it is a replica of \"127.0.0.1\""),
                    HasSubstr("give the master")));
}

TEST(RedisFailures, AReplicaThatIsPromotedIsTaken) {
  const RedisServer master;
  const RedisServer replica({"--replicaof", "127.0.0.1 " + std::to_string(master.port())});
  Probe one(broker_for(replica));
  std::thread starting([&] { one.start(); });
  eventually("the replica to be refused", [&] { return one.logged("it is a replica of") == 1; });
  replica.command({"REPLICAOF", "NO", "ONE"});
  starting.join();
  EXPECT_EQ(one->state(), BrokerState::ready);
}

TEST(RedisFailures, AMasterThatBecomesAReplicaIsLeft) {
  const RedisServer elsewhere;
  const RedisServer server;
  Probe one(broker_for(server));
  one.start();
  server.command({"REPLICAOF", "127.0.0.1", std::to_string(elsewhere.port())});
  await_degraded(one);
  eventually("the reason",
             [&] { return one.logged("it is a replica of") + one.logged("it is no master any more") > 0; });
  server.command({"REPLICAOF", "NO", "ONE"});
  await_ready(one);
}

// Just after a ping was answered: whoever looked at pings alone would notice a third too late.
TEST(RedisFailures, ASilentPeerIsGivenUpInTime) {
  constexpr milliseconds kTimeout{3000};
  RedisServer server;
  Probe one(make_redis_broker(server.url() + "?dead_peer_timeout=" + std::to_string(kTimeout.count())));
  one.start();
  const auto pings = [&] {
    const std::string stats(server.command({"INFO", "commandstats"}).text());
    const std::size_t at = stats.find("cmdstat_role:calls=");
    return at == std::string::npos ? std::string() : stats.substr(at, stats.find(',', at) - at);
  };
  const std::string before = pings();
  eventually("a ping", [&] { return pings() != before; });
  server.pause();
  const auto paused = std::chrono::steady_clock::now();
  await_degraded(one);
  const auto silence = std::chrono::steady_clock::now() - paused;
  server.resume();
  // The last answer may have come up to the next ping before the pause.
  EXPECT_GT(silence, kTimeout * 2 / 3 - milliseconds(100));
  EXPECT_LT(silence, kTimeout * 4 / 3 - milliseconds(50) + (kSanitized ? milliseconds(5000) : milliseconds(0)));
}

TEST(RedisFailures, StopsInTheCallThatTellsOfAGap) {
  const RedisServer server;
  Probe one(broker_for(server));
  one.start();
  one.on_gap([&] {
    one->stop();
    EXPECT_EQ(one->state(), BrokerState::stopped);
  });
  server.command({"CLIENT", "KILL", "TYPE", "pubsub"});
  eventually("the gap", [&] { return one.gaps().size() == 1; });
  const std::size_t lines = one.log_lines().size();
  eventually("its connections to be closed", [&] { return server.clients_named("hearth:") == 0; });
  one->stop();
  EXPECT_EQ(one.log_lines().size(), lines) << "its sink is not called any more";
}

TEST(RedisFailures, StopEndsAStartThatWaits) {
  Probe one(make_redis_broker("redis://127.0.0.1:" + std::to_string(free_port())));
  const auto begun = std::chrono::steady_clock::now();
  std::thread starting([&] {
    EXPECT_THAT([&] { one.start(); },
                testing::ThrowsMessage<std::runtime_error>(HasSubstr("stopped before it became ready (127")));
  });
  eventually("it to try", [&] { return one.logged("Connection refused") == 1; });
  one->stop();
  starting.join();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10)) << "the start has 30";
  EXPECT_EQ(one->state(), BrokerState::stopped);
}

/// Throws whatever it is told.
class ThrowingSink final : public BrokerSink {
 public:
  void message(const BrokerMessage& message) override {
    last = message.event == "last" || last;
    throw 42;
  }
  void gap(std::chrono::system_clock::time_point, std::chrono::system_clock::time_point) override {
    ++gaps;
    throw std::bad_alloc();
  }
  void log(LogLevel, std::string_view) override { throw std::runtime_error("the disk is full"); }

  std::atomic<bool> last{false};
  std::atomic<int> gaps{0};
};

TEST(RedisFailures, ASinkThatAlwaysThrowsEndsNothing) {
  const RedisServer server;
  ThrowingSink sink;
  const std::shared_ptr<Broker> broker = broker_for(server);
  broker->start(sink);
  Probe other(broker_for(server));
  other.start();
  other.publish({}, "first");
  const BrokerAddress address = room("r");
  std::atomic<bool> done{false};
  EXPECT_FALSE(broker->subscribe({&address, 1}, [&] {
    done = true;
    throw std::runtime_error("too late");
  }));
  eventually("the subscription", [&] { return done.load(); });
  server.command({"CLIENT", "KILL", "TYPE", "pubsub"});
  eventually("the gap", [&] { return sink.gaps == 1; });
  await_ready(other);
  other.publish({}, "last");
  eventually("the last message", [&] { return sink.last.load(); });
  EXPECT_EQ(broker->state(), BrokerState::ready);
  broker->stop();
}

TEST(RedisFailures, WhatIsNoRespCostsTheConnection) {
  const TrickleProxy junk(0, "+OK\r\nthis is no RESP\r\n");
  EXPECT_THAT(failure_of(make_redis_broker("redis://127.0.0.1:" + std::to_string(junk.port()) + "?ready_timeout=300")),
              HasSubstr("Redis sent what is no RESP"));
}

TEST(RedisFailures, ASlowLinkKeepsOrder) {
  const RedisServer server;
  const TrickleProxy slow(server.port());
  Probe one(broker_for(server));
  Probe other(make_redis_broker("redis://127.0.0.1:" + std::to_string(slow.port())));
  one.start();
  other.start();
  other.subscribe(room("r"));
  for (int i = 1; i <= 500; ++i) {
    one.publish(room("r"), "n", std::to_string(i));
    other.publish(room("q"), "n", std::to_string(i));
  }
  one.flush_to(other);
  EXPECT_EQ(numbers(other).size(), 500U);
  EXPECT_TRUE(rises_strictly(numbers(other)));
  eventually("what goes the other way", [&] { return other->statistics().published == 500; });
  EXPECT_THAT(other.gaps(), IsEmpty());
}

TEST(RedisFailures, AtRestItCostsNothing) {
  const RedisServer server;
  Probe one(make_redis_broker(server.url()));
  one.start();
  const auto used = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto micros = [](const timeval& time) { return time.tv_sec * 1'000'000 + time.tv_usec; };
    return micros(usage.ru_utime) + micros(usage.ru_stime);
  };
  const auto before = used();
  std::this_thread::sleep_for(milliseconds(1000));  // the time is what is measured
  EXPECT_LT(used() - before, 20'000) << "microseconds in a second";
}

}  // namespace
}  // namespace hearth::test
