// Server::ask_cluster, and blocks that are kept in Redis.

#include "hearth/broker.hpp"
#include "hearth/redis_broker.hpp"
#include "support/redis_server.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <cstdint>
#include <future>
#include <initializer_list>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace hearth::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;
using About = ClusterQuestion::About;

// Longer than a test waits: who answers is what ends the question.
constexpr auto kLong = std::chrono::hours(1);

std::future<std::vector<NodeAnswer>> ask(TestServer& server, const ClusterQuestion& question,
                                         std::chrono::milliseconds within = kLong) {
  const auto promise = std::make_shared<std::promise<std::vector<NodeAnswer>>>();
  server->ask_cluster(question, within,
                      [promise](std::vector<NodeAnswer> answers) { promise->set_value(std::move(answers)); });
  return promise->get_future();
}

std::vector<NodeAnswer> answers(TestServer& server, const ClusterQuestion& question,
                                std::chrono::milliseconds within = kLong) {
  auto future = ask(server, question, within);
  if (future.wait_for(kPatience) != std::future_status::ready) throw std::runtime_error("nobody answers");
  return future.get();
}

/// Until each of them knows the other.
void meet(TestServer& one, TestServer& other) {
  for (TestServer* server : {&one, &other}) {
    eventually("the other instance", [&] { return answers(*server, {About::node}).size() == 2; });
  }
}

TEST(ClusterQuery, AnInstanceAloneAnswersForItself) {
  TestServer server;
  server.start({.identifier = "alone"});
  TestClient ann = server.client("ann");
  const auto got = answers(server, {About::user, "ann"});
  ASSERT_THAT(got, SizeIs(1));
  EXPECT_TRUE(got[0].answered);
  EXPECT_TRUE(got[0].is_whole);
  EXPECT_EQ(got[0].name, "alone");
  EXPECT_EQ(got[0].node.clients, 1U);
  EXPECT_EQ(got[0].node.broker_state, BrokerState::ready);
  ASSERT_THAT(got[0].clients, SizeIs(1));
  EXPECT_EQ(got[0].clients[0].id, ann.id());
}

class TwoInstances : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (GetParam()) redis_ = std::make_unique<RedisServer>();
    here_.start({.identifier = "here", .threads = 2, .broker = broker(), .validate_room = allow_all});
    there_.start({.identifier = "there", .threads = 2, .broker = broker(), .validate_room = allow_all});
    meet(here_, there_);
  }
  std::shared_ptr<Broker> broker() { return redis_ ? make_redis_broker(redis_->url()) : make_local_broker(exchange_); }
  /// What `here` is told, by the name of who tells it.
  std::map<std::string, NodeAnswer> asked(const ClusterQuestion& question) {
    std::map<std::string, NodeAnswer> by_name;
    for (NodeAnswer& answer : answers(here_, question)) by_name[answer.name] = answer;
    return by_name;
  }

  LocalExchange exchange_;
  std::unique_ptr<RedisServer> redis_;
  TestServer here_;
  TestServer there_;
};

INSTANTIATE_TEST_SUITE_P(Brokers, TwoInstances, testing::Bool(),
                         [](const auto& redis) { return redis.param ? "Redis" : "Local"; });

TEST_P(TwoInstances, EachTellsWhatItHas) {
  TestClient near = here_.client("ann");
  TestClient far = there_.client("ann");
  TestClient other = there_.client("ben");
  far.join("tea");
  other.join("tea");
  near.join("tea");
  auto of_user = asked({About::user, "ann"});
  ASSERT_THAT(of_user["here"].clients, SizeIs(1));
  ASSERT_THAT(of_user["there"].clients, SizeIs(1));
  EXPECT_EQ(of_user["here"].clients[0].id, near.id());
  const ClientSnapshot told = of_user["there"].clients[0];
  const ClientSnapshot known = *there_->client(far.id());
  EXPECT_EQ(told.id, far.id());
  EXPECT_EQ(told.user_id, "ann");
  EXPECT_EQ(told.rooms, known.rooms);
  EXPECT_EQ(told.room_count, known.room_count);
  EXPECT_EQ(told.remote_address, known.remote_address);
  EXPECT_EQ(told.state, ClientState::authenticated);
  auto of_room = asked({About::room, "tea"});
  EXPECT_EQ(of_room["here"].members, 1U);
  EXPECT_EQ(of_room["there"].members, 2U);
  EXPECT_THAT(of_room["there"].clients, SizeIs(2));
  auto of_client = asked({About::client, far.id()});
  EXPECT_THAT(of_client["here"].clients, IsEmpty());
  EXPECT_THAT(of_client["there"].clients, SizeIs(1));
  auto nodes = asked({About::node});
  EXPECT_EQ(nodes["there"].node.clients, 2U);
  EXPECT_FALSE(nodes["there"].node.version.empty());
  EXPECT_NE(nodes["here"].id, nodes["there"].id);
}

TEST_P(TwoInstances, BlocksAreToldToo) {
  const auto until = std::chrono::ceil<std::chrono::seconds>(std::chrono::system_clock::now() + 1h);
  here_->block({.user = "mallory", .until = until, .issued_before = until - 2h});
  here_->block({.token = "4711", .until = until});
  eventually("the blocks", [&] { return there_->blocks().size() == 2; });
  auto got = asked({About::blocks});
  EXPECT_THAT(got["there"].blocks, testing::UnorderedElementsAreArray(here_->blocks()));
}

