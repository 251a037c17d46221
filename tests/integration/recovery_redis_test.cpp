// docs/recovery.md with the logs in Redis: servers come and go, and so does Redis.

#include "hearth/emitter.hpp"
#include "hearth/redis_broker.hpp"
#include "support/redis_server.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

RoomRule remembering_rule(const std::string& pattern, std::uint32_t size) {
  RoomRule rule;
  rule.pattern = {pattern};
  rule.history_size = size;
  return rule;
}

/// Servers that share a Redis.
struct RecoveryOverRedis : testing::Test {
  struct Lost {
    std::string room;
    std::uint64_t from;
    std::uint64_t to;
    bool operator==(const Lost&) const = default;
  };

  Options options() {
    RedisOptions redis_options = RedisOptions::from_url(redis.url());
    redis_options.backoff_min = std::chrono::milliseconds(2);
    redis_options.backoff_max = std::chrono::milliseconds(20);
    redis_options.resubscribe_time = std::chrono::milliseconds(0);
    Options options;
    options.client_publish = true;
    options.validate_room = allow_all;
    options.room_rules = RoomRules({remembering_rule("tea", 1000), remembering_rule("cup", 3)});
    options.broker = make_redis_broker(redis_options);
    options.history_rolled_back = [this](const HistoryRolledBack& lost) {
      const std::lock_guard lock(mutex);
      rolled_back.push_back({std::string(lost.room), lost.from, lost.to});
    };
    return options;
  }

  static Appended publish(const TestServer& server, int n, std::string_view room = "tea") {
    std::promise<Result<Appended>> done;
    auto future = done.get_future();
    server.server().publish(room, "news", n, {}, [&](const Result<Appended>& appended) { done.set_value(appended); });
    return future.get().value();
  }
  static boost::json::value data_of(const std::string& text) { return boost::json::parse(text).at("data"); }
  static std::string join(TestClient& client, const std::string& since) {
    client.send(R"({"event":"join","data":{"rooms":["tea"],"since":{"tea":)" + since + R"(}},"id":"j"})");
    return client.expect("ack");
  }
  static boost::json::value position_of(const std::string& answer) { return data_of(answer).at("positions").at("tea"); }
  static std::string since(std::string_view epoch, std::uint64_t offset) {
    return R"({"epoch":")" + std::string(epoch) + R"(","offset":)" + std::to_string(offset) + '}';
  }
  static int number_of(const std::string& text) { return static_cast<int>(data_of(text).as_int64()); }

  RedisServer redis;
  std::mutex mutex;
  std::vector<Lost> rolled_back;
  TestServer first;
  TestServer second;
};

