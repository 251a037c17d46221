// docs/protocol.md, "Authentication".

#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>

#include <atomic>
#include <stdexcept>

namespace hearth::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::MatchesRegex;
using namespace std::chrono_literals;

constexpr std::string_view kUuid = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
constexpr std::string_view kTime = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z";

AuthenticateResult reject(const AuthenticateRequest&) { return std::nullopt; }
AuthenticateResult throw_up(const AuthenticateRequest&) { throw std::runtime_error("the database is away"); }

TEST(Authentication, ConnectedSaysIdUserAndTime) {
  TestServer server;
  server.start();
  TestClient anonymous = server.connect();
  anonymous.send(R"({"event":"authenticate"})");
  EXPECT_THAT(anonymous.next(), MatchesRegex(R"(\{"event":"connected","data":\{"id":")" + std::string(kUuid) +
                                             R"(","time":")" + std::string(kTime) + R"("\}\})"));
  TestClient user = server.connect();
  user.send(R"({"event":"authenticate","data":{"userId":"ada \"é\""}})");
  EXPECT_THAT(user.next(), MatchesRegex(R"(\{"event":"connected","data":\{"id":")" + std::string(kUuid) +
                                        R"(","userId":"ada \\"é\\"","time":")" + std::string(kTime) + R"("\}\})"));
  EXPECT_THAT(user.rest(), IsEmpty());
}

TEST(Authentication, ConnectedCarriesTheClientsOwnId) {
  TestServer server;
  server.start();
  const TestClient client = server.client("ada");
  ASSERT_EQ(server->clients().size(), 1U);
  EXPECT_EQ(server->clients().front().id, client.id());
}

TEST(Authentication, JoinsOwnRoomAndTheDefaultRooms) {
  TestServer server;
  server.start();
  const TestClient client = server.client();
  const auto snapshot = server->client(client.id());
  ASSERT_TRUE(snapshot);
  EXPECT_THAT(snapshot->rooms, ElementsAre(client.id(), "ws-default", "ws-notification"));
}

TEST(Authentication, DefaultRoomsAreAnOption) {
  TestServer server;
  server.start({.default_rooms = {"lobby"}});
  const TestClient client = server.client();
  EXPECT_THAT(server->client(client.id())->rooms, ElementsAre(client.id(), "lobby"));
}

TEST(Authentication, WithAnIdItIsAcknowledgedWithTheRooms) {
  TestServer server;
  server.start();
  TestClient client = server.connect();
  client.send(envelope("authenticate", {}, "a1"));
  const auto connected = boost::json::parse(boost::json::string_view(client.expect("connected")));
  const std::string id(connected.at("data").at("id").as_string());
  EXPECT_EQ(client.next(),
            R"({"event":"ack","data":{"rooms":[")" + id + R"(","ws-default","ws-notification"]},"id":"a1"})");
}

TEST(Authentication, HandlerGetsTheData) {
  std::vector<std::string> seen;
  std::string id;
  TestServer server;
  server.start({.authenticate = [&](const AuthenticateRequest& request) -> AuthenticateResult {
    seen.emplace_back(request.data.text());
    id = request.client_id;
    EXPECT_EQ(request.remote_address.substr(0, 10), "127.0.0.1:");
    return Identity{};
  }});
  for (const std::string_view data : {"", "null", R"({ "token" : 5 })", "[1]", R"("x")"}) {
    TestClient client = server.connect();
    client.authenticate(data);
    client.round_trip();
    EXPECT_EQ(client.id(), id);
  }
  EXPECT_THAT(seen, ElementsAre("{}", "{}", R"({ "token" : 5 })", "[1]", R"("x")"));
}

