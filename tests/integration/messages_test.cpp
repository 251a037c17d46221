// docs/protocol.md, "What the server does with a message".

#include "support/test_server.hpp"

#include <gmock/gmock.h>

namespace hearth::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kInvalidFormat = R"({"event":"error","data":{"message":"Invalid message format"}})";
constexpr std::string_view kNotAuthenticated = R"({"event":"error","data":{"message":"Not authenticated"}})";

/// Returns what application messages reach the handler, as `event|data|id`.
struct Recorder {
  std::vector<std::string> seen;
  std::mutex mutex;

  void operator()(const Message& message) {
    const std::lock_guard lock(mutex);
    seen.push_back(std::string(message.event) + '|' + std::string(message.data.text()) + '|' + std::string(message.id));
  }
  std::vector<std::string> all() {
    const std::lock_guard lock(mutex);
    return seen;
  }
};

TEST(Messages, UpgradeIsAcceptedInSilence) {
  TestServer server;
  server.start();
  TestClient client = server.connect();
  EXPECT_THAT(client.rest(), IsEmpty());
  ASSERT_EQ(server->clients().size(), 1U);
  EXPECT_EQ(server->clients().front().state, ClientState::unauthorized);
}

TEST(Messages, WhatIsNotJsonIsAnsweredAndTheConnectionStays) {
  TestServer server;
  server.start();
  TestClient client = server.connect();
  const std::vector<std::string> broken{
      "",    "{",       "hello",    R"({"event":"x"} x)", R"({'event':'x'})", R"({"a":01})", "[1,]", "\xef\xbb\xbf{}",
      "nul", R"("\x")", R"("\ud83)"};
  for (const std::string& text : broken) {
    client.send(text);
    EXPECT_EQ(client.next(), kInvalidFormat) << text;
  }
  client.authenticate();
  client.send("}");
  EXPECT_EQ(client.next(), kInvalidFormat);
}

