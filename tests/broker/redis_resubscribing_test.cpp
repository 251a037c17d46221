// What waited during an outage of Redis, and whether the others get it.

#include "broker/redis_load.hpp"
#include "hearth/emitter.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <string>
#include <vector>

namespace hearth::test {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kWaiting = 20'000;  // bytes that do not wait for a moment alone: some hundred messages

/// How often Redis has been asked how many subscribe to everybody's channel.
int counts_asked(const RedisServer& server) {
  const std::string stats(server.command({"INFO", "commandstats"}).text());
  constexpr std::string_view kBefore = "cmdstat_pubsub|numsub:calls=";
  const std::size_t at = stats.find(kBefore);
  return at == std::string::npos ? 0 : std::stoi(stats.substr(at + kBefore.size()));
}

/// A broker that is slow to come back after an outage.
std::shared_ptr<Broker> slow_broker_for(const RedisServer& server) {
  RedisOptions options = RedisOptions::from_url(server.url());
  options.backoff_min = options.backoff_max = milliseconds(1000);
  return make_redis_broker(options);
}

constexpr std::string_view kLongHold = "&resubscribe_time=600000";

/// Has each of so many brokers asked how many there are, once more.
void await_counts(const RedisServer& server, int brokers) {
  const int before = counts_asked(server);
  eventually("the subscribers to be counted", [&] { return counts_asked(server) >= before + 2 * brokers; });
}

TEST(RedisResubscribing, WhatWaitedGoesOutWhenTheOthersHaveSubscribedAgain) {
  RedisServer server;
  Probe one(broker_for(server, kLongHold));
  Probe other(slow_broker_for(server));
  other.start();
  one.start();
  constexpr int kRooms = 3000;  // so many that subscribing takes more than one turn of Redis
  std::vector<std::string> names;
  for (int i = 0; i < kRooms; ++i) names.push_back(std::to_string(i));
  std::vector<BrokerAddress> rooms;
  for (const std::string& name : names) rooms.push_back(room(name));
  std::atomic<bool> subscribed{false};
  EXPECT_FALSE(other->subscribe(rooms, [&] { subscribed = true; }));
  eventually("the subscriptions", [&] { return subscribed.load(); });
  await_counts(server, 2);
  server.kill();
  await_degraded(one);
  // Of the two links the one that publishes may be the later to notice.
  eventually("messages to wait", [&] {
    one.publish(room("nobody"), "n");
    return one->statistics().queued_bytes > kWaiting;
  });
  for (int i = 0; i < kRooms; ++i) one.publish(room(std::to_string(i)), "waited", std::to_string(i));
  server.restart();
  eventually("the link to be back", [&] { return server.clients_named("hearth:publish") == 1; });
  one.publish(room(std::to_string(kRooms - 1)), "later", std::to_string(kRooms));
  await_ready(one);
  one.flush_to(other);
  const auto got = numbers(other);
  EXPECT_EQ(got.size(), std::size_t{kRooms} + 1);
  EXPECT_TRUE(rises_strictly(got));
}

TEST(RedisResubscribing, WhatAnEmitterSentWaitsForTheInstancesToo) {
  RedisServer server;
  Probe one(slow_broker_for(server));
  one.start();
  Emitter emitter(server.url() + "?dead_peer_timeout=900" + std::string(kLongHold));
  emitter.wait_until_ready();
  await_counts(server, 2);
  server.kill();
  std::future<EmitResult> result;
  eventually("a message to wait", [&] {
    result = emitter.broadcast("waited");
    return result.wait_for(milliseconds(100)) == std::future_status::timeout;
  });
  server.restart();
  EXPECT_EQ(result.get().receivers, 1);
  eventually("what waited", [&] { return one.count("everybody  waited") == 1; });
}

TEST(RedisResubscribing, WhatInstancesSayWaitsWithTheRest) {
  RedisServer server;
  Probe one(broker_for(server, kLongHold));
  Probe other(slow_broker_for(server));
  other.start();
  one.start();
  await_counts(server, 2);
  server.kill();
  eventually("messages to wait", [&] {
    one.publish(room("nobody"), "n");
    return one->statistics().queued_bytes > kWaiting;
  });
  one.publish({}, "before");
  EXPECT_TRUE(one->control(JsonView::trusted(R"({"op":"said"})")));
  server.restart();
  one.flush_to(other);
  EXPECT_THAT(other.taken(), testing::ElementsAre("everybody  before", "control said"));
}

TEST(RedisResubscribing, WhatWaitedIsHeldNoLongerThanIsSaid) {
  RedisServer server;
  Probe one(broker_for(server, "&resubscribe_time=500"));
  one.start();
  {
    Probe other(broker_for(server));
    other.start();
    await_counts(server, 2);
    server.kill();
    await_degraded(one);
  }
  server.restart();
  const auto back = std::chrono::steady_clock::now();
  await_ready(one);
  EXPECT_GE(std::chrono::steady_clock::now() - back, milliseconds(400));
}

TEST(RedisResubscribing, AnInstanceAloneIsNotHeldUp) {
  RedisServer server;
  Probe one(broker_for(server, kLongHold));
  one.start();
  await_counts(server, 1);
  server.kill();
  await_degraded(one);
  server.restart();
  await_ready(one);
}

// Not even for its own subscriptions, which Redis does not let come back here.
TEST(RedisResubscribing, AnInstanceAloneDoesNotWaitForItself) {
  const RedisServer server;
  Probe one(broker_for(server, kLongHold));
  one.start();
  await_counts(server, 1);
  server.command({"ACL", "SETUSER", "default", "-subscribe"});
  for (const std::string_view type : {"pubsub", "normal"}) {
    server.command({"CLIENT", "KILL", "TYPE", type, "SKIPME", "yes"});
  }
  await_degraded(one);
  const std::uint64_t before = one->statistics().published;
  eventually("messages to go out", [&] {
    one.publish(room("r"), "n");
    return one->statistics().published > before + 5;
  });
  EXPECT_EQ(one->state(), BrokerState::degraded);
}

TEST(RedisResubscribing, WithoutPermissionToCountTheWholeTimeIsWaited) {
  RedisServer server;
  const auto limit = [&] {
    server.command({"ACL", "SETUSER", "hearth", "on", ">pw", "resetchannels", "&ws:*", "+publish", "+subscribe",
                    "+psubscribe", "+unsubscribe", "+ping"});
  };
  limit();
  Probe one(make_redis_broker("redis://hearth:pw@127.0.0.1:" + std::to_string(server.port()) +
                              "?dead_peer_timeout=900&resubscribe_time=500"));
  one.start();
  server.kill();
  await_degraded(one);
  server.restart();
  limit();
  const auto back = std::chrono::steady_clock::now();
  await_ready(one);
  EXPECT_GE(std::chrono::steady_clock::now() - back, milliseconds(400));
}

TEST(RedisResubscribing, StoppingSendsWhatIsHeld) {
  RedisServer server;
  Probe one(broker_for(server, kLongHold));
  Probe other(broker_for(server, "&resubscribe_time=0"));
  Probe third(broker_for(server));
  one.start();
  other.start();
  third.start();
  await_counts(server, 3);
  server.kill();
  await_degraded(one);
  await_degraded(other);  // or it would be taken for ready again before it has noticed
  third->stop();
  server.restart();
  await_ready(other);
  // Once its link is whole it asks again and again how many have subscribed; one that is not yet sends nothing at the
  // end.
  eventually("the link to be back", [&] {
    const std::string stats(server.command({"INFO", "commandstats"}).text());
    constexpr std::string_view kCalls = "cmdstat_pubsub|numsub:calls=";
    const std::size_t at = stats.find(kCalls);
    return at != std::string::npos && std::stoi(stats.substr(at + kCalls.size())) >= 4;
  });
  one.publish({}, "held");
  EXPECT_EQ(one->state(), BrokerState::degraded);
  one->stop();
  eventually("what was held", [&] { return other.count("everybody  held") == 1; });
}

}  // namespace
}  // namespace hearth::test
