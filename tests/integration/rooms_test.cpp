// docs/protocol.md, "Rooms".

#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace hearth::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// The rooms a client is in beside those that it is in from the start.
std::vector<std::string> joined(TestServer& server, const TestClient& client) {
  auto rooms = server->client(client.id())->rooms;
  rooms.erase(rooms.begin(), rooms.begin() + 3);
  return rooms;
}

TEST(Rooms, WithoutValidateRoomNobodyJoins) {
  TestServer server;
  server.start();
  TestClient client = server.client();
  client.send(R"({"event":"join","data":{"rooms":["r"]}})");
  EXPECT_THAT(client.rest(), IsEmpty());
  EXPECT_THAT(joined(server, client), IsEmpty());
  client.send(R"({"event":"join","data":{"rooms":["r"]},"id":"7"})");
  EXPECT_EQ(client.next(), R"({"event":"error","data":{"message":"Room refused","code":200,"rooms":["r"]},"id":"7"})");
  EXPECT_THAT(joined(server, client), IsEmpty());
}

TEST(Rooms, WithoutAnIdJoiningIsSilent) {
  TestServer server;
  server.start({.validate_room = allow_all});
  TestClient client = server.client();
  client.send(R"({"event":"join","data":{"rooms":["a","b","a"]}})");
  EXPECT_THAT(client.rest(), IsEmpty());
  EXPECT_THAT(joined(server, client), ElementsAre("a", "b"));
  client.send(R"({"event":"leave","data":{"rooms":["a","never"]}})");
  EXPECT_THAT(client.rest(), IsEmpty());
  EXPECT_THAT(joined(server, client), ElementsAre("b"));
}

TEST(Rooms, HandlerIsAskedWithClientUserAndNames) {
  std::vector<std::string> seen;
  TestServer server;
  server.start({.validate_room = [&](const ValidateRoomRequest& request) {
    seen.emplace_back(request.client_id);
    seen.emplace_back(request.user_id.value_or("nobody"));
    seen.insert(seen.end(), request.rooms.begin(), request.rooms.end());
    return std::vector<std::string>();
  }});
  TestClient ada = server.client("ada");
  ada.send(R"({"event":"join","data":{"rooms":["a","b\u00e9"]}})");
  ada.round_trip();
  TestClient anonymous = server.client();
  anonymous.send(R"({"event":"join","data":{"rooms":["c"]}})");
  anonymous.round_trip();
  EXPECT_THAT(seen, ElementsAre(ada.id(), "ada", "a", "bé", anonymous.id(), "nobody", "c"));
}

TEST(Rooms, InvalidNamesNeverReachTheHandler) {
  std::vector<std::string> seen;
  TestServer server;
  server.start({.validate_room = [&](const ValidateRoomRequest& request) {
    seen.insert(seen.end(), request.rooms.begin(), request.rooms.end());
    return std::vector<std::string>(request.rooms.begin(), request.rooms.end());
  }});
  TestClient client = server.client();
  const std::string longest(256, 'x');
  std::string emoji;
  for (int i = 0; i < 128; ++i) emoji += "😀";  // two code units each
  const std::string names = R"(["",5,null,["a"],{"a":1},true,"ws:room:x","ws:",")" + longest + R"(",")" + longest +
                            R"(x",")" + emoji + R"(",")" + emoji + R"(x","\u0077s:x","WS:x"," "])";
  client.send(R"({"event":"join","data":{"rooms":)" + names + "}}");
  client.round_trip();
  EXPECT_THAT(seen, ElementsAre(longest, emoji, "WS:x", " "));
  EXPECT_THAT(joined(server, client), ElementsAre(longest, emoji, "WS:x", " "));
}

TEST(Rooms, HandlerIsNotAskedWhenNoNameIsLeft) {
  int asked = 0;
  TestServer server;
  server.start({.validate_room = [&](const ValidateRoomRequest&) {
    ++asked;
    return std::vector<std::string>{"r"};
  }});
  TestClient client = server.client();
  for (const std::string_view data : {R"({"rooms":[]})", R"({"rooms":["",1]})", R"({"rooms":"r"})", R"({"rooms":5})",
                                      R"({"rooms":null})", R"({"rooms":{"0":"r"}})", "{}", "[]", R"("r")", "null"}) {
    client.send(envelope("join", data));
    EXPECT_THAT(client.rest(), IsEmpty()) << data;
    client.send(envelope("leave", data));
    EXPECT_THAT(client.rest(), IsEmpty()) << data;
  }
  client.send(R"({"event":"join"})");
  EXPECT_THAT(client.rest(), IsEmpty());
  EXPECT_EQ(asked, 0);
  EXPECT_THAT(joined(server, client), IsEmpty());
}

TEST(Rooms, RoomsThatAreNoArrayAreAcknowledgedAsNone) {
  TestServer server;
  server.start({.validate_room = allow_all});
  TestClient client = server.client();
  client.send(R"({"event":"join","data":{"rooms":"r"},"id":"1"})");
  EXPECT_EQ(client.next(), R"({"event":"ack","data":{"rooms":[]},"id":"1"})");
  client.send(R"({"event":"leave","data":{"rooms":5},"id":"2"})");
  EXPECT_EQ(client.next(), R"({"event":"ack","data":{"rooms":[]},"id":"2"})");
}