TEST_P(TwoInstances, WhoEndsIsNotWaitedFor) {
  there_->shutdown();
  EXPECT_THAT(answers(here_, {About::node}), SizeIs(1));
}

TEST_P(TwoInstances, AnswersLeaveOutWhatDoesNotFit) {
  std::vector<std::string> rooms;
  for (int i = 0; i < 99; ++i) rooms.push_back(std::string(250, 'r') + std::to_string(i));
  std::vector<TestClient> clients;
  for (int i = 0; i < 60; ++i) clients.push_back(there_.client("many"));
  there_->join_user("many", rooms);
  there_.fence();
  auto got = asked({About::user, "many"});
  EXPECT_FALSE(got["there"].is_whole);
  EXPECT_LT(got["there"].clients.size(), 60U);
  EXPECT_GT(got["there"].clients.size(), 10U);
}

TEST(ClusterQuery, WhoDoesNotAnswerIsNamed) {
  RedisServer redis;
  TestServer here;
  here.start({.identifier = "here", .broker = make_redis_broker(redis.url())});
  // One that says that it is there, and then nothing.
  redis.command({"PUBLISH", "ws:control",
                 R"({"serverId":"5f0c0000-0000-4000-8000-000000000000","type":"control","op":"beat","name":"mute"})"});
  eventually("it to be known", [&] { return answers(here, {About::node}, 10ms).size() == 2; });
  const auto got = answers(here, {About::node}, 10ms);
  ASSERT_THAT(got, SizeIs(2));
  EXPECT_TRUE(got[0].answered);
  EXPECT_FALSE(got[1].answered);
  EXPECT_EQ(got[1].name, "mute");
  EXPECT_EQ(got[1].id, "5f0c0000-0000-4000-8000-000000000000");
}

// --- blocks in Redis

class KeptBlocks : public testing::Test {
 protected:
  static AuthenticateResult as_token(const AuthenticateRequest& request) {
    const auto data = request.data.parse();
    return Identity{.user_id = std::string(data.at("userId").as_string()), .token_id = "token"};
  }
  void start(TestServer& server) {
    server.start({.broker = make_redis_broker(redis_.url()), .authenticate = as_token});
  }
  std::int64_t kept() { return redis_.command({"HLEN", "hearth:blocks"}).integer(); }

  const std::chrono::system_clock::time_point until_ =
      std::chrono::ceil<std::chrono::seconds>(std::chrono::system_clock::now() + 1h);
  RedisServer redis_;
};

TEST_F(KeptBlocks, AreThereForAnInstanceThatStartsLater) {
  TestServer first;
  start(first);
  first->block({.user = "mallory", .until = until_, .issued_before = until_ - 2h});
  first->block({.token = "4711", .until = until_});
  first->block({.user = "pardoned", .until = until_});
  first->unblock_user("pardoned");
  eventually("them to be kept", [&] { return kept() == 2; });
  TestServer second;
  start(second);
  EXPECT_THAT(second->blocks(), testing::UnorderedElementsAreArray(first->blocks()));
}

TEST_F(KeptBlocks, ThoseThatHaveEndedAreRemoved) {
  redis_.command({"HSET", "hearth:blocks", "user:old", R"({"until":1000000000})"});
  redis_.command({"HSET", "hearth:blocks", "nonsense", "x"});
  TestServer server;
  start(server);
  EXPECT_THAT(server->blocks(), IsEmpty());
  eventually("them to be removed", [&] { return kept() == 0; });
}

TEST_F(KeptBlocks, WhatWasMissedInAnOutageIsMadeUpFor) {
  TestServer server;
  start(server);
  TestClient mallory = server.connect();
  mallory.authenticate_as("mallory");
  TestClient ann = server.connect();
  ann.authenticate_as("ann");
  const std::string value = "{\"until\":" + std::to_string(std::chrono::system_clock::to_time_t(until_)) + '}';
  // By an instance that this one does not hear of.
  redis_.command({"HSET", "hearth:blocks", "user:mallory", value});
  redis_.command({"CLIENT", "KILL", "TYPE", "pubsub"});
  EXPECT_EQ(mallory.wait_for_close(), (CloseFrame{4007, "Revoked"}));
  ann.round_trip();
  ASSERT_THAT(server->blocks(), SizeIs(1));
  EXPECT_EQ(server->blocks().front().user, "mallory");
}

TEST_F(KeptBlocks, WhereRedisDoesNotTellThemTheServerStartsAllTheSame) {
  redis_.command({"ACL", "SETUSER", "plain", "on", ">secret", "&ws:*", "+@all", "-hgetall", "-hset"});
  TestServer server;
  server.start({.broker = make_redis_broker("redis://plain:secret@127.0.0.1:" + std::to_string(redis_.port()))});
  eventually("the line for the log", [&] { return server.log().count("does not tell the blocks") == 1; });
  server->block({.user = "mallory", .until = until_});
  EXPECT_THAT(server->blocks(), SizeIs(1));
}

}  // namespace
}  // namespace hearth::test
