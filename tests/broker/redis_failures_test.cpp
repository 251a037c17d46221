// The Redis broker when things break, against redis-server processes of the tests' own.

#include "broker/probe.hpp"
#include "hearth/redis_broker.hpp"
#include "support/redis_server.hpp"
#include "support/trickle_proxy.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <thread>

namespace hearth::test {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::IsEmpty;

std::shared_ptr<Broker> broker_for(const RedisServer& server, std::string_view options = {}) {
  return make_redis_broker(server.url() + "?dead_peer_timeout=900" + std::string(options));
}

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

void await_ready(const Probe& probe) {
  eventually("the broker to be ready", [&] { return probe->state() == BrokerState::ready; });
}
void await_degraded(const Probe& probe) {
  eventually("the broker to be degraded", [&] { return probe->state() == BrokerState::degraded; });
}

/// The numbers at the ends of the messages `room r n <number>`.
std::vector<int> numbers(const Probe& probe) {
  std::vector<int> found;
  for (const std::string& text : probe.taken()) {
    const std::string_view number = std::string_view(text).substr(text.rfind(' ') + 1);
    found.push_back(0);
    std::from_chars(number.data(), number.data() + number.size(), found.back());
  }
  return found;
}

bool rises_strictly(const std::vector<int>& numbers) {
  return std::adjacent_find(numbers.begin(), numbers.end(), std::greater_equal<>()) == numbers.end();
}

/// Publishes numbers to the room `r` until it is told to stop.
class Load {
 public:
  explicit Load(const Probe& probe) : thread_([this, &probe] {
      while (!stop_) {
        probe.publish(room("r"), "n", std::to_string(++published_));
        if (published_ % 50 == 0) std::this_thread::sleep_for(milliseconds(1));
      }
    }) {}
  ~Load() { stop(); }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  int stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
    return published_;
  }
  int published() const { return published_; }

 private:
  std::atomic<bool> stop_{false};
  std::atomic<int> published_{0};
  std::thread thread_;
};

struct RedisFailures : testing::Test {
  /// Both brokers are whole: what one publishes to any room that the other wants comes through.
  static void expect_whole(const Probe& from, const Probe& to) {
    await_ready(from);
    await_ready(to);
    from.flush_to(to);
  }
};

TEST_F(RedisFailures, StartSaysThatNobodyListens) {
  const std::string url = "redis://127.0.0.1:" + std::to_string(free_port());
  EXPECT_THAT(failure_of(make_redis_broker(url + "?ready_timeout=300")),
              testing::MatchesRegex("Redis client did not become ready within 300ms "
                                    "\\(127\\.0\\.0\\.1:[0-9]+: Connection refused\\)"));
}

TEST_F(RedisFailures, StartSaysThatTheServerDoesNotAnswer) {
  RedisServer server;
  server.pause();
  EXPECT_THAT(failure_of(broker_for(server, "&ready_timeout=500&connect_timeout=200")),
              HasSubstr("within 500ms (127.0.0.1:" + std::to_string(server.port()) + ": no connection within 200ms"));
  server.resume();
}

TEST_F(RedisFailures, StartSaysThatThePasswordIsWrongOrMissing) {
  const RedisServer server({"--requirepass", "secret"});
  const std::string host = "127.0.0.1:" + std::to_string(server.port()) + "?ready_timeout=300";
  const std::string wrong = failure_of(make_redis_broker("redis://:guess@" + host));
  EXPECT_THAT(wrong, HasSubstr("AUTH was refused: WRONGPASS"));
  EXPECT_THAT(wrong, testing::Not(HasSubstr("guess")));
  EXPECT_THAT(failure_of(make_redis_broker("redis://" + host)), HasSubstr("NOAUTH"));
  Probe(make_redis_broker("redis://:secret@" + host)).start();
}

TEST_F(RedisFailures, AUserMayBeLimitedToWhatIsNeeded) {
  const RedisServer server;
  server.command({"ACL", "SETUSER", "hearth", "on", ">pw", "resetchannels", "&ws:*", "+publish", "+subscribe",
                  "+psubscribe", "+unsubscribe", "+ping"});
  const std::string url = "redis://hearth:pw@127.0.0.1:" + std::to_string(server.port());
  Probe one(make_redis_broker(url));
  Probe other(make_redis_broker(url));
  one.start().flush_to(other.start());
}

TEST_F(RedisFailures, StartSaysThatSubscribingIsForbidden) {
  const RedisServer server;
  server.command({"ACL", "SETUSER", "pub", "on", ">pw", "+@all", "-subscribe", "-psubscribe", "&*"});
  EXPECT_THAT(failure_of(make_redis_broker("redis://pub:pw@127.0.0.1:" + std::to_string(server.port()) +
                                           "?ready_timeout=300")),
              HasSubstr("the subscription was refused: NOPERM"));
}

TEST_F(RedisFailures, ARoomThatMayNotBeSubscribedToIsLeftOut) {
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
  EXPECT_EQ(other.logged("Redis refused to subscribe to ws:room:closed"), 1U);
  EXPECT_EQ(other->state(), BrokerState::ready);
}

