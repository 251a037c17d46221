// Server::metrics: what is there, and what has been counted.

#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

namespace hearth::test {
namespace {

using testing::ElementsAre;
using testing::Pair;
using namespace std::chrono_literals;

TEST(MetricsOfAServer, TellsWhatIsThere) {
  TestServer server;
  server.start({.threads = 2, .validate_room = allow_all});
  std::vector<TestClient> clients;
  for (int i = 0; i < 8; ++i) clients.push_back(server.client(i % 2 == 0 ? "ann" : "ben"));
  TestClient silent = server.connect();
  for (TestClient& client : clients) client.join("tea");
  clients.front().join("coffee");
  const Metrics metrics = server->metrics();
  EXPECT_EQ(metrics.clients_authenticated, 8U);
  EXPECT_EQ(metrics.clients_unauthorized, 1U);
  EXPECT_EQ(metrics.users, 2U);  // although each has clients on both shards
  EXPECT_EQ(metrics.rooms, 4U);  // the two default ones, tea and coffee
  EXPECT_EQ(metrics.memberships, 8U * 3 + 1);
  EXPECT_EQ(metrics.authentications, (AuthenticationCounts{.accepted = 8}));
  EXPECT_THAT(metrics.authentication_methods, ElementsAre(Pair("handler", AuthenticationCounts{.accepted = 8})));
  EXPECT_EQ(metrics.counters.connections_open, 9U);
  ASSERT_EQ(metrics.shards.size(), 2U);
  EXPECT_EQ(metrics.shards[0].connections + metrics.shards[1].connections, 9U);
  EXPECT_EQ(metrics.broker_state, BrokerState::ready);
}

TEST(MetricsOfAServer, CountsTheBytesOfItsConnections) {
  TestServer server;
  server.start({.message = [&](const Message& message) { server->send_to_client(message.client_id, "echo", "1"); }});
  TestClient client = server.client();
  client.round_trip();
  const Statistics before = server->metrics().counters;  // asks the shard, so that it has counted what it has sent
  const std::string frame = masked_frame(kText, envelope("say"));
  client.write(frame);
  const std::string answer = client.expect("echo");
  const Statistics after = server->metrics().counters;
  EXPECT_EQ(after.bytes_received - before.bytes_received, frame.size());
  EXPECT_EQ(after.bytes_sent - before.bytes_sent, answer.size() + 2) << "with the frame's head";
}

TEST(MetricsOfAServer, RoomsAndUsersThatAreLeftAreNotCounted) {
  TestServer server;
  server.start({.validate_room = allow_all});
  TestClient client = server.client("ann");
  client.join("tea");
  client.leave("tea");
  EXPECT_EQ(server->metrics().rooms, 2U);
  client.drop();
  eventually("it to be gone", [&] { return server->metrics().counters.connections_open == 0; });
  const Metrics metrics = server->metrics();
  EXPECT_EQ(metrics.rooms, 0U);
  EXPECT_EQ(metrics.users, 0U);
  EXPECT_EQ(metrics.memberships, 0U);
}

TEST(MetricsOfAServer, CountsHowClientsWentAndWhatBecameOfTheirTokens) {
  TestServer server;
  server.start({.authenticate = [](const AuthenticateRequest& request) -> AuthenticateResult {
    const std::string user = request.data.member("userId")->string().value();
    if (user == "expired") throw TokenExpired();
    if (user == "away") throw Unavailable();
    if (user == "broken") throw std::runtime_error("broken");
    if (user == "nobody") return std::nullopt;
    return Identity{.user_id = user};
  }});
  for (const char* user : {"expired", "away", "broken", "nobody", "blocked"}) {
    server->block({.user = "blocked", .until = std::chrono::system_clock::now() + 1h});
    TestClient client = server.connect();
    client.send(R"({"event":"authenticate","data":{"userId":")" + std::string(user) + "\"}}");
    client.wait_for_close();
    client.finish();
  }
  TestClient closed = server.client("ann");
  closed.send_close(4321);
  closed.finish();
  server.client("ben").drop();
  eventually("all to be gone", [&] { return server->metrics().disconnects.size() == 2; });
  const Metrics metrics = server->metrics();
  EXPECT_THAT(metrics.disconnects, ElementsAre(Pair(1006, 1U), Pair(4321, 1U)));
  EXPECT_EQ(
      metrics.authentications,
      (AuthenticationCounts{.accepted = 2, .rejected = 1, .expired = 1, .blocked = 1, .unavailable = 1, .failed = 1}));
  EXPECT_EQ(metrics.blocks, 1U);
}

TEST(MetricsOfAServer, CountsAuthenticationsByTheirMethod) {
  TestServer server;
  server.start(
      {.threads = 2,
       .authenticate = [](const AuthenticateRequest& request) -> AuthenticateResult {
         if (request.data.member("password")) return std::nullopt;
         return Identity{.user_id = "ann"};
       },
       .authentication_method =
           [](const AuthenticateRequest& request) { return request.data.member("password") ? "password" : "card"; }});
  for (int i = 0; i < 4; ++i) {
    TestClient client = server.connect();
    client.authenticate(R"({"card":7})");
  }
  TestClient refused = server.connect();
  refused.send(envelope("authenticate", R"({"password":"x"})"));
  refused.wait_for_close();
  const Metrics metrics = server->metrics();
  EXPECT_THAT(metrics.authentication_methods, ElementsAre(Pair("card", AuthenticationCounts{.accepted = 4}),
                                                          Pair("password", AuthenticationCounts{.rejected = 1})));
  EXPECT_EQ(metrics.authentications, (AuthenticationCounts{.accepted = 4, .rejected = 1}));
}

TEST(MetricsOfAServer, CountsWhatRulesLeaveOutForSlowReaders) {
  constexpr int kCount = 400;  // more than the sockets take
  const auto rule = [](const char* room, RoomSlowConsumer policy) {
    return RoomRule{.pattern = {room}, .history_size = 1, .slow_consumer = policy};
  };
  TestServer server;
  server.start({.room_rules = RoomRules({rule("lost", RoomSlowConsumer::drop), rule("new", RoomSlowConsumer::latest)}),
                .history = {.catch_up_at = std::size_t{64} * 1024},
                .validate_room = allow_all});
  const std::string join = R"({"rooms":["lost","new"],"since":{"lost":null,"new":null}})";
  TestClient slow = server.connect(4096);
  slow.authenticate().send(envelope("join", join, "j"));
  slow.expect("ack");
  for (int n = 0; n < kCount; ++n) {
    for (const char* room : {"lost", "new"}) {
      server->publish(room, "news", boost::json::value(std::string(20'000, 'x')), {.key = "k"});
    }
  }
  const std::string all = "\"offset\":400,\"top\":400}";
  for (std::string stands; stands.find(all) == stands.rfind(all);) {
    TestClient quick = server.client();
    quick.send(envelope("join", join, "j"));
    stands = quick.expect("ack");
  }
  std::uint64_t lost = 0;
  std::uint64_t replaced = 0;
  while (lost == 0 || replaced == 0) {
    const boost::json::value told = boost::json::parse(slow.next());
    if (told.at("event") == "gap") lost = told.at("data").at("skipped").to_number<std::uint64_t>();
    if (const auto* skipped = told.as_object().if_contains("skipped")) {
      replaced = skipped->to_number<std::uint64_t>();
    }
  }
  const Metrics metrics = server->metrics();
  EXPECT_THAT(metrics.drops,
              ElementsAre(Pair("backlog", 0U), Pair("drop", lost), Pair("gap", 0U), Pair("latest", replaced)));
  EXPECT_EQ(metrics.counters.messages_dropped, lost);
}

TEST(MetricsOfAServer, TimesItsTurns) {
  TestServer server;
  server.start();
  TestClient client = server.client();
  const Metrics metrics = server->metrics();
  EXPECT_EQ(metrics.ticks.counts.size(), metrics.ticks.bounds.size() + 1);
  EXPECT_TRUE(std::is_sorted(metrics.ticks.bounds.begin(), metrics.ticks.bounds.end()));
  const auto turns = std::accumulate(metrics.ticks.counts.begin(), metrics.ticks.counts.end(), std::uint64_t{0});
  EXPECT_GT(turns, 0U);
  EXPECT_LE(turns, server->statistics().ticks);
  EXPECT_GT(metrics.ticks.sum, 0);
  EXPECT_DOUBLE_EQ(metrics.shards.front().busy_seconds, metrics.ticks.sum);
}

// The clock is looked at in the middle of a turn, too: after so long a message.
TEST(MetricsOfAServer, TimesAllOfATurn) {
  TestServer server;
  server.start({.message = [](const Message&) {
    const auto until = std::chrono::steady_clock::now() + 30ms;
    while (std::chrono::steady_clock::now() < until) {
    }
  }});
  TestClient client = server.client();
  const double before = server->metrics().ticks.sum;
  client.send(envelope("long", '"' + std::string(50'000, 'x') + '"'));
  client.round_trip();
  EXPECT_GE(server->metrics().ticks.sum - before, 0.03);
}

}  // namespace
}  // namespace hearth::test
