// hearth::RedisClient, against processes of the tests' own.

#include "hearth/redis_client.hpp"

#include "broker/sentinel.hpp"
#include "support/certificates.hpp"
#include "support/patience.hpp"
#include "support/redis_server.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace hearth::test {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;
using Type = RedisReply::Type;

std::string url(const RedisServer& server, std::string_view options = {}) {
  return server.url() + "?dead_peer_timeout=900" + std::string(options);
}

TEST(RedisClient, GivesRepliesOfEveryKind) {
  const RedisServer server;
  RedisClient client(server.url());
  EXPECT_EQ(client.command({"SET", "k", "v"}).get().reply, (RedisReply{.type = Type::string, .text = "OK"}));
  EXPECT_EQ(client.command({"GET", "k"}).get().reply, (RedisReply{.type = Type::string, .text = "v"}));
  EXPECT_EQ(client.command({"GET", "none"}).get().reply, RedisReply{});
  EXPECT_EQ(client.command({"INCRBY", "n", "-7"}).get().reply, (RedisReply{.type = Type::integer, .integer = -7}));
  const RedisResult nested =
      client.command({"EVAL", "return {1, {'a', false, {}}, redis.error_reply('ERR inside')}", "0"}).get();
  ASSERT_TRUE(nested);
  const RedisReply inner{.type = Type::array,
                         .elements = {{.type = Type::string, .text = "a"}, {.type = Type::nil}, {.type = Type::array}}};
  EXPECT_EQ(
      nested.reply,
      (RedisReply{
          .type = Type::array,
          .elements = {{.type = Type::integer, .integer = 1}, inner, {.type = Type::error, .text = "ERR inside"}}}));
}

TEST(RedisClient, ArgumentsAreBytes) {
  const RedisServer server;
  RedisClient client(server.url());
  using namespace std::string_view_literals;
  const std::string bytes("\0\r\n\xff *1\r\n", 9);
  const std::string long_one(std::size_t{2} << 20, 'x');
  EXPECT_TRUE(client.command({"SET", bytes, long_one}).get());
  EXPECT_EQ(client.command({"GET", bytes}).get().reply.text, long_one);
  EXPECT_EQ(client.command({"ECHO", ""sv}).get().reply, (RedisReply{.type = Type::string}));
}

TEST(RedisClient, TellsWhatRedisRefuses) {
  const RedisServer server;
  RedisClient client(server.url());
  const RedisResult result = client.command({"NOSUCH"}).get();
  EXPECT_FALSE(result);
  EXPECT_EQ(result.failure, RedisFailure::refused);
  EXPECT_THAT(result.error, HasSubstr("ERR unknown command"));
  EXPECT_EQ(result.reply, RedisReply{});
}

TEST(RedisClient, KeepsTheOrderOfAThreadWithoutWaitingForAnswers) {
  const RedisServer server;
  RedisClient client(server.url());
  constexpr int kCount = 20'000;
  std::atomic<int> answered{0};
  std::vector<std::int64_t> lengths;  // the client's thread's own until all have come
  for (int i = 0; i < kCount; ++i) {
    client.command({"RPUSH", "list", std::to_string(i)}, [&](const RedisResult& result) {
      lengths.push_back(result.reply.integer);
      ++answered;
    });
  }
  eventually("all answers", [&] { return answered == kCount; });
  for (int i = 0; i < kCount; ++i) ASSERT_EQ(lengths[static_cast<std::size_t>(i)], i + 1);
  EXPECT_EQ(client.command({"LINDEX", "list", "-1"}).get().reply.text, std::to_string(kCount - 1));
}

TEST(RedisClient, TakesCommandsFromManyThreads) {
  const RedisServer server;
  RedisClient client(server.url());
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 500; ++j) EXPECT_TRUE(client.command({"INCR", "n"}).get());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(client.command({"GET", "n"}).get().reply.text, "2000");
}

