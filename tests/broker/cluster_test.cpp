// Servers joined by a broker, as their clients see it.

#include "hearth/emitter.hpp"
#include "hearth/redis_broker.hpp"
#include "support/coroutines.hpp"
#include "support/redis_server.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <atomic>

namespace hearth::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Options joined_to(std::shared_ptr<Broker> broker) {
  Options options;
  options.threads = 2;
  options.client_publish = true;
  options.validate_room = allow_all;
  options.broker = std::move(broker);
  return options;
}

struct Cluster : testing::Test {
  RedisServer redis;
  TestServer one;
  TestServer other;

  std::shared_ptr<Broker> broker() const { return make_redis_broker(redis.url() + "?dead_peer_timeout=900"); }
  void SetUp() override {
    one.start(joined_to(broker()));
    other.start(joined_to(broker()));
  }
  /// What has been sent on either has arrived on both.
  void settle(std::vector<TestClient*> clients) {
    static std::atomic<int> number{0};
    for (TestServer* server : {&one, &other}) {
      const std::string event = std::string("settled").append(std::to_string(++number));
      (*server)->send(std::nullopt, event, "1");
      for (TestClient* client : clients) client->wait_for(event);
    }
  }
};

std::string message(std::string_view event, std::string_view data) {
  return R"({"event":")" + std::string(event) + R"(","data":)" + std::string(data) + "}";
}

TEST_F(Cluster, SendReachesEveryInstanceAndTheOtherCallsTheirOwn) {
  TestClient here = one.client("ann");
  TestClient there = other.client("ann");
  here.join("r");
  there.join("r");
  one->send("r", "to room", "1");
  one->send(std::nullopt, "to all", "2");
  one->send(there.id(), "to a client there", "3");
  one->send(here.id(), "to a client here", "4");
  one->send_to_room("r", "room", "5");
  one->send_to_user("ann", "user", "6");
  one->broadcast("all", "7");
  EXPECT_EQ(there.next(), message("to room", "1"));
  EXPECT_EQ(there.next(), message("to all", "2"));
  EXPECT_EQ(there.next(), message("to a client there", "3"));
  for (const char* event : {"to room", "to all", "to a client here", "room", "user", "all"}) here.expect(event);
  one->send(std::nullopt, "end", "0");
  EXPECT_EQ(there.next(), message("end", "0"));
  EXPECT_EQ(here.next(), message("end", "0"));
}

TEST_F(Cluster, WhatAClientPublishesReachesMembersEverywhere) {
  TestClient here = one.client("ann");
  TestClient there = other.client();
  here.join("r");
  there.join("r");
  here.send(R"({"event":"publish","data":{"room":"r","event":"chat","data":{ "x" : 1 },"echo":false}})");
  EXPECT_EQ(there.next(), R"({"event":"chat","data":{ "x" : 1 },"from":{"id":")" + here.id() + R"(","userId":"ann"}})");
  there.send(R"({"event":"publish","data":{"room":"r","event":"bare"}})");
  EXPECT_EQ(here.next(), R"({"event":"bare","from":{"id":")" + there.id() + R"("}})");
}

TEST_F(Cluster, WhomAnEmitterExcludesGetsNothingOnAnyInstance) {
  TestClient here = one.client();
  TestClient there = other.client();
  TestClient excluded_here = one.client();
  TestClient excluded_there = other.client();
  for (TestClient* client : {&here, &there, &excluded_here, &excluded_there}) client->join("r");
  Emitter emitter(redis.url());
  const std::vector<std::string> exclude{excluded_here.id(), excluded_there.id()};
  emitter.to_room("r", "room", 1, exclude);
  emitter.broadcast("all", 2, exclude);
  emitter.broadcast("end", 3).get();
  for (TestClient* client : {&here, &there}) {
    for (const char* event : {"room", "all", "end"}) client->expect(event);
  }
  for (TestClient* client : {&excluded_here, &excluded_there}) client->expect("end");
}

TEST_F(Cluster, AJoinThatIsAcknowledgedIsComplete) {
  TestClient there = other.client();
  for (int i = 0; i < 200; ++i) {
    const std::string room = std::string("room").append(std::to_string(i));
    there.join(room);
    one->send(room, "at once", "1");
    EXPECT_EQ(there.next(), message("at once", "1"));
  }
}

TEST_F(Cluster, AClientThatHasBeenWelcomedIsReached) {
  for (int i = 0; i < 50; ++i) {
    TestClient there = other.client();
    one->send(there.id(), "at once", "1");
    EXPECT_EQ(there.next(), message("at once", "1"));
  }
}

TEST_F(Cluster, RequestsAreAnsweredInOrderWhileAJoinWaitsForItsSubscription) {
  TestClient there = other.client();
  for (int i = 0; i < 20; ++i) {
    const std::string room = '"' + std::string("o").append(std::to_string(i)) + '"';
    there.send(R"({"event":"join","data":{"rooms":[)" + room + R"(]},"id":"j"})");
    there.send(R"({"event":"leave","data":{"rooms":[)" + room + R"(]},"id":"l"})");
  }
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(there.next(), HasSubstr(R"("id":"j"})"));
    EXPECT_THAT(there.next(), HasSubstr(R"("id":"l"})"));
  }
}

