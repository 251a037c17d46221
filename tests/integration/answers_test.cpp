// Server::answer and answer_error: what a `message` handler, or whoever it asks, says to a message with an `id`.

#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <stdexcept>
#include <string>

namespace hearth::test {
namespace {

using testing::IsEmpty;

TEST(Answers, ComeUnderTheIdOfTheMessage) {
  TestServer server;
  server.make({.message = [&](const Message& message) {
    if (message.event == "ask") server->answer(message.client_id, message.id, message.data.parse());
    if (message.event == "nothing") server->answer(message.client_id, message.id);
    if (message.event == "fail") server->answer_error(message.client_id, message.id, 112, "no \"tea\" left");
  }});
  server->start();
  TestClient client = server.client();
  client.send(envelope("ask", R"({"a":[1,2]})", R"(q "1")"));
  EXPECT_EQ(client.next(), R"({"event":"ack","data":{"a":[1,2]},"id":"q \"1\""})");
  client.send(envelope("nothing", {}, "2"));
  EXPECT_EQ(client.next(), R"({"event":"ack","id":"2"})");
  client.send(envelope("fail", {}, "3"));
  EXPECT_EQ(client.next(), R"({"event":"error","data":{"message":"no \"tea\" left","code":112},"id":"3"})");
}

TEST(Answers, OfAThreadComeInTheOrderGivenAmongWhatItSends) {
  TestServer server;
  server.start();
  TestClient client = server.client();
  for (int i = 0; i < 50; ++i) {
    server->send_to_client(client.id(), "before", i);
    server->answer(client.id(), std::to_string(i), i);
  }
  for (int i = 0; i < 50; ++i) {
    const std::string number = std::to_string(i);
    EXPECT_EQ(client.next(), R"({"event":"before","data":)" + number + '}');
    EXPECT_EQ(client.next(), R"({"event":"ack","data":)" + number + R"(,"id":")" + number + R"("})");
  }
}

TEST(Answers, MayComeLongAfterTheHandlerHasReturned) {
  std::string asked;
  TestServer server;
  server.start({.message = [&](const Message& message) { asked = message.id; }});
  TestClient client = server.client();
  client.send(envelope("ask", "1", "late"));
  client.round_trip();
  server.fence();
  server->answer(client.id(), asked, R"("here")");
  EXPECT_EQ(client.next(), R"({"event":"ack","data":"here","id":"late"})");
}

TEST(Answers, ToOneWhoHasGoneOrIsNobodyYetDoNothing) {
  TestServer server;
  server.start();
  TestClient gone = server.client();
  gone.drop();
  eventually("the client to be gone", [&] { return !server->client(gone.id()); });
  server->answer(gone.id(), "1", 2);
  TestClient waiting = server.connect();
  server->answer(server->clients().front().id, "1", 2);
  server->answer_error("no id", "1", 112, "x");
  EXPECT_THAT(waiting.rest(), IsEmpty());
}

TEST(Answers, NeedAnId) {
  TestServer server;
  server.start();
  TestClient client = server.client();
  EXPECT_THROW(server->answer(client.id(), "", 1), std::invalid_argument);
  EXPECT_THROW(server->answer_error(client.id(), "", 112, "x"), std::invalid_argument);
}

}  // namespace
}  // namespace hearth::test