TEST(RedisClient, RefusesWhatWouldChangeTheConnection) {
  const RedisServer server;
  RedisClient client(server.url());
  for (const std::string_view name :
       {"SUBSCRIBE", "psubscribe", "Monitor", "MULTI", "select", "AUTH", "HELLO", "QUIT"}) {
    EXPECT_THAT(
        [&] {
          client.command({name, "x"});
        },
        ThrowsMessage<std::invalid_argument>(HasSubstr(std::string(name))));
  }
  EXPECT_THROW(client.command({"client", "reply", "off"}), std::invalid_argument);
  EXPECT_THROW(client.command({""}), std::invalid_argument);
  EXPECT_THROW(client.command(std::vector<std::string_view>{}), std::invalid_argument);
  EXPECT_TRUE(client.command({"CLIENT", "ID"}).get());
}

TEST(RedisClient, RefusesOptionsThatAreBadAndAClusterToo) {
  EXPECT_THROW(RedisClient("http://x"), std::invalid_argument);
  EXPECT_THAT([] { RedisClient client("redis-cluster://127.0.0.1:1"); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("Cluster")));
}

TEST(RedisClient, UsesTheDatabaseAndTheUserThatItIsTold) {
  const RedisServer server;
  server.command({"ACL", "SETUSER", "some", "on", ">pw", "~hearth:*", "+set", "+select", "+ping"});
  RedisClient client("redis://some:pw@127.0.0.1:" + std::to_string(server.port()) + "/3");
  EXPECT_TRUE(client.command({"SET", "hearth:k", "v"}).get());
  EXPECT_THAT(client.command({"SET", "other", "v"}).get().error, HasSubstr("NOPERM"));
  EXPECT_EQ(server.command({"EXISTS", "hearth:k"}).integer(), 0);
  RedisClient in_three(server.url() + "/3");
  EXPECT_EQ(in_three.command({"GET", "hearth:k"}).get().reply.text, "v");
}

TEST(RedisClient, SaysWhyItIsNotReady) {
  RedisClient client("redis://:s3cret@127.0.0.1:" + std::to_string(free_port()) + "?ready_timeout=200");
  EXPECT_THAT([&] { client.wait_until_ready(); },
              ThrowsMessage<std::runtime_error>(
                  AllOf(HasSubstr("within 200ms"), HasSubstr("Connection refused"), Not(HasSubstr("s3cret")))));
}

TEST(RedisClient, WhatWaitsForAConnectionFailsInTimeAndHasNotBeenSent) {
  RedisClient client("redis://127.0.0.1:" + std::to_string(free_port()) + "?ready_timeout=300");
  const auto begun = std::chrono::steady_clock::now();
  const RedisResult result = client.command({"PING"}).get();
  const auto waited = std::chrono::steady_clock::now() - begun;
  EXPECT_EQ(result.failure, RedisFailure::not_sent);
  EXPECT_THAT(result.error, HasSubstr("no connection to Redis for 300ms"));
  EXPECT_GE(waited, milliseconds(290));
  EXPECT_LT(waited, milliseconds(5000));
}

TEST(RedisClient, PastTheLimitNewCommandsAreRefusedAtOnce) {
  RedisServer server;
  RedisClient client(url(server, "&queue_limit=3000"));
  client.wait_until_ready();
  server.pause();
  const std::string value(1000, 'x');
  std::vector<std::future<RedisResult>> results;
  // The first are under way, for the kernel takes them.
  std::size_t refused = 0;
  eventually("a command to be refused", [&] {
    results.push_back(client.command({"RPUSH", "list", std::string_view(value)}));
    if (results.back().wait_for(milliseconds(0)) != std::future_status::ready) return false;
    const RedisResult result = results.back().get();
    results.pop_back();
    EXPECT_EQ(result.failure, RedisFailure::not_sent);
    EXPECT_THAT(result.error, HasSubstr("too much waits"));
    ++refused;
    return true;
  });
  server.resume();
  for (auto& result : results) EXPECT_NE(result.get().failure, RedisFailure::refused);
}

