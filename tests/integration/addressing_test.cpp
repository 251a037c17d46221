// docs/protocol.md, "Addressing".

#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <boost/json/value_from.hpp>

#include <future>
#include <map>
#include <stdexcept>

namespace hearth::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// The next messages, in the order in which they come.
std::vector<std::string> next(TestClient& client, std::size_t count) {
  std::vector<std::string> messages;
  while (messages.size() < count) messages.push_back(client.next());
  return messages;
}

struct Addressing : testing::Test {
  Addressing() { server.start({.validate_room = allow_all}); }
  TestServer server;
};

TEST_F(Addressing, ToAClient) {
  TestClient ada = server.client("ada");
  TestClient other = server.client("ada");
  server->send_to_client(ada.id(), "news", R"({ "a" : 1.50 })");
  server->send_to_client(ada.id(), "bare");
  EXPECT_EQ(ada.next(), R"({"event":"news","data":{ "a" : 1.50 }})");
  EXPECT_EQ(ada.next(), R"({"event":"bare"})");
  EXPECT_THAT(other.rest(), IsEmpty());
}

TEST_F(Addressing, ToNobodyDoesNothing) {
  TestClient client = server.client("ada");
  for (const std::string_view id :
       {"", "x", "00000000-0000-4000-8000-000000000000", "ffffffff-ffff-4fff-bfff-ffffffffffff"}) {
    server->send_to_client(id, "news");
    server->send_to_user(id, "news");
    server->send_to_room(id, "news");
    server->join_room(id, "r");
    server->leave_room(id, "r");
    server->disconnect(id);
    EXPECT_FALSE(server->client(id));
    EXPECT_THAT(server->clients_of_user(id), IsEmpty());
    EXPECT_THAT(server->clients_in_room(id), IsEmpty());
  }
  server.fence();
  EXPECT_THAT(client.rest(), IsEmpty());
}

TEST_F(Addressing, ToAUserReachesAllItsClients) {
  TestClient first = server.client("ada");
  TestClient second = server.client("ada");
  TestClient other = server.client("bob");
  TestClient nobody = server.client();
  server->send_to_user("ada", "news", "1");
  EXPECT_EQ(first.next(), R"({"event":"news","data":1})");
  EXPECT_EQ(second.next(), R"({"event":"news","data":1})");
  first.drop();
  eventually("the first to be gone", [&] { return server->clients_of_user("ada").size() == 1; });
  server->send_to_user("ada", "news", "2");
  EXPECT_EQ(second.next(), R"({"event":"news","data":2})");
  EXPECT_THAT(other.rest(), IsEmpty());
  EXPECT_THAT(nobody.rest(), IsEmpty());
}

TEST_F(Addressing, ToARoomReachesItsMembersButThoseExcluded) {
  TestClient first = server.client();
  TestClient second = server.client();
  TestClient outsider = server.client();
  first.join("r");
  second.join("r");
  server->send_to_room("r", "all");
  server->send_to_room("r", "some", "1", std::vector<std::string>{second.id(), outsider.id(), "nonsense"});
  server->send_to_room("r", "all");
  EXPECT_THAT(next(first, 3), ElementsAre(R"({"event":"all"})", R"({"event":"some","data":1})", R"({"event":"all"})"));
  EXPECT_THAT(next(second, 2), ElementsAre(R"({"event":"all"})", R"({"event":"all"})"));
  EXPECT_THAT(outsider.rest(), IsEmpty());
}

TEST_F(Addressing, EveryClientIsInTheRoomOfItsId) {
  TestClient client = server.client();
  TestClient guest = server.client();
  server->send_to_room(client.id(), "news", "1");
  EXPECT_EQ(client.next(), R"({"event":"news","data":1})");
  server->join_room(guest.id(), client.id());
  guest.round_trip();
  server->send_to_room(client.id(), "news", "2");
  EXPECT_EQ(client.next(), R"({"event":"news","data":2})");
  EXPECT_EQ(guest.next(), R"({"event":"news","data":2})");
  server->send_to_client(client.id(), "news", "3");
  EXPECT_EQ(client.next(), R"({"event":"news","data":3})");
  EXPECT_THAT(guest.rest(), IsEmpty());
}