TEST(Authentication, TwiceIsAnError) {
  TestServer server;
  server.start();
  TestClient client = server.client();
  client.send(envelope("authenticate"));
  EXPECT_EQ(client.next(), R"({"event":"error","data":{"message":"Already authenticated"}})");
  client.send(envelope("authenticate", {}, "7"));
  EXPECT_EQ(client.next(), R"({"event":"error","data":{"message":"Already authenticated","code":102},"id":"7"})");
  EXPECT_THAT(client.rest(), IsEmpty());
  EXPECT_EQ(server->client(client.id())->state, ClientState::authenticated);
}

TEST(Authentication, WhoIsRejectedIsToldAndClosed) {
  TestServer server;
  server.start({.authenticate = reject});
  TestClient client = server.connect();
  client.send(envelope("authenticate"));
  EXPECT_EQ(client.next(), R"({"event":"error","data":{"message":"Authentication failed"}})");
  EXPECT_EQ(client.expect_close(), (CloseFrame{4003, "Authentication failed"}));
  TestClient asking = server.connect();
  asking.send(envelope("authenticate", {}, "7"));
  EXPECT_EQ(asking.next(), R"({"event":"error","data":{"message":"Authentication failed","code":103},"id":"7"})");
  EXPECT_EQ(asking.expect_close(), (CloseFrame{4003, "Authentication failed"}));
}

TEST(Authentication, WhenTheHandlerThrowsTheClientIsToldAndClosed) {
  TestServer server;
  server.start({.authenticate = throw_up});
  TestClient client = server.connect();
  client.send(envelope("authenticate"));
  EXPECT_EQ(client.next(), R"({"event":"error","data":{"message":"Authentication error"}})");
  EXPECT_EQ(client.expect_close(), (CloseFrame{4003, "Authentication failed"}));
  EXPECT_EQ(server.log().count("the database is away"), 1U);
  TestClient asking = server.connect();
  asking.send(envelope("authenticate", {}, "7"));
  EXPECT_EQ(asking.next(), R"({"event":"error","data":{"message":"Authentication error","code":104},"id":"7"})");
}

TEST(Authentication, OfWhoWasRefusedNoHandlerHears) {
  std::atomic<int> calls = 0;
  TestServer server;
  server.start({.authenticate = reject,
                .client_connected = [&](const ClientConnected&) { ++calls; },
                .client_disconnected = [&](const ClientDisconnected&) { ++calls; },
                .message = [&](const Message&) { ++calls; }});
  TestClient client = server.connect();
  client.send(envelope("authenticate"));
  client.send(envelope("chat"));
  client.finish();
  eventually("the server to forget the client", [&] { return server->statistics().connections_open == 0; });
  EXPECT_EQ(calls, 0);
}

TEST(Authentication, NothingAddressedReachesAClientBeforeIt) {
  std::atomic<Server*> target = nullptr;
  TestServer server;
  server.start({.authenticate = [&](const AuthenticateRequest& request) -> AuthenticateResult {
    target.load()->broadcast("early", "1");
    target.load()->send_to_room("ws-default", "early", "2");
    target.load()->send_to_room(request.client_id, "early", "3");
    target.load()->send_to_user("ada", "early", "4");
    return Identity{.user_id = "ada"};
  }});
  target = &*server;
  TestClient client = server.connect();
  server->broadcast("early", "0");
  server.fence();
  client.authenticate();
  EXPECT_THAT(client.log(), ElementsAre(testing::HasSubstr("connected")));
  EXPECT_THAT(client.rest(), IsEmpty());
}

TEST(Authentication, MetadataIsKept) {
  TestServer server;
  server.start({.authenticate = [](const AuthenticateRequest& request) -> AuthenticateResult {
    return Identity{.user_id = "ada", .metadata = {{"echo", request.data.parse()}}};
  }});
  const TestClient client = [&] {
    TestClient made = server.connect();
    made.authenticate(R"({"a":[1,2]})");
    return made;
  }();
  const auto snapshot = server->client(client.id());
  EXPECT_EQ(snapshot->metadata, boost::json::parse(R"({"echo":{"a":[1,2]}})"));
  EXPECT_EQ(snapshot->user_id, "ada");
}

}  // namespace
}  // namespace hearth::test
