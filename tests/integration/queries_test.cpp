// Snapshots of clients, from outside and from handlers.

#include "support/notes.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

namespace hearth::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using namespace std::chrono_literals;

std::vector<std::string> ids(const std::vector<ClientSnapshot>& snapshots) {
  std::vector<std::string> all;
  for (const auto& snapshot : snapshots) all.push_back(snapshot.id);
  return all;
}

TEST(Queries, SnapshotSaysWhatIsKnownOfAClient) {
  TestServer server;
  server.start({.authenticate = [](const AuthenticateRequest&) -> AuthenticateResult {
    return Identity{.user_id = "ada", .metadata = {{"role", "admin"}}};
  }});
  const auto before = std::chrono::system_clock::now();
  TestClient client = server.client();
  const auto snapshot = server->client(client.id());
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->id, client.id());
  EXPECT_EQ(snapshot->user_id, "ada");
  EXPECT_EQ(snapshot->state, ClientState::authenticated);
  EXPECT_EQ(to_string(snapshot->state), "authenticated");
  EXPECT_THAT(snapshot->rooms, ElementsAre(client.id(), "ws-default", "ws-notification"));
  EXPECT_FALSE(snapshot->backpressured);
  EXPECT_FALSE(snapshot->encrypted);
  EXPECT_GE(snapshot->connected_at, before - 1s);
  EXPECT_LE(snapshot->connected_at, std::chrono::system_clock::now());
  EXPECT_EQ(snapshot->metadata.at("role").as_string(), "admin");
  EXPECT_EQ(snapshot->remote_address.substr(0, 10), "127.0.0.1:");
  EXPECT_GE(snapshot->last_activity, snapshot->connected_at - 1s);
}

TEST(Queries, LastActivityIsTheLastMessage) {
  TestServer server;
  server.start();
  TestClient client = server.client();
  const auto first = server->client(client.id())->last_activity;
  eventually("a later activity", [&] {
    client.send("5");
    client.round_trip();
    return server->client(client.id())->last_activity > first + 20ms;
  });
}

TEST(Queries, ClientsAreFoundById) {
  TestServer server;
  server.start();
  TestClient waiting = server.connect();
  ASSERT_EQ(server->clients().size(), 1U);
  const std::string id = server->clients().front().id;
  EXPECT_EQ(server->client(id)->state, ClientState::unauthorized);
  EXPECT_THAT(server->client(id)->rooms, IsEmpty());
  waiting.authenticate();
  EXPECT_EQ(waiting.id(), id);
  EXPECT_EQ(server->client(id)->state, ClientState::authenticated);
  waiting.drop();
  eventually("the client to be gone", [&] { return !server->client(id); });
  EXPECT_THAT(server->clients(), IsEmpty());
}

TEST(Queries, UsersAndRoomsAreListed) {
  TestServer server;
  server.start({.validate_room = allow_all});
  TestClient a1 = server.client("ada");
  TestClient a2 = server.client("ada");
  TestClient bob = server.client("bob");
  a1.join("r");
  bob.join("r");
  EXPECT_THAT(ids(server->clients_of_user("ada")), UnorderedElementsAre(a1.id(), a2.id()));
  EXPECT_THAT(ids(server->clients_of_user("bob")), ElementsAre(bob.id()));
  EXPECT_THAT(ids(server->clients_in_room("r")), UnorderedElementsAre(a1.id(), bob.id()));
  EXPECT_THAT(ids(server->clients_in_room("ws-default")), UnorderedElementsAre(a1.id(), a2.id(), bob.id()));
  EXPECT_THAT(ids(server->clients_in_room(a2.id())), ElementsAre(a2.id()));
  EXPECT_THAT(ids(server->clients()), UnorderedElementsAre(a1.id(), a2.id(), bob.id()));
}

TEST(Queries, AClientThatIsClosingIsGone) {
  TestServer server;
  server.start();
  TestClient client = server.client();
  server->disconnect(client.id());
  eventually("the client to be gone", [&] { return !server->client(client.id()); });
  EXPECT_EQ(server->statistics().connections_open, 1U) << "its close frame is not answered yet";
  client.finish();
  eventually("the connection to be gone", [&] { return server->statistics().connections_open == 0; });
}

