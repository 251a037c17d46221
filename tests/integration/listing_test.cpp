// Pages of clients and rooms, and the busiest of them (docs/library.md, Queries).

#include "hearth/broker.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace hearth::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Listing, PagesOverShardsGiveEveryClientOnce) {
  TestServer server;
  server.start({.threads = 3});
  std::vector<TestClient> clients;
  std::set<std::string> expected;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(server.client("ann"));
    expected.insert(clients.back().id());
  }
  for (const std::size_t limit : {std::size_t{1}, std::size_t{3}, std::size_t{20}, std::size_t{1000}}) {
    std::vector<std::string> got;
    ClientQuery query{.limit = limit};
    do {
      const ClientPage page = server->clients(query);
      ASSERT_LE(page.clients.size(), limit);
      for (const ClientSnapshot& client : page.clients) got.push_back(client.id);
      query.after = page.next;
    } while (!query.after.empty());
    EXPECT_EQ(got.size(), expected.size());
    EXPECT_EQ(std::set<std::string>(got.begin(), got.end()), expected) << limit;
  }
}

TEST(Listing, EntriesSayWhatIsKnownOfAClient) {
  TestServer server;
  const auto end = std::chrono::system_clock::now() + std::chrono::hours(1);
  server.start({.authenticate = [end](const AuthenticateRequest&) -> AuthenticateResult {
    return Identity{.user_id = "ann", .rooms = {"a", "b", "c"}, .expires_at = end};
  }});
  TestClient client = server.client();
  const ClientPage page = server->clients(ClientQuery{.user = "ann", .address = "127.0.0.1", .rooms_of_each = 2});
  ASSERT_THAT(page.clients, SizeIs(1));
  EXPECT_THAT(page.next, IsEmpty());
  const ClientSnapshot& entry = page.clients.front();
  EXPECT_EQ(entry.id, client.id());
  EXPECT_THAT(entry.rooms, SizeIs(2));
  EXPECT_EQ(entry.room_count, 6U);  // its own, two default ones, and these
  EXPECT_EQ(entry.backlog_bytes, 0U);
  EXPECT_EQ(entry.messages_dropped, 0U);
  ASSERT_TRUE(entry.expires_at);
  EXPECT_LT(*entry.expires_at - end, std::chrono::seconds(5));
  EXPECT_GT(*entry.expires_at - end, std::chrono::seconds(-5));
  EXPECT_THAT(server->clients(ClientQuery{.address = entry.remote_address}).clients, SizeIs(1));
  EXPECT_THAT(server->clients(ClientQuery{.address = "192.0.2.1"}).clients, IsEmpty());
  EXPECT_THAT(server->clients(ClientQuery{.state = ClientState::unauthorized}).clients, IsEmpty());
}