TEST(RedisClient, ALinkThatBreaksLeavesWhatIsUnderWayUnconfirmedAndTheRestWaits) {
  RedisServer server;
  RedisClient client(url(server));
  client.wait_until_ready();
  server.pause();
  std::future<RedisResult> under_way = client.command({"INCR", "n"});
  EXPECT_EQ(under_way.get().failure, RedisFailure::unconfirmed);
  std::future<RedisResult> waits = client.command({"SET", "k", "v"});
  server.resume();
  EXPECT_TRUE(waits.get());
  EXPECT_EQ(client.command({"GET", "k"}).get().reply.text, "v");
}

TEST(RedisClient, ComesBackAfterARestart) {
  RedisServer server;
  RedisClient client(url(server));
  EXPECT_TRUE(client.command({"SET", "k", "v"}).get());
  server.kill();
  eventually("it to notice",
             [&] { return client.command({"PING"}).wait_for(milliseconds(100)) == std::future_status::timeout; });
  server.restart();
  const RedisResult after = client.command({"GET", "k"}).get();
  EXPECT_TRUE(after);
  EXPECT_TRUE(after.reply.is_nil()) << "this Redis keeps nothing";
}

TEST(RedisClient, FollowsTheMasterOfSentinels) {
  const RedisServer master;
  const Replica replica(master);
  const Sentinel sentinel(master.port(), {}, 1);
  RedisClient client(sentinel.url());
  EXPECT_TRUE(client.command({"SET", "k", "v"}).get());
  eventually("the replica to have it", [&] { return replica.command({"GET", "k"}).text() == "v"; });
  eventually("a failover to begin", [&] { return sentinel.ask({"SENTINEL", "failover", "main"}).text() == "OK"; });
  eventually("writes to go to the new master", [&] {
    return client.command({"SET", "k", "after"}).get() && replica.command({"GET", "k"}).text() == "after";
  });
}

TEST(RedisClient, SpeaksTls) {
  const Certificates certificates;
  const std::uint16_t port = free_port();
  const RedisServer server({"--tls-port", std::to_string(port), "--tls-cert-file", certificates.file("named.crt"),
                            "--tls-key-file", certificates.file("named.key"), "--tls-ca-cert-file",
                            certificates.file("ca.crt"), "--tls-auth-clients", "yes"});
  RedisClient client("rediss://127.0.0.1:" + std::to_string(port) +
                     "?server_name=redis.test&ca=" + certificates.file("ca.crt") +
                     "&cert=" + certificates.file("client.crt") + "&key=" + certificates.file("client.key"));
  const std::string value(std::size_t{1} << 20, 'x');
  EXPECT_TRUE(client.command({"SET", "k", value}).get());
  EXPECT_EQ(client.command({"GET", "k"}).get().reply.text, value);
}

TEST(RedisClient, ShuttingDownSendsWhatWaitsAndFailsWhatComesAfter) {
  const RedisServer server;
  RedisClient client(server.url());
  std::vector<std::future<RedisResult>> results;
  for (int i = 0; i < 1000; ++i) results.push_back(client.command({"INCR", "n"}));
  client.shutdown();
  for (auto& result : results) EXPECT_TRUE(result.get());
  EXPECT_EQ(server.command({"GET", "n"}).text(), "1000");
  const RedisResult late = client.command({"INCR", "n"}).get();
  EXPECT_EQ(late.failure, RedisFailure::not_sent);
  EXPECT_EQ(late.error, "shut down");
  EXPECT_THROW(client.wait_until_ready(), std::runtime_error);
}

TEST(RedisClient, MayBeDestroyedWhenItTells) {
  const RedisServer server;
  auto client = std::make_unique<RedisClient>(server.url());
  std::atomic<bool> destroyed{false};
  client->command({"PING"}, [&](const RedisResult&) {
    client.reset();
    destroyed = true;
  });
  eventually("it to be destroyed", [&] { return destroyed.load(); });
  eventually("its connection to be closed", [&] { return server.clients_named("hearth:client") == 0; });
}

TEST(RedisClient, WhoeverThrowsWhenToldChangesNothing) {
  const RedisServer server;
  RedisClient client(server.url());
  client.command({"PING"}, [](const RedisResult&) { throw std::runtime_error("no"); });
  EXPECT_TRUE(client.command({"PING"}).get());
}

}  // namespace
}  // namespace hearth::test