TEST(Queries, AHandlerSeesTheClientThatItHasClosedAsDisconnected) {
  Notes notes;
  TestServer server;
  server.start({.message = [&](const Message& message) {
    server->disconnect(message.client_id);
    const auto client = server->client(message.client_id);
    notes.add(!client || client->state == ClientState::disconnected ? "disconnected" : "there");
  }});
  TestClient client = server.client();
  client.send(envelope("close me"));
  client.wait_for_close();
  EXPECT_THAT(notes.all(), ElementsAre("disconnected"));
}

TEST(Queries, StatisticsCount) {
  TestServer server;
  server.start({.validate_room = allow_all});
  TestClient client = server.client();
  TestClient waiting = server.connect();
  client.join("r");
  server->send_to_room("r", "e");
  client.next();
  waiting.send("5");
  waiting.round_trip();
  TestClient web(server.address());
  web.write("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(web.read_http().status, 404U);
  const Statistics statistics = server->statistics();
  EXPECT_EQ(statistics.connections_accepted, 3U);
  EXPECT_EQ(statistics.connections_open, 3U);
  EXPECT_EQ(statistics.clients_authenticated, 1U);
  EXPECT_EQ(statistics.upgrades_refused, 1U);
  EXPECT_EQ(statistics.messages_received, 3U) << "authenticate, join, 5";
  EXPECT_EQ(statistics.messages_sent, 3U) << "connected, ack, e";
  EXPECT_EQ(statistics.messages_dropped, 0U);
  EXPECT_EQ(statistics.protocol_errors, 0U);
  EXPECT_GT(statistics.ticks, 0U);
}

TEST(Queries, HandlersMayAskAndSee) {
  std::atomic<Server*> self = nullptr;
  std::vector<std::string> seen;
  TestServer server;
  server.start({.authenticate = [&](const AuthenticateRequest& request) -> AuthenticateResult {
                  seen.emplace_back(to_string(self.load()->client(request.client_id)->state));
                  return Identity{.user_id = "ada"};
                },
                .client_connected =
                    [&](const ClientConnected& connected) {
                      seen.emplace_back(to_string(self.load()->client(connected.client_id)->state));
                      seen.emplace_back(connected.user_id.value());
                    },
                .client_disconnected =
                    [&](const ClientDisconnected& gone) {
                      seen.emplace_back(self.load()->client(gone.client_id) ? "still there" : "gone");
                      seen.emplace_back(self.load()->clients_in_room("ws-default").empty() ? "left" : "still in");
                    }});
  self = &*server;
  TestClient client = server.client();
  client.send_close(1000);
  client.expect_close();
  client.drop();
  eventually("the connection to be gone", [&] { return server->statistics().connections_open == 0; });
  server.destroy();
  EXPECT_THAT(seen, ElementsAre("authenticating", "authenticated", "ada", "gone", "left"));
}

// Every shard asks all others at the same time, from plain handlers, while threads outside ask too.
TEST(QueriesShards, HandlersOnAllShardsAskEachOtherWithoutADeadlock) {
  constexpr int kClients = 16;
  constexpr int kRounds = kSanitized ? 50 : 200;
  std::atomic<Server*> self = nullptr;
  std::atomic<std::uint64_t> wrong = 0;
  TestServer server;
  server.start({.threads = 4, .message = [&](const Message& message) {
                  if (self.load()->clients().size() != kClients) ++wrong;
                  if (self.load()->clients_in_room("ws-default").size() != kClients) ++wrong;
                  if (!self.load()->client(message.client_id)) ++wrong;
                  self.load()->send_to_client(message.client_id, "done");
                }});
  self = &*server;
  std::vector<TestClient> clients;
  for (int i = 0; i < kClients; ++i) clients.push_back(server.client(i % 2 == 0 ? "u0" : "u1"));
  std::atomic<bool> stop = false;
  std::vector<std::jthread> outside;
  for (int i = 0; i < 2; ++i) {
    outside.emplace_back([&] {
      while (!stop) {
        if (server->clients_of_user("u1").size() != kClients / 2) ++wrong;
        if (server->clients().size() != kClients) ++wrong;
      }
    });
  }
  for (int round = 0; round < kRounds; ++round) {
    for (TestClient& client : clients) client.send(envelope("ask"));
    for (TestClient& client : clients) client.expect("done");
  }
  stop = true;
  outside.clear();
  EXPECT_EQ(wrong, 0U);
}

}  // namespace
}  // namespace hearth::test