TEST_F(Cluster, ClientsThatGoWhileTheyWaitLeaveNothingBehind) {
  redis.pause();
  for (int i = 0; i < 20; ++i) {
    TestClient client = other.connect();
    client.send(envelope("authenticate", R"({"userId":"gone"})"));
    client.round_trip();
    client.drop(i % 2 == 0);
  }
  redis.resume();
  eventually("the clients to be gone", [&] { return other->statistics().connections_open == 0; });
  EXPECT_THAT(other->clients(), IsEmpty());
  TestClient last = other.client("ann");
  settle({&last});
}

TEST_F(Cluster, ASubscriptionIsGivenUpAfterItsLastMember) {
  TestServer third;
  third.start(joined_to(make_redis_broker(redis.url() + "?unsubscribe_delay=50")));
  {
    TestClient client = third.client("bob");
    client.join("r");
    EXPECT_EQ(third->broker_statistics().subscriptions, 6U) << "two for its id, its user, r, and two default rooms";
    client.drop();
  }
  eventually("no subscription", [&] { return third->broker_statistics().subscriptions == 0; });
  EXPECT_EQ(redis.command({"PUBSUB", "CHANNELS", "ws:user:*"}).integer(), 0);
}

TEST_F(Cluster, WithRedisAwayClientsComeAndJoinAndReachEachOtherHere) {
  TestClient early = one.client();
  early.join("r");
  redis.kill();
  eventually("the state to be degraded", [&] { return one->broker_state() == BrokerState::degraded; });
  TestClient late = one.client("ann");
  late.join("r");
  one->send("r", "on its own", "1");
  EXPECT_EQ(early.next(), message("on its own", "1"));
  EXPECT_EQ(late.next(), message("on its own", "1"));
  redis.restart();
  eventually("both to be ready",
             [&] { return one->broker_state() == BrokerState::ready && other->broker_state() == BrokerState::ready; });
  other->send("r", "again", "2");
  EXPECT_EQ(late.wait_for("again"), message("again", "2"));
  EXPECT_EQ(early.wait_for("again"), message("again", "2"));
}

TEST_F(Cluster, TheApplicationIsToldOfAGap) {
  for (const bool coroutine : {false, true}) {
    std::atomic<int> gaps{0};
    const std::function<void(const BrokerGap&)> note = [&](const BrokerGap& gap) {
      gaps += gap.from <= gap.to ? 1 : 100;
    };
    TestServer third;
    Options options = joined_to(broker());
    options.broker_gap = coroutine ? as_coroutine<void, BrokerGap>(note) : Handler<void, BrokerGap>(note);
    third.start(std::move(options));
    redis.command({"CLIENT", "KILL", "TYPE", "pubsub"});
    eventually("the handler to be called", [&] { return gaps == 1; });
    EXPECT_EQ(third.log().count("may have been missed"), 1U);
  }
}

TEST_F(Cluster, TheHandlerThatIsToldOfAGapMayShutDown) {
  for (const bool coroutine : {false, true}) {
    std::atomic<bool> returned{false};
    TestServer third;
    Server* server = nullptr;
    const std::function<void(const BrokerGap&)> shut_down = [&](const BrokerGap&) {
      server->shutdown(std::chrono::seconds(1));
      returned = true;
    };
    Options options = joined_to(broker());
    options.broker_gap = coroutine ? as_coroutine<void, BrokerGap>(shut_down) : Handler<void, BrokerGap>(shut_down);
    server = &third.make(std::move(options));
    server->start();
    redis.command({"CLIENT", "KILL", "TYPE", "pubsub"});
    eventually("the handler to return", [&] { return returned.load(); });
    third.destroy();
  }
}

TEST_F(Cluster, AServerWhoseBrokerDoesNotStartDoesNotStart) {
  TestServer third;
  Server& server = third.make(
      joined_to(make_redis_broker("redis://127.0.0.1:" + std::to_string(free_port()) + "?ready_timeout=200")));
  EXPECT_EQ(server.broker_state(), BrokerState::stopped);
  EXPECT_THROW(server.start(), std::runtime_error);
  EXPECT_EQ(server.broker_state(), BrokerState::stopped);
}

TEST(ServersOfOneProcess, AreJoinedByALocalBroker) {
  const LocalExchange exchange;
  TestServer one;
  TestServer other;
  one.start(joined_to(make_local_broker(exchange)));
  other.start(joined_to(make_local_broker(exchange)));
  TestClient there = other.client();
  there.join("r");
  one->send("r", "near", "1");
  EXPECT_EQ(there.next(), message("near", "1"));
}

TEST(AServerAlone, IsReadyWithoutABroker) {
  TestServer server;
  server.make({});
  EXPECT_EQ(server->broker_state(), BrokerState::stopped);
  server->start();
  EXPECT_EQ(server->broker_state(), BrokerState::ready);
}

}  // namespace
}  // namespace hearth::test