TEST(Listing, BacklogAndDropsOfASlowClientAreThere) {
  TestServer server;
  server.start({.backpressure_limit = 256 * 1024});
  TestClient stuck = server.connect(8192);
  stuck.authenticate();
  const std::string text = '"' + std::string(100'000, 'x') + '"';
  for (int i = 0; i < 200; ++i) server->send_to_client(stuck.id(), "e", text);
  server.fence();
  const auto snapshot = server->client(stuck.id());
  ASSERT_TRUE(snapshot);
  EXPECT_GT(snapshot->backlog_bytes, 0U);
  EXPECT_GT(snapshot->messages_dropped, 0U);
  EXPECT_EQ(snapshot->messages_dropped, server->statistics().messages_dropped);
  const auto slowest = server->busiest(Busiest::clients_by_backlog, 10);
  ASSERT_THAT(slowest, SizeIs(1));
  EXPECT_EQ(slowest.front().name, stuck.id());
  EXPECT_GT(slowest.front().value, 0);
}

TEST(Listing, RoomsAreMergedOverShards) {
  TestServer server;
  server.start({.default_rooms = {}, .threads = 3, .validate_room = allow_all});
  std::vector<TestClient> clients;
  for (int i = 0; i < 12; ++i) {
    clients.push_back(server.client("user " + std::to_string(i % 2)));
    clients.back().join("all");
    clients.back().join("room:" + std::to_string(100 + i));
  }
  EXPECT_THAT(server->rooms({.prefix = "all"}).rooms, ElementsAre(RoomEntry{"all", 12}));
  std::vector<std::string> names;
  RoomQuery query{.prefix = "room:", .limit = 5};
  do {
    const RoomPage page = server->rooms(query);
    for (const RoomEntry& room : page.rooms) {
      names.push_back(room.name);
      EXPECT_EQ(room.members, 1U);
    }
    query.after = page.next;
  } while (!query.after.empty());
  ASSERT_THAT(names, SizeIs(12));
  for (int i = 0; i < 12; ++i) EXPECT_EQ(names[static_cast<std::size_t>(i)], "room:" + std::to_string(100 + i));
  EXPECT_THAT(server->rooms({.user = "user 1"}).rooms, SizeIs(7));
  const auto largest = server->busiest(Busiest::rooms_by_members, 1);
  ASSERT_THAT(largest, SizeIs(1));
  EXPECT_EQ(largest.front().name, "all");
  EXPECT_EQ(largest.front().value, 12);
}

TEST(Listing, BusiestRoomsAndClientsAreCountedOnceAMessage) {
  TestServer server;
  server.start({.default_rooms = {}, .threads = 2, .client_publish = true, .validate_room = allow_all});
  std::vector<TestClient> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(server.client());
    clients.back().join("loud");
    clients.back().join("quiet");
  }
  EXPECT_THAT(server->busiest(Busiest::rooms_by_messages, 10), IsEmpty());
  EXPECT_THAT(server->busiest(Busiest::clients_by_messages, 10), IsEmpty());
  const std::string text = '"' + std::string(1000, 'x') + '"';
  // So many that halving them now and then leaves enough.
  for (int i = 0; i < 640; ++i) server->send_to_room("loud", "e", i);
  for (int i = 0; i < 64; ++i) server->send_to_room("quiet", "e", text);
  server->send_to_room("empty", "e", text);
  for (int i = 0; i < 64; ++i) clients.front().send(R"({"event":"heartbeat"})");
  clients.front().round_trip();
  server.fence();
  const auto by_messages = server->busiest(Busiest::rooms_by_messages, 10);
  ASSERT_THAT(by_messages, SizeIs(2));
  EXPECT_EQ(by_messages.at(0).name, "loud");
  EXPECT_NEAR(by_messages.at(0).value / by_messages.at(1).value, 10, 1);
  const auto by_bytes = server->busiest(Busiest::rooms_by_bytes, 1);
  ASSERT_THAT(by_bytes, SizeIs(1));
  EXPECT_EQ(by_bytes.front().name, "quiet");
  const auto chatty = server->busiest(Busiest::clients_by_messages, 10);
  ASSERT_THAT(chatty, SizeIs(1));
  EXPECT_EQ(chatty.front().name, clients.front().id());
  const auto newest = server->busiest(Busiest::clients_by_age, 1);
  ASSERT_THAT(newest, SizeIs(1));
  EXPECT_EQ(newest.front().name, clients.back().id());
}

TEST(Listing, QueriesThatAreNoneAreRefused) {
  TestServer server;
  server.start();
  EXPECT_THROW(server->clients(ClientQuery{.limit = 0}), std::invalid_argument);
  EXPECT_THROW(server->clients(ClientQuery{.limit = 1001}), std::invalid_argument);
  EXPECT_THROW(server->clients(ClientQuery{.after = "yesterday"}), std::invalid_argument);
  EXPECT_THROW(server->rooms({.limit = 0}), std::invalid_argument);
  EXPECT_THROW(server->rooms({.limit = 1001}), std::invalid_argument);
}

TEST(Listing, AServerThatDoesNotRunHasNothing) {
  TestServer server;
  server.make({});
  EXPECT_THAT(server->clients(ClientQuery{}).clients, IsEmpty());
  EXPECT_THAT(server->rooms({}).rooms, IsEmpty());
  EXPECT_THAT(server->busiest(Busiest::rooms_by_bytes, 5), IsEmpty());
}

}  // namespace
}  // namespace hearth::test