TEST_F(RedisFailures, StartSaysThatThereAreTooManyClientsAndWorksOnceThereAreFewer) {
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

TEST_F(RedisFailures, KilledAndRestartedUnderLoad) {
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

TEST_F(RedisFailures, WhatIsPublishedWhileTheLinkIsDownGoesOutInOrderWhenItIsBack) {
  RedisServer server;
  Probe one(broker_for(server));
  one.start();
  server.kill();
  await_degraded(one);
  for (int i = 1; i <= 3000; ++i) one.publish(room("r"), "n", std::to_string(i));
  EXPECT_GT(one->statistics().queued_bytes, 0U);
  server.restart();
  await_ready(one);
  // One of the two links may not have noticed yet when the first were given to it.
  eventually("all to be published",
             [&] { return one->statistics().published + one->statistics().unconfirmed == 3000; });
  EXPECT_GT(one->statistics().published, 2000U);
  EXPECT_EQ(one->statistics().queued_bytes, 0U);
}

TEST_F(RedisFailures, ThePausedServerGetsInOrderWhatWaitedForIt) {
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
  EXPECT_LT(std::chrono::steady_clock::now() - paused_at, kSanitized ? milliseconds(9000) : milliseconds(3000));
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

TEST_F(RedisFailures, WhenOnlyTheSubscriberIsKilledNothingPublishedIsLost) {
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

TEST_F(RedisFailures, PastTheBoundTheOldestAreDroppedCountedAndLoggedOnce) {
  RedisServer server;
  Probe one(broker_for(server, "&queue_limit=100000"));
  one.start();
  server.kill();
  await_degraded(one);
  const std::string data = '"' + std::string(1000, 'x') + '"';
  for (int i = 0; i < 500; ++i) one.publish(room("r"), "n", data);
  const BrokerStatistics full = one->statistics();
  EXPECT_LE(full.queued_bytes, 100'000U);
  EXPECT_GT(full.dropped, 400U);
  EXPECT_EQ(one.logged("the oldest messages are dropped"), 1U);
  server.restart();
  eventually("the rest to be published", [&] {
    const BrokerStatistics now = one->statistics();
    return now.published + now.dropped + now.unconfirmed == 500;
  });
  EXPECT_EQ(one->statistics().dropped, full.dropped);
}

TEST_F(RedisFailures, WhoeverWaitsForASubscriptionDoesNotWaitForALinkThatIsDown) {
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

TEST_F(RedisFailures, UnsubscribingWaitsSoThatChurnCostsNothing) {
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

TEST_F(RedisFailures, BrokenEnvelopesAreDroppedCountedAndLoggedOnceASecond) {
  const RedisServer server;
  Probe one(broker_for(server));
  Probe other(broker_for(server));
  one.start();
  other.start();
  other.subscribe(room("r"));
  for (const std::string_view junk :
       {"", "junk", "[]", "null", "{}", R"({"serverId":1,"event":"e"})", R"({"serverId":"a","type":"room"})",
        "{\"serverId\":\"a\",\"event\":\"\xff\"}"}) {
    server.command({"PUBLISH", "ws:room:r", junk});
    server.command({"PUBLISH", "ws:broadcast", junk});
  }
  // These are envelopes, and for nobody.
  server.command({"PUBLISH", "ws:room:r", R"({"serverId":"a","type":"herd","target":"r","event":"e"})"});
  server.command({"PUBLISH", "ws:room:r", R"({"serverId":"a","type":"room","event":"e"})"});
  one.flush_to(other);
  EXPECT_THAT(other.taken(), IsEmpty());
  EXPECT_EQ(other->statistics().malformed, 16U);
  EXPECT_EQ(other.logged("that were no envelopes"), 1U);
}

TEST_F(RedisFailures, WhatIsNoRespCostsTheConnection) {
  const TrickleProxy junk(0, "+OK\r\nthis is no RESP\r\n");
  EXPECT_THAT(failure_of(make_redis_broker("redis://127.0.0.1:" + std::to_string(junk.port()) + "?ready_timeout=300")),
              HasSubstr("Redis sent what is no RESP"));
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

long resident_kilobytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
  }
  return 0;
}

TEST_F(RedisFailures, AFloodOfLongMessagesLeavesMemoryBounded) {
  const RedisServer server({"--client-output-buffer-limit", "pubsub", "0", "0", "0"});
  Probe one(broker_for(server));
  one.start();
  Counter counter;
  const auto other = broker_for(server);
  other->start(counter);
  const std::string data = '"' + std::string(std::size_t{1} << 20, 'x') + '"';
  const long before = resident_kilobytes();
  constexpr int kCount = kSanitized ? 60 : 300;
  int published = 0;
  while (published < kCount) {
    if (one->statistics().queued_bytes < (std::size_t{4} << 20)) {
      one.publish({}, "flood", data);
      ++published;
    } else {
      std::this_thread::yield();
    }
  }
  eventually("the flood to come through", [&] { return counter.messages == kCount; });
  EXPECT_EQ(counter.bytes, data.size() * kCount);
  EXPECT_EQ(counter.gaps, 0);
  if (!kSanitized) {
    EXPECT_LT(resident_kilobytes() - before, 64 * 1024);
  }
  other->stop();
}

TEST_F(RedisFailures, ASlowLinkKeepsOrder) {
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

TEST_F(RedisFailures, AtRestItCostsNothing) {
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