TEST_F(Addressing, BroadcastReachesWhoIsAuthenticatedButThoseExcluded) {
  TestClient first = server.client();
  TestClient second = server.client("ada");
  TestClient waiting = server.connect();
  server->broadcast("all", "[]");
  server->broadcast("some", "[]", std::vector<std::string>{first.id()});
  EXPECT_EQ(first.next(), R"({"event":"all","data":[]})");
  EXPECT_THAT(next(second, 2), ElementsAre(R"({"event":"all","data":[]})", R"({"event":"some","data":[]})"));
  EXPECT_THAT(first.rest(), IsEmpty());
  EXPECT_THAT(waiting.rest(), IsEmpty());
}

TEST_F(Addressing, SendFindsOutWhatItsDestinationIs) {
  TestClient client = server.client();
  TestClient member = server.client();
  member.join("r");
  server->send(client.id(), "to client", "1");
  server->send("r", "to room", "2");
  server->send(std::nullopt, "to all", "3");
  EXPECT_EQ(client.next(), R"({"event":"to client","data":1})");
  EXPECT_EQ(client.next(), R"({"event":"to all","data":3})");
  EXPECT_EQ(member.next(), R"({"event":"to room","data":2})");
  EXPECT_EQ(member.next(), R"({"event":"to all","data":3})");
  server->send("nobody knows", "to none", "4");
  server.fence();
  EXPECT_THAT(client.rest(), IsEmpty());
  EXPECT_THAT(member.rest(), IsEmpty());
}

TEST_F(Addressing, SendWithoutTopicOrDataDoesNothing) {
  TestClient client = server.client();
  server->send(client.id(), "", "1");
  server->send(client.id(), "topic", {});
  server->send(std::nullopt, "", {});
  server->send(client.id(), "null is data", nullptr);
  EXPECT_EQ(client.next(), R"({"event":"null is data","data":null})");
  EXPECT_THAT(client.rest(), IsEmpty());
}

TEST_F(Addressing, SendSaysWhenItIsDone) {
  const TestClient client = server.client();
  for (const std::string_view topic : {"topic", ""}) {
    std::promise<std::error_code> done;
    server->send(client.id(), topic, "1", [&](std::error_code error) { done.set_value(error); });
    auto answer = done.get_future();
    ASSERT_EQ(answer.wait_for(kPatience), std::future_status::ready) << topic;
    EXPECT_FALSE(answer.get());
  }
}

TEST_F(Addressing, DataIsTextOrAnyJsonValue) {
  TestClient client = server.client();
  server->send_to_client(client.id(), "e", boost::json::value{{"k", {1, "é", nullptr}}});
  server->send_to_client(client.id(), "e", std::map<std::string, int>{{"a", 1}});
  server->send_to_client(client.id(), "e", std::vector<int>{1, 2});
  server->send_to_client(client.id(), "e", 5);
  server->send_to_client(client.id(), "e", boost::json::value("text"));
  server->send_to_client(client.id(), "quote \" and \n", "0");
  EXPECT_EQ(client.next(), R"({"event":"e","data":{"k":[1,"é",null]}})");
  EXPECT_EQ(client.next(), R"({"event":"e","data":{"a":1}})");
  EXPECT_EQ(client.next(), R"({"event":"e","data":[1,2]})");
  EXPECT_EQ(client.next(), R"({"event":"e","data":5})");
  EXPECT_EQ(client.next(), R"({"event":"e","data":"text"})");
  EXPECT_EQ(client.next(), R"({"event":"quote \" and \n","data":0})");
}

TEST_F(Addressing, WhatNoClientCouldReadIsRefused) {
  const TestClient client = server.client();
  EXPECT_THROW(server->send_to_client(client.id(), "e", "{"), std::invalid_argument);
  EXPECT_THROW(server->send_to_client(client.id(), "e", "\"\xff\""), std::invalid_argument);
  EXPECT_THROW(server->send_to_client(client.id(), ""), std::invalid_argument);
  EXPECT_THROW(server->send_to_user("ada", ""), std::invalid_argument);
  EXPECT_THROW(server->send_to_room("r", ""), std::invalid_argument);
  EXPECT_THROW(server->broadcast(""), std::invalid_argument);
  EXPECT_THROW(server->join_room(client.id(), ""), std::invalid_argument);
  EXPECT_THROW(server->disconnect(client.id(), 1005), std::invalid_argument);
  EXPECT_THROW(server->disconnect(client.id(), 999), std::invalid_argument);
  EXPECT_THROW(server->disconnect(client.id(), 5000), std::invalid_argument);
}