TEST(Messages, DeepNestingIsAnsweredAsInvalid) {
  TestServer server;
  server.start();
  TestClient client = server.connect();
  client.send(std::string(10'000, '['));
  EXPECT_EQ(client.next(), kInvalidFormat);
  client.send(std::string(10'000, '[') + std::string(10'000, ']'));
  EXPECT_EQ(client.next(), kInvalidFormat);
  client.authenticate();
}

TEST(Messages, JsonThatIsNoEnvelopeIsLoggedAndDropped) {
  Recorder recorder;
  TestServer server;
  server.start({.message = [&](const Message& message) { recorder(message); }});
  TestClient client = server.client();
  const std::vector<std::string> dropped{"null",
                                         "5",
                                         R"("x")",
                                         "[]",
                                         "true",
                                         "{}",
                                         R"([{"event":"x"}])",
                                         R"({"data":1})",
                                         R"({"event":""})",
                                         R"({"event":5})",
                                         R"({"event":null})",
                                         R"({"event":{"event":"x"}})",
                                         R"({"event":"x","event":7})"};
  for (const std::string& text : dropped) {
    const std::size_t logged = server.log().count("no envelope");
    client.send(text);
    EXPECT_THAT(client.rest(), IsEmpty()) << text;
    EXPECT_EQ(server.log().count("no envelope"), logged + 1) << text;
  }
  EXPECT_THAT(recorder.all(), IsEmpty());
}

TEST(Messages, HeartbeatWithoutAnIdIsAnsweredInNoState) {
  Recorder recorder;
  TestServer server;
  server.start({.message = [&](const Message& message) { recorder(message); }});
  TestClient client = server.connect();
  client.send(R"({"event":"heartbeat"})");
  client.send(R"({"event":"heartbeat","id":5,"data":{}})");
  EXPECT_THAT(client.rest(), IsEmpty());
  client.authenticate();
  client.send(R"({"event":"heartbeat"})");
  EXPECT_THAT(client.rest(), IsEmpty());
  EXPECT_THAT(recorder.all(), IsEmpty());
}

TEST(Messages, HeartbeatWithAnIdIsAcknowledgedInEveryState) {
  Recorder recorder;
  TestServer server;
  server.start({.message = [&](const Message& message) { recorder(message); }});
  TestClient client = server.connect();
  client.send(R"({"event":"heartbeat","id":"1","data":{"ignored":true}})");
  EXPECT_EQ(client.next(), R"({"event":"ack","data":{},"id":"1"})");
  client.authenticate();
  client.send(R"({"event":"heartbeat","id":"2"})");
  EXPECT_EQ(client.next(), R"({"event":"ack","data":{},"id":"2"})");
  EXPECT_THAT(recorder.all(), IsEmpty());
}

TEST(Messages, NothingButAuthenticateIsTakenFromWhoIsNotAuthenticated) {
  Recorder recorder;
  TestServer server;
  server.start({.validate_room = allow_all, .message = [&](const Message& message) { recorder(message); }});
  TestClient client = server.connect();
  for (const std::string_view event : {"chat", "join", "leave", "connected", "publish"}) {
    client.send(envelope(event, R"({"rooms":["r"]})"));
    EXPECT_EQ(client.next(), kNotAuthenticated) << event;
  }
  client.send(envelope("join", R"({"rooms":["r"]})", "7"));
  EXPECT_EQ(client.next(), R"({"event":"error","data":{"message":"Not authenticated","code":101},"id":"7"})");
  client.authenticate();
  EXPECT_THAT(server->clients_in_room("r"), IsEmpty());
  EXPECT_THAT(recorder.all(), IsEmpty());
}

TEST(Messages, ApplicationGetsTheWholeMessage) {
  Recorder recorder;
  TestServer server;
  server.start({.message = [&](const Message& message) { recorder(message); }});
  TestClient client = server.client();
  client.send(R"({"event":"a"})");
  client.send(R"( { "id" : "7", "other": [1,{}], "data" : { "x" : [1 , 2.50e1] } , "event" : "b\u00e9" } )");
  client.send(R"({"event":"first","data":1,"event":"last","data":null})");
  client.send(R"({"event":"c","data":"\u0000\ud800","id":5})");
  client.send(R"({"event":"publish","data":{"room":"r","event":"e"}})");
  client.round_trip();
  EXPECT_THAT(recorder.all(), ElementsAre("a||", R"(bé|{ "x" : [1 , 2.50e1] }|7)", "last|null|", R"(c|"\u0000\ud800"|)",
                                          R"(publish|{"room":"r","event":"e"}|)"));
}

TEST(Messages, WithoutAHandlerTheyAreDropped) {
  TestServer server;
  server.start();
  TestClient client = server.client();
  client.send(envelope("chat", "1", "7"));
  EXPECT_THAT(client.rest(), IsEmpty());
}

TEST(Messages, BinaryMessagesAreReadAsText) {
  Recorder recorder;
  TestServer server;
  server.start({.message = [&](const Message& message) { recorder(message); }});
  TestClient client = server.connect();
  client.send_frame(kBinary, envelope("authenticate"));
  client.expect("connected");
  client.send_frame(kBinary, envelope("b", R"("é")"));
  client.send_frame(kBinary, "\xff\xfe");
  EXPECT_EQ(client.next(), kInvalidFormat);
  client.send_frame(kBinary, "{\"event\":\"\xc3\"}");
  EXPECT_EQ(client.next(), kInvalidFormat);
  EXPECT_THAT(recorder.all(), ElementsAre(R"(b|"é"|)"));
}

TEST(Messages, FragmentsAreOneMessage) {
  Recorder recorder;
  TestServer server;
  server.start({.message = [&](const Message& message) { recorder(message); }});
  TestClient client = server.client();
  const std::string text = envelope("long", '"' + std::string(1000, 'x') + "é\"");
  client.send_frame(kText, text.substr(0, 10), false);
  client.send_frame(kPing, "between");
  for (std::size_t at = 10; at < text.size() - 1; ++at) client.send_frame(kContinuation, text.substr(at, 1), false);
  client.send_frame(kContinuation, text.substr(text.size() - 1));
  client.round_trip();
  EXPECT_THAT(recorder.all(), ElementsAre("long|\"" + std::string(1000, 'x') + "é\"|"));
}

}  // namespace
}  // namespace hearth::test