TEST(Rooms, WhatTheHandlerReturnsIsJoined) {
  TestServer server;
  server.start({.validate_room = [](const ValidateRoomRequest&) {
    return std::vector<std::string>{"b", "unasked", ""};
  }});
  TestClient client = server.client();
  client.send(R"({"event":"join","data":{"rooms":["a","b"]}})");
  EXPECT_THAT(client.rest(), IsEmpty());
  EXPECT_THAT(joined(server, client), ElementsAre("b", "unasked"));
}

TEST(Rooms, AnIdIsAnsweredWithWhatWasJoined) {
  TestServer server;
  server.start({.validate_room = [](const ValidateRoomRequest& request) {
    std::vector<std::string> allowed;
    for (const std::string& room : request.rooms) {
      if (room.starts_with("ok")) allowed.push_back(room);
    }
    return allowed;
  }});
  TestClient client = server.client();
  client.send(R"({"event":"join","data":{"rooms":["ok1","ok \"2\" é"]},"id":"a\"b"})");
  EXPECT_EQ(client.next(), R"({"event":"ack","data":{"rooms":["ok1","ok \"2\" é"]},"id":"a\"b"})");
  client.send(R"({"event":"join","data":{"rooms":["ok3","no",5,"ws:x"]},"id":"2"})");
  EXPECT_EQ(client.next(),
            R"({"event":"error","data":{"message":"Room refused","code":200,"rooms":[5,"ws:x","no"]},"id":"2"})");
  EXPECT_THAT(joined(server, client), ElementsAre("ok1", "ok \"2\" é", "ok3"));
  client.send(R"({"event":"join","data":{"rooms":["ok1"]},"id":"3"})");
  EXPECT_EQ(client.next(), R"({"event":"ack","data":{"rooms":["ok1"]},"id":"3"})") << "joined already";
}

TEST(Rooms, LeavingAnswersWithWhatWasLeft) {
  TestServer server;
  server.start({.validate_room = allow_all});
  TestClient client = server.client();
  client.join("a");
  client.join("b");
  client.send(R"({"event":"leave","data":{"rooms":["b","never",5,"ws-default","b"]},"id":"1"})");
  EXPECT_EQ(client.next(), R"({"event":"ack","data":{"rooms":["b","ws-default"]},"id":"1"})");
  EXPECT_THAT(server->client(client.id())->rooms, testing::UnorderedElementsAre(client.id(), "ws-notification", "a"));
}

TEST(Rooms, WhenTheHandlerThrowsNothingIsJoinedAndTheClientStays) {
  TestServer server;
  server.start({.validate_room = [](const ValidateRoomRequest&) -> std::vector<std::string> {
    throw std::runtime_error("no database");
  }});
  TestClient client = server.client();
  client.send(R"({"event":"join","data":{"rooms":["r"]}})");
  EXPECT_THAT(client.rest(), IsEmpty());
  client.send(R"({"event":"join","data":{"rooms":["r"]},"id":"7"})");
  EXPECT_EQ(client.next(),
            R"({"event":"error","data":{"message":"Room check failed","code":201,"rooms":["r"]},"id":"7"})");
  EXPECT_THAT(joined(server, client), IsEmpty());
  EXPECT_EQ(server.log().count("no database"), 2U);
}

TEST(Rooms, MembersGetWhatIsSentToTheRoomUntilTheyLeave) {
  TestServer server;
  server.start({.validate_room = allow_all});
  TestClient member = server.client();
  TestClient other = server.client();
  member.join("r");
  server->send_to_room("r", "news", "1");
  EXPECT_EQ(member.next(), R"({"event":"news","data":1})");
  member.leave("r");
  server->send_to_room("r", "news", "2");
  server.fence();
  EXPECT_THAT(member.rest(), IsEmpty());
  EXPECT_THAT(other.rest(), IsEmpty());
}

TEST(Rooms, AClientCanLeaveTheRoomOfItsOwnIdAndComeBack) {
  TestServer server;
  server.start({.validate_room = allow_all});
  TestClient client = server.client();
  EXPECT_THAT(client.leave(client.id()), HasSubstr(R"("rooms":[")" + client.id() + R"("])"));
  server->send_to_room(client.id(), "news", "1");
  server.fence();
  EXPECT_THAT(client.rest(), IsEmpty());
  client.join(client.id());
  server->send_to_room(client.id(), "news", "2");
  EXPECT_EQ(client.next(), R"({"event":"news","data":2})");
}

TEST(Rooms, WhoIsGoneIsInNoRoom) {
  TestServer server;
  server.start({.validate_room = allow_all});
  TestClient stays = server.client();
  stays.join("r");
  TestClient goes = server.client();
  goes.join("r");
  goes.drop(true);
  eventually("the server to see it go", [&] { return server->clients().size() == 1; });
  ASSERT_EQ(server->clients_in_room("r").size(), 1U);
  EXPECT_EQ(server->clients_in_room("r").front().id, stays.id());
  EXPECT_THAT(server->clients_in_room(goes.id()), IsEmpty());
}

}  // namespace
}  // namespace hearth::test
