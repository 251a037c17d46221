// The handlers `room_joined` and `room_left`.

#include "support/coroutines.hpp"
#include "support/notes.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <initializer_list>
#include <stdexcept>
#include <string>
#include <vector>

namespace hearth::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

RoomRules rules() {
  RoomRule told;
  told.pattern = {"told", "told*", "lobby"};
  told.events = true;
  RoomRule other;
  other.pattern = {"**"};
  return RoomRules({told, other});
}

/// Takes note of who comes and goes, as `+user room`, `-user room`, and of connects and disconnects.
Options noting(Notes& notes) {
  Options options;
  options.default_rooms = {"lobby", "ws-default"};
  options.validate_room = allow_all;
  options.room_rules = rules();
  const auto note = [&notes](std::string what, const auto& event) {
    notes.add(what + std::string(event.user_id.value_or("nobody")));
  };
  options.client_connected = [note](const ClientConnected& event) { note("connected ", event); };
  options.client_disconnected = [note](const ClientDisconnected& event) { note("disconnected ", event); };
  options.room_joined = [&notes](const RoomMembership& event) {
    notes.add("+" + std::string(event.user_id.value_or("nobody")) + ' ' + std::string(event.room));
  };
  options.room_left = [&notes](const RoomMembership& event) {
    notes.add("-" + std::string(event.user_id.value_or("nobody")) + ' ' + std::string(event.room));
  };
  return options;
}

TEST(RoomEvents, AreOfRoomsWhoseRuleHasThem) {
  Notes notes;
  TestServer server;
  server.start(noting(notes));
  TestClient client = server.client("ann");
  client.join("told");
  client.join("untold");
  client.join("told");  // it is in it already
  client.leave("untold");
  client.leave("told");
  client.leave("told");
  client.round_trip();
  EXPECT_THAT(notes.all(), ElementsAre("connected ann", "+ann lobby", "+ann told", "-ann told"));
}

TEST(RoomEvents, WhoGoesLeavesEveryRoomBeforeItIsGone) {
  Notes notes;
  TestServer server;
  server.start(noting(notes));
  TestClient client = server.client("ann");
  for (int i = 0; i < 3; ++i) client.join("told" + std::to_string(i));
  client.drop();
  eventually("the client to be gone", [&] { return notes.count("disconnected ann") == 1; });
  const auto all = notes.all();
  EXPECT_EQ(all.back(), "disconnected ann");
  EXPECT_EQ(notes.size(), 1U + 4U + 4U + 1U);
  for (const char* room : {"lobby", "told0", "told1", "told2"}) EXPECT_EQ(notes.count("-ann " + std::string(room)), 1U);
}

TEST(RoomEvents, AreAlsoOfWhatTheServerDoes) {
  Notes notes;
  TestServer server;
  server.start(noting(notes));
  TestClient client = server.client("ann");
  server->join_room(client.id(), "told by server");
  server->join_user("ann", std::vector<std::string>{"told twice"});
  server->leave_room(client.id(), "told by server");
  server.fence();
  server.fence();  // what was noted in the turn of the first has been told
  EXPECT_THAT(notes.all(), ElementsAre("connected ann", "+ann lobby", "+ann told by server", "+ann told twice",
                                       "-ann told by server"));
}

TEST(RoomEvents, OfOneWhoIsNotAuthenticatedThereAreNone) {
  Notes notes;
  TestServer server;
  Options options = noting(notes);
  options.authenticate = [](const AuthenticateRequest&) -> AuthenticateResult { return std::nullopt; };
  server.start(std::move(options));
  TestClient client = server.connect();
  client.send(envelope("authenticate"));
  client.wait_for_close();
  client.finish();
  eventually("the client to be gone", [&] { return server->clients().empty(); });
  EXPECT_THAT(notes.all(), IsEmpty());
}

TEST(RoomEvents, HandlersMayChangeRoomsThemselves) {
  Notes notes;
  TestServer server;
  Options options = noting(notes);
  options.room_joined = [&](const RoomMembership& event) {
    notes.add("+" + std::string(event.room));
    if (event.room == "told") server->join_room(event.client_id, "told more");
    if (event.room == "told more") server->leave_room(event.client_id, "told");
  };
  server.start(std::move(options));
  TestClient client = server.client("ann");
  client.join("told");
  client.round_trip();
  EXPECT_THAT(notes.all(), ElementsAre("connected ann", "+lobby", "+told", "+told more", "-ann told"));
}

TEST(RoomEvents, CoroutinesListenToOneAfterTheOther) {
  Notes notes;
  Gate gate;
  TestServer server;
  Options options = noting(notes);
  options.room_joined = [&](const RoomMembership& event) -> Awaitable<void> {
    const std::string room(event.room);
    notes.add("began " + room);
    co_await gate.passed();
    notes.add("ended " + room);
  };
  server.start(std::move(options));
  TestClient client = server.client("ann");
  eventually("the first to be listened to", [&] { return gate.entered() == 1; });
  server->join_room(client.id(), "told");
  server->leave_room(client.id(), "told");
  client.drop();
  eventually("the client to be gone", [&] { return server->clients().empty(); });
  EXPECT_THAT(notes.all(), ElementsAre("connected ann", "began lobby"));
  gate.open();
  eventually("the end", [&] { return notes.count("disconnected ann") == 1; });
  EXPECT_THAT(notes.all(), ElementsAre("connected ann", "began lobby", "ended lobby", "began told", "ended told",
                                       "-ann told", "-ann lobby", "disconnected ann"));
}

TEST(RoomEvents, WhoMakesMoreThanIsListenedToIsHeldUp) {
  Gate gate;
  Notes notes;
  TestServer server;
  Options options = noting(notes);
  options.room_joined = [&](const RoomMembership&) -> Awaitable<void> { co_await gate.passed(); };
  server.start(std::move(options));
  TestClient client = server.client("ann");
  eventually("the first to be listened to", [&] { return gate.entered() == 1; });
  client.join("told");  // waits for the first to be listened to, and the client with it
  client.send(envelope("join", R"({"rooms":["untold"]})", "later"));
  client.round_trip();
  EXPECT_EQ(server->clients_in_room("untold").size(), 0U);
  gate.open();
  client.expect("ack");
  EXPECT_EQ(server->clients_in_room("untold").size(), 1U);
}

TEST(RoomEvents, OneThatThrowsIsLogged) {
  Notes notes;
  TestServer server;
  Options options = noting(notes);
  options.room_joined = [](const RoomMembership&) { throw std::runtime_error("too crowded"); };
  server.start(std::move(options));
  TestClient client = server.client("ann");
  client.round_trip();
  eventually("the log line", [&] { return server.log().count("too crowded") > 0; });
}

}  // namespace
}  // namespace hearth::test