TEST_F(Addressing, OneThreadsCallsOfAllKindsArriveInOrder) {
  TestClient client = server.client("ada");
  std::vector<std::string> expected;
  for (int i = 0; i < 1000; ++i) {
    const std::string data = std::to_string(i);
    switch (i % 7) {
      case 0:
        server->send_to_client(client.id(), "e", data);
        break;
      case 1:
        server->send_to_user("ada", "e", data);
        break;
      case 2:
        server->send_to_room("ws-default", "e", data);
        break;
      case 3:
        server->broadcast("e", data);
        break;
      case 4:
        server->send(client.id(), "e", data);
        break;
      case 5:
        server->send("ws-notification", "e", data);
        break;
      default:
        server->send(std::nullopt, "e", data);
    }
    expected.push_back(R"({"event":"e","data":)" + data + '}');
  }
  std::vector<std::string> got;
  for (int i = 0; i < 1000; ++i) got.push_back(client.next());
  EXPECT_EQ(got, expected);
}

TEST_F(Addressing, JoinAndLeaveRoomStandInOrderWithSends) {
  TestClient client = server.client();
  for (int i = 0; i < 50; ++i) {
    server->send_to_room("r", "before", std::to_string(i));
    server->join_room(client.id(), "r");
    server->send_to_room("r", "inside", std::to_string(i));
    server->leave_room(client.id(), "r");
    server->send_to_room("r", "after", std::to_string(i));
  }
  for (int i = 0; i < 50; ++i) EXPECT_EQ(client.next(), R"({"event":"inside","data":)" + std::to_string(i) + '}');
  EXPECT_THAT(client.rest(), IsEmpty());
}

TEST_F(Addressing, JoinRoomAsksNobody) {
  TestServer strict;
  strict.start();
  TestClient client = strict.client();
  TestClient waiting = strict.connect();
  strict->join_room(client.id(), "ws:even this");
  for (const auto& snapshot : strict->clients()) strict->join_room(snapshot.id, "r");
  ASSERT_EQ(strict->clients_in_room("r").size(), 1U) << "who is not authenticated can be in no room";
  EXPECT_THAT(strict->client(client.id())->rooms,
              ElementsAre(client.id(), "ws-default", "ws-notification", "ws:even this", "r"));
}

TEST_F(Addressing, DisconnectClosesAfterWhatWasSentBefore) {
  TestClient client = server.client();
  server->send_to_client(client.id(), "last");
  server->disconnect(client.id(), 4321, std::string(130, 'x'));
  server->send_to_client(client.id(), "too late");
  server->broadcast("too late");
  EXPECT_EQ(client.next(), R"({"event":"last"})");
  EXPECT_EQ(client.expect_close(), (CloseFrame{4321, std::string(123, 'x')}));
  client.finish();
}

TEST_F(Addressing, LargeMessagesArriveWhole) {
  TestClient client = server.client();
  std::vector<std::string> sent;
  for (const std::size_t size : {125, 126, 65535, 65536, 1'000'000, 3'000'000}) {
    sent.push_back('"' + std::string(size, 'x') + '"');
    server->send_to_client(client.id(), "e", sent.back());
    EXPECT_EQ(client.next(), R"({"event":"e","data":)" + sent.back() + '}');
  }
}

TEST(NamedRooms, WhatIsSentToARoomSaysWhichItIs) {
  TestServer server;
  server.start({.client_publish = true, .name_rooms = true, .validate_room = allow_all});
  TestClient client = server.client();
  client.join("t\"ea");
  server->send_to_room("t\"ea", "news", "1");
  EXPECT_EQ(client.next(), R"({"event":"news","data":1,"room":"t\"ea"})");
  client.send(envelope("publish", R"({"room":"t\u0022ea","event":"news"})"));
  EXPECT_EQ(client.next(), R"({"event":"news","from":{"id":")" + client.id() + R"("},"room":"t\"ea"})");
  server->send(client.id(), "own", "2");  // to the client, not to a room
  EXPECT_EQ(client.next(), R"({"event":"own","data":2})");
  server->broadcast("all", "3");
  EXPECT_EQ(client.next(), R"({"event":"all","data":3})");
  server->send_to_room(client.id(), "news", "4");
  EXPECT_EQ(client.next(), R"({"event":"news","data":4,"room":")" + client.id() + R"("})");
}

}  // namespace
}  // namespace hearth::test
