// The Redis broker while its Redis is away, slow or flooded.

#include "broker/redis_load.hpp"
#include "support/memory.hpp"

#include <gmock/gmock.h>

namespace hearth::test {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kWaiting = 20'000;  // bytes that do not wait for a moment alone: some hundred messages

TEST(RedisOutages, KilledAndRestartedUnderLoad) {
  RedisServer server;
  Probe one(broker_for(server));
  Probe other(broker_for(server));
  one.start();
  other.start();
  other.subscribe(room("r"));
  Load load(one);
  eventually("messages", [&] { return other.size() > 1000; });
  server.kill();
  await_degraded(one);
  await_degraded(other);
  const int published_when_down = load.published();
  eventually("more load", [&] { return load.published() > published_when_down + 500; });
  server.restart();
  expect_whole(one, other);
  const std::size_t before = other.size();
  eventually("messages again", [&] { return other.size() > before + 500; });
  const int last = load.stop();
  one.flush_to(other);
  const auto got = numbers(other);
  EXPECT_TRUE(rises_strictly(got));
  EXPECT_EQ(got.back(), last);
  EXPECT_EQ(other.gaps().size(), 1U);
  EXPECT_EQ(one->statistics().dropped, 0U);
  eventually("every message to be accounted for", [&] {
    const BrokerStatistics sent = one->statistics();
    const auto flushes = static_cast<std::uint64_t>(other.size()) - got.size();
    return sent.published + sent.unconfirmed == static_cast<std::uint64_t>(last) + flushes;
  });
}

TEST(RedisOutages, WhatIsPublishedWhileTheLinkIsDownGoesOutInOrderWhenItIsBack) {
  RedisServer server;
  Probe one(broker_for(server));
  one.start();
  server.kill();
  await_degraded(one);
  // Of the two links the one that publishes may be the later to notice; what it is given before that is lost, and
  // counted. It has noticed once what waits grows and grows.
  std::uint64_t sent = 0;
  const auto publish = [&] { one.publish(room("r"), "n", std::to_string(++sent)); };
  eventually("messages to wait", [&] {
    publish();
    return one->statistics().queued_bytes > kWaiting;
  });
  const std::uint64_t noticed = sent;
  while (sent < noticed + 3000) publish();
  server.restart();
  await_ready(one);
  eventually("all to be published",
             [&] { return one->statistics().published + one->statistics().unconfirmed == sent; });
  EXPECT_GE(one->statistics().published, 3000U);
  EXPECT_EQ(one->statistics().queued_bytes, 0U);
}

TEST(RedisOutages, ThePausedServerGetsInOrderWhatWaitedForIt) {
  RedisServer server;
  Probe one(broker_for(server));
  Probe other(broker_for(server));
  one.start();
  other.start();
  other.subscribe(room("r"));
  Load load(one);
  eventually("messages", [&] { return other.size() > 500; });
  const auto paused_at = std::chrono::steady_clock::now();
  server.pause();
  await_degraded(one);
  await_degraded(other);
  EXPECT_LT(std::chrono::steady_clock::now() - paused_at, milliseconds(9000));
  server.resume();
  expect_whole(one, other);
  const int last = load.stop();
  one.flush_to(other);
  const auto got = numbers(other);
  EXPECT_TRUE(rises_strictly(got));
  EXPECT_EQ(got.back(), last);
  if (other.gaps().empty()) {  // its link was not yet given up when the server went on
    EXPECT_GE(got.size() + one->statistics().unconfirmed, static_cast<std::size_t>(last));
  }
}

// With the options as they are: in 15 s both links are given up, and then every attempt to come back.
TEST(RedisOutages, APauseOfFifteenSecondsIsSurvivedWithTheDefaultOptions) {
  if (kSanitized) GTEST_SKIP() << "it is about real time";
  RedisServer server;
  Probe one(make_redis_broker(server.url()));
  Probe other(make_redis_broker(server.url()));
  one.start();
  other.start();
  constexpr int kRooms = 500;
  for (int i = 0; i < kRooms; ++i) other.subscribe(room(std::to_string(i)));
  other.subscribe(room("r"));
  Load load(one);
  eventually("messages", [&] { return other.size() > 500; });
  server.pause();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(15);
  std::this_thread::sleep_until(end);
  await_degraded(one);
  await_degraded(other);
  server.resume();
  expect_whole(one, other);
  const int last = load.stop();
  one.flush_to(other);
  const auto got = numbers(other);
  EXPECT_TRUE(rises_strictly(got));
  EXPECT_EQ(got.back(), last);
  EXPECT_EQ(one.gaps().size(), 1U);
  EXPECT_EQ(other.gaps().size(), 1U);
  eventually("every message to be accounted for", [&] {
    const BrokerStatistics sent = one->statistics();
    const auto flushes = static_cast<std::uint64_t>(other.size()) - got.size();
    return sent.published + sent.unconfirmed + sent.dropped == static_cast<std::uint64_t>(last) + flushes;
  });
  for (int i = 0; i < kRooms; ++i) one.publish(room(std::to_string(i)), "again");
  one.flush_to(other);
  EXPECT_EQ(numbers(other).size(), got.size() + kRooms);
}

TEST(RedisOutages, WhenOnlyThePublisherIsKilledNothingIsMissed) {
  RedisServer server;
  Probe one(broker_for(server));
  Probe other(broker_for(server));
  one.start();
  other.start();
  other.subscribe(room("r"));
  Load load(other);
  server.command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  await_degraded(one);
  await_ready(one);
  load.stop();
  for (int i = 1; i <= 100; ++i) one.publish(room("r"), "n", std::to_string(i));
  one.flush_to(other);
  EXPECT_EQ(numbers(other).size(), 100U);
  EXPECT_TRUE(one.gaps().empty());
  EXPECT_TRUE(other.gaps().empty());
}

TEST(RedisOutages, WhenOnlyTheSubscriberIsKilledNothingPublishedIsLost) {
  RedisServer server;
  Probe one(broker_for(server));
  Probe other(broker_for(server));
  one.start();
  other.start();
  for (int i = 0; i < 2000; ++i) other.subscribe(room(std::to_string(i)));
  const auto before = std::chrono::system_clock::now();
  server.command({"CLIENT", "KILL", "TYPE", "pubsub"});
  eventually("the gap", [&] { return one.gaps().size() == 1 && other.gaps().size() == 1; });
  const Probe::Gap gap = other.gaps().front();
  EXPECT_LE(gap.from, before + milliseconds(1));
  EXPECT_GT(gap.to, before);
  expect_whole(one, other);
  for (int i = 0; i < 2000; ++i) one.publish(room(std::to_string(i)), "again");
  one.flush_to(other);
  EXPECT_EQ(other.taken().size(), 2000U);
  EXPECT_EQ(one->statistics().unconfirmed, 0U);
}

TEST(RedisOutages, PastTheBoundTheOldestAreDroppedCountedAndLoggedOnce) {
  RedisServer server;
  Probe one(broker_for(server, "&queue_limit=100000"));
  one.start();
  server.kill();
  await_degraded(one);
  const std::string data = '"' + std::string(1000, 'x') + '"';
  std::uint64_t sent = 0;
  const auto publish = [&] { one.publish(room("r"), "n", data), ++sent; };
  // Until the link that publishes has noticed, too.
  eventually("messages to be dropped", [&] {
    publish();
    return one->statistics().dropped > 0;
  });
  const std::uint64_t first = one->statistics().dropped;
  for (int i = 0; i < 500; ++i) publish();
  const BrokerStatistics full = one->statistics();
  EXPECT_LE(full.queued_bytes, 100'000U);
  EXPECT_GT(full.dropped, first + 400);
  EXPECT_EQ(one.logged("the oldest messages are dropped"), 1U);
  server.restart();
  eventually("the rest to be published", [&] {
    const BrokerStatistics now = one->statistics();
    return now.published + now.dropped + now.unconfirmed == sent;
  });
  EXPECT_EQ(one->statistics().dropped, full.dropped);
}

TEST(RedisOutages, WhoeverWaitsForASubscriptionDoesNotWaitForALinkThatIsDown) {
  RedisServer server;
  Probe one(broker_for(server));
  one.start();
  server.pause();
  std::atomic<bool> done{false};
  const BrokerAddress address = room("r");
  EXPECT_FALSE(one->subscribe({&address, 1}, [&] { done = true; }));
  eventually("the link to be given up", [&] { return done.load(); });
  await_degraded(one);
  EXPECT_TRUE(one->subscribe({&address, 1}, [] { ADD_FAILURE(); })) << "there is nothing to wait for";
  server.resume();
  await_ready(one);
  const auto subscribers = [&] { return server.command({"PUBSUB", "NUMSUB", "ws:room:r"}).integer(2); };
  EXPECT_EQ(subscribers(), 1);
}
/// Counts bytes and keeps nothing.
class Counter final : public BrokerSink {
 public:
  void message(const BrokerMessage& message) override {
    bytes += message.data.text().size();
    ++messages;
  }
  void gap(std::chrono::system_clock::time_point, std::chrono::system_clock::time_point) override { ++gaps; }
  void log(LogLevel, std::string_view) override {}

  std::atomic<std::size_t> bytes{0};
  std::atomic<int> messages{0};
  std::atomic<int> gaps{0};
};

/// How much more memory is used meanwhile than before, at the most, in bytes.
class MemoryGrowth {
 public:
  MemoryGrowth() : before_(resident_memory()) { forget_peak_memory(); }
  std::size_t peak() const { return peak_memory() - std::min(before_, peak_memory()); }

 private:
  const std::size_t before_;
};

constexpr std::size_t kMebibyte = std::size_t{1} << 20;
const std::string kLongData = '"' + std::string(kMebibyte, 'x') + '"';
/// Of 300 MiB that go through, no more may be there at a time than a few times what may wait.
const std::size_t kFloodMemory = 4 * RedisOptions{}.queue_limit;
constexpr int kFlood = kSanitized ? 60 : 300;

TEST(RedisOutages, AFloodOfLongMessagesLeavesMemoryBounded) {
  const RedisServer server({"--client-output-buffer-limit", "pubsub", "0", "0", "0"});
  Probe one(broker_for(server));
  one.start();
  Counter counter;
  const auto other = broker_for(server);
  other->start(counter);
  const MemoryGrowth growth;
  int published = 0;
  while (published < kFlood) {
    if (one->statistics().queued_bytes < RedisOptions{}.queue_limit / 2) {
      one.publish({}, "flood", kLongData);
      ++published;
    } else {
      std::this_thread::yield();
    }
  }
  eventually("the flood to come through", [&] { return counter.messages == kFlood; });
  EXPECT_EQ(counter.bytes, kLongData.size() * kFlood);
  EXPECT_EQ(counter.gaps, 0);
  if (!kSanitized) {
    EXPECT_LT(growth.peak(), kFloodMemory);
  }
  other->stop();
}

TEST(RedisOutages, AFloodThatRedisDoesNotTakeLeavesMemoryBounded) {
  RedisServer server;
  Probe one(make_redis_broker(server.url()));
  one.start();
  server.pause();
  const MemoryGrowth growth;
  for (int i = 0; i < kFlood; ++i) one.publish({}, "flood", kLongData);
  const BrokerStatistics full = one->statistics();
  EXPECT_LE(full.queued_bytes, RedisOptions{}.queue_limit);
  EXPECT_GT(full.dropped, 0U);
  if (!kSanitized) {
    EXPECT_LT(growth.peak(), kFloodMemory);
  }
  server.resume();
  eventually("every message to be accounted for", [&] {
    const BrokerStatistics now = one->statistics();
    return now.published + now.dropped == kFlood;
  });
}
}  // namespace
}  // namespace hearth::test
