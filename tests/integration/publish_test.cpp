// docs/protocol.md, "Publish".

#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <atomic>

namespace hearth::test {
namespace {

using testing::IsEmpty;

struct Publish : testing::Test {
  Publish() { server.start({.client_publish = true, .validate_room = allow_all}); }

  TestClient member(std::string_view user = {}) const {
    TestClient client = server.client(user);
    client.join("r");
    return client;
  }

  TestServer server;
};

std::string error(std::string_view message, int code, std::string_view id) {
  return R"({"event":"error","data":{"message":")" + std::string(message) + R"(","code":)" + std::to_string(code) +
         R"(},"id":")" + std::string(id) + R"("})";
}

TEST_F(Publish, MembersGetIt) {
  TestClient ada = member("ada");
  TestClient other = member();
  ada.send(R"({"event":"publish","data":{"room":"r","event":"chat","data":{ "text" : "hi\u00e9" }}})");
  const std::string message =
      R"({"event":"chat","data":{ "text" : "hi\u00e9" },"from":{"id":")" + ada.id() + R"(","userId":"ada"}})";
  EXPECT_EQ(other.next(), message);
  EXPECT_EQ(ada.next(), message) << "echo is on unless it is false";
  EXPECT_THAT(ada.rest(), IsEmpty());
}

TEST_F(Publish, WithoutAUserFromIsTheClientAlone) {
  TestClient sender = member();
  sender.send(R"({"event":"publish","data":{"room":"r","event":"chat"}})");
  EXPECT_EQ(sender.next(), R"({"event":"chat","from":{"id":")" + sender.id() + R"("}})");
}

TEST_F(Publish, EchoFalseLeavesTheSenderOut) {
  TestClient sender = member();
  TestClient other = member();
  sender.send(R"({"event":"publish","data":{"room":"r","event":"chat","data":1,"echo":false},"id":"7"})");
  other.expect("chat");
  EXPECT_EQ(sender.next(), R"({"event":"ack","data":{"rooms":["r"]},"id":"7"})");
  EXPECT_THAT(sender.rest(), IsEmpty());
}

TEST_F(Publish, EchoTrueIsTheDefault) {
  TestClient sender = member();
  for (const std::string_view echo : {R"(,"echo":true)", R"(,"echo":null)", R"(,"echo":0)", ""}) {
    sender.send(R"({"event":"publish","data":{"room":"r","event":"chat")" + std::string(echo) + "}}");
    sender.expect("chat");
  }
  EXPECT_THAT(sender.rest(), IsEmpty());
}

TEST_F(Publish, TheAckComesAfterTheOwnCopy) {
  TestClient sender = member();
  sender.send(R"({"event":"publish","data":{"room":"r","event":"chat"},"id":"7"})");
  sender.expect("chat");
  sender.expect("ack");
}

TEST_F(Publish, WhoIsNoMemberMayNot) {
  TestClient outsider = server.client();
  TestClient inside = member();
  outsider.send(R"({"event":"publish","data":{"room":"r","event":"chat"}})");
  EXPECT_THAT(outsider.rest(), IsEmpty());
  outsider.send(R"({"event":"publish","data":{"room":"r","event":"chat"},"id":"7"})");
  EXPECT_EQ(outsider.next(), error("Not a member of the room", 202, "7"));
  outsider.send(R"({"event":"publish","data":{"room":")" + inside.id() + R"(","event":"chat"},"id":"8"})");
  EXPECT_EQ(outsider.next(), error("Not a member of the room", 202, "8"));
  outsider.send(R"({"event":"publish","data":{"room":"","event":"chat"},"id":"9"})");
  EXPECT_EQ(outsider.next(), error("Not a member of the room", 202, "9"));
  EXPECT_THAT(inside.rest(), IsEmpty());
}

TEST_F(Publish, ReservedEventsAreRefused) {
  TestClient sender = member();
  TestClient other = member();
  for (const std::string event : {"authenticate", "connected", "heartbeat", "join", "leave", "publish", "error", "ack",
                                  "encrypted", "disconnect", "\\u0061ck"}) {
    sender.send(R"({"event":"publish","data":{"room":"r","event":")" + event + R"("},"id":"7"})");
    EXPECT_EQ(sender.next(), error("Reserved event", 105, "7")) << event;
    sender.send(R"({"event":"publish","data":{"room":"r","event":")" + event + R"("}})");
  }
  EXPECT_THAT(sender.rest(), IsEmpty());
  EXPECT_THAT(other.rest(), IsEmpty());
}

TEST_F(Publish, MissingFieldsAreRefused) {
  TestClient sender = member();
  for (const std::string_view data :
       {"{}", "null", "[]", "5", R"({"room":"r"})", R"({"event":"chat"})", R"({"room":5,"event":"chat"})",
        R"({"room":"r","event":""})", R"({"room":"r","event":null})", R"({"room":["r"],"event":"chat"})"}) {
    sender.send(envelope("publish", data, "7"));
    EXPECT_EQ(sender.next(), error("Invalid request", 100, "7")) << data;
  }
  sender.send(R"({"event":"publish","id":"8"})");
  EXPECT_EQ(sender.next(), error("Invalid request", 100, "8"));
}

TEST_F(Publish, WhoHasLeftTheRoomMayNotAnyMore) {
  TestClient sender = member();
  sender.leave("r");
  sender.send(R"({"event":"publish","data":{"room":"r","event":"chat"},"id":"7"})");
  EXPECT_EQ(sender.next(), error("Not a member of the room", 202, "7"));
}

TEST_F(Publish, WhoIsNotAuthenticatedMayNot) {
  TestClient client = server.connect();
  client.send(R"({"event":"publish","data":{"room":"r","event":"chat"},"id":"7"})");
  EXPECT_EQ(client.next(), error("Not authenticated", 101, "7"));
}

TEST_F(Publish, ToTheRoomOfTheOwnIdIsAllowed) {
  TestClient client = server.client();
  client.send(R"({"event":"publish","data":{"room":")" + client.id() + R"(","event":"note","data":[]}})");
  EXPECT_EQ(client.next(), R"({"event":"note","data":[],"from":{"id":")" + client.id() + R"("}})");
}

// A receiver that reads the sender's data must not be made to believe that it is somebody else.
TEST_F(Publish, FromCannotBeForged) {
  TestClient sender = member();
  sender.send(R"({"event":"publish","from":{"id":"x"},"data":{"room":"r","event":"chat","from":{"id":"x"}}})");
  EXPECT_EQ(sender.next(), R"({"event":"chat","from":{"id":")" + sender.id() + R"("}})");
}

}  // namespace
}  // namespace hearth::test