TEST_F(RecoveryOverRedis, WhatOneServerPublishesTheMembersOfAllGetAtOnePlace) {
  first.start(options());
  second.start(options());
  TestClient here = first.client();
  TestClient there = second.client();
  join(here, "null");
  join(there, "null");
  const Appended one = publish(first, 1);
  const Appended two = publish(second, 2);
  EXPECT_EQ(two.position.offset, 2U);
  EXPECT_EQ(one.position.epoch, two.position.epoch);
  for (TestClient* client : {&here, &there}) {
    EXPECT_THAT(client->next(), HasSubstr(R"("data":1,"room":"tea","offset":1,"epoch":")"));
    EXPECT_THAT(client->next(), HasSubstr(R"("data":2,"room":"tea","offset":2})"));
  }
  there.send(R"({"event":"publish","data":{"room":"tea","event":"news","data":3,"idempotencyKey":"k"},"id":"p"})");
  EXPECT_THAT(there.expect("ack"), HasSubstr(R"("offset":3)"));
  EXPECT_EQ(number_of(here.expect("news")), 3);
}

TEST_F(RecoveryOverRedis, AServerThatIsThereAnewRecoversThoseWhoComeBack) {
  first.start(options());
  std::string epoch;
  {
    TestClient client = first.client();
    epoch = std::string(position_of(join(client, "null")).at("epoch").as_string());
    publish(first, 1);
    client.expect("news");
    client.drop(true);
  }
  first.destroy();
  second.start(options());
  publish(second, 2);
  publish(second, 3);
  TestClient client = second.client();
  const auto position = position_of(join(client, since(epoch, 1)));
  EXPECT_TRUE(position.at("recovered").as_bool());
  EXPECT_EQ(position.at("top").as_int64(), 3);
  EXPECT_EQ(number_of(client.next()), 2);
  EXPECT_EQ(number_of(client.next()), 3);
}

TEST_F(RecoveryOverRedis, WhatIsPublishedWhileRedisIsAwayIsThereOnceWhenItIsBack) {
  RedisServer kept({"--appendonly", "yes", "--appendfsync", "always"});
  Options with_kept = options();
  RedisOptions redis_options = RedisOptions::from_url(kept.url());
  redis_options.backoff_min = std::chrono::milliseconds(2);
  redis_options.backoff_max = std::chrono::milliseconds(20);
  with_kept.broker = make_redis_broker(redis_options);
  first.start(std::move(with_kept));
  TestClient client = first.client();
  join(client, "null");
  publish(first, 1);
  EXPECT_EQ(number_of(client.expect("news")), 1);
  kept.kill();
  std::vector<std::future<Result<Appended>>> waiting;
  for (int n = 2; n <= 4; ++n) {
    auto done = std::make_shared<std::promise<Result<Appended>>>();
    waiting.push_back(done->get_future());
    first->publish("tea", "news", n, {}, [done](const Result<Appended>& appended) { done->set_value(appended); });
  }
  kept.restart();
  std::uint64_t offset = 2;
  for (auto& one : waiting) EXPECT_EQ(one.get().value().position.offset, offset++);
  for (int n = 2; n <= 4; ++n) EXPECT_EQ(number_of(client.expect("news")), n) << "no gap is told: nothing was lost";
}

TEST_F(RecoveryOverRedis, ALogThatIsForgottenIsTold) {
  first.start(options());
  TestClient client = first.client();
  join(client, "null");
  const Position before = publish(first, 1).position;
  client.expect("news");
  redis.command({"FLUSHALL"});
  const Position after = publish(first, 2).position;
  EXPECT_NE(before.epoch, after.epoch);
  const std::string gap = client.expect("gap");
  EXPECT_EQ(data_of(gap).at("reason").as_string(), "epoch");
  EXPECT_EQ(data_of(gap).at("epoch").as_string(), std::string_view(after.epoch.str()));
  TestClient late = first.client();
  EXPECT_EQ(position_of(join(late, since(before.epoch.str(), 1))).at("reason").as_string(), "epoch");
}

TEST_F(RecoveryOverRedis, AKilledRedisThatKeepsNothingIsToldWithoutAWordSaid) {
  first.start(options());
  TestClient client = first.client();
  join(client, "null");
  publish(first, 1);
  client.expect("news");
  redis.kill();
  redis.restart();
  EXPECT_EQ(data_of(client.expect("gap")).at("reason").as_string(), "epoch");
  publish(first, 2);
  EXPECT_EQ(number_of(client.expect("news")), 2);
}

TEST_F(RecoveryOverRedis, ALostTailIsToldToWhoSawItAndToWhoPublishedIt) {
  first.start(options());
  second.start(options());
  TestClient client = second.client();
  const std::string epoch(position_of(join(client, "null")).at("epoch").as_string());
  publish(first, 1);
  EXPECT_EQ(number_of(client.expect("news")), 1);
  redis.command({"SAVE"});
  publish(first, 2);
  publish(first, 3);
  EXPECT_EQ(number_of(client.expect("news")), 2);
  EXPECT_EQ(number_of(client.expect("news")), 3);
  redis.kill();
  redis.restart();
  const auto gap = data_of(client.expect("gap"));
  EXPECT_EQ(gap.at("reason").as_string(), "rolled_back");
  EXPECT_EQ(gap.at("epoch").as_string(), epoch);
  EXPECT_EQ(gap.at("offset").as_int64(), 1);
  const Position next = publish(second, 4).position;
  EXPECT_EQ(next.offset, 2U);
  EXPECT_NE(next.epoch.str(), epoch);
  EXPECT_EQ(number_of(client.expect("news")), 4);
  eventually("the server that published it to be told", [&] {
    const std::lock_guard lock(mutex);
    return !rolled_back.empty();
  });
  EXPECT_THAT(rolled_back, ElementsAre(Lost{"tea", 2, 3}));
  EXPECT_EQ(first->metrics().history.rolled_back, 2U);
  EXPECT_GE(second->metrics().history.resets, 1U);
}

TEST_F(RecoveryOverRedis, AnEmitterAppendsToTheLog) {
  first.start(options());
  TestClient client = first.client();
  join(client, "null");
  Emitter emitter(redis.url());
  const Retention keep{1000, std::chrono::minutes(10)};
  const EmitResult one = emitter.to_room("tea", "news", 1, keep, "key").get();
  ASSERT_TRUE(one) << one.error;
  EXPECT_EQ(one.position.offset, 1U);
  const EmitResult again = emitter.to_room("tea", "news", 1, keep, "key").get();
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.position, one.position);
  EXPECT_THAT(client.expect("news"), HasSubstr(R"("data":1,"room":"tea","offset":1)"));
  EXPECT_EQ(publish(first, 2).position, (Position{one.position.epoch, 2}));
  EXPECT_EQ(number_of(client.expect("news")), 2);
}

TEST_F(RecoveryOverRedis, AnEmitterSaysWhyRedisRefuses) {
  Emitter emitter(redis.url());
  redis.command({"CONFIG", "SET", "maxmemory", "1"});
  const EmitResult refused = emitter.to_room("tea", "news", 1, {10, std::chrono::minutes(1)}).get();
  EXPECT_THAT(refused.error, HasSubstr("OOM"));
  EXPECT_THROW(emitter.to_room("tea", "news", 1, Retention{0, std::chrono::minutes(1)}), std::invalid_argument);
  EXPECT_THROW(emitter.to_room("tea", "news", 1, Retention{1, std::chrono::milliseconds(1)}), std::invalid_argument);
  EXPECT_THROW(emitter.to_room("", "news", 1, Retention{1, std::chrono::minutes(1)}), std::invalid_argument);
}

TEST_F(RecoveryOverRedis, APublicationInARoomThatDoesNotRememberIsAMessage) {
  first.start(options());
  TestClient client = first.client();
  client.send(R"({"event":"join","data":{"rooms":["plain"]},"id":"j"})");
  client.expect("ack");
  Emitter emitter(redis.url());
  ASSERT_TRUE(emitter.to_room("plain", "news", 1, {10, std::chrono::minutes(1)}).get());
  EXPECT_EQ(client.next(), R"({"event":"news","data":1})");
}

TEST_F(RecoveryOverRedis, AMessageThatIsInNoLogIsDeliveredAndCounted) {
  first.start(options());
  TestClient client = first.client();
  join(client, "null");
  Emitter emitter(redis.url());
  ASSERT_TRUE(emitter.to_room("tea", "plain", 1).get());
  EXPECT_EQ(client.next(), R"({"event":"plain","data":1})");
  EXPECT_EQ(first->metrics().history.unrecorded, 1U);
  EXPECT_EQ(first->metrics().history.rooms, 1U);
}

}  // namespace
}  // namespace hearth::test
