// Server::metrics: what is there, and what has been counted.

#include "support/test_server.hpp"

#include <gmock/gmock.h>

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
