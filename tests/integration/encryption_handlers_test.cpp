// An application's own encryption: the handlers `handshake` and `outbound_transformer`.

#include "support/coroutines.hpp"
#include "support/notes.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

namespace hearth::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const CloseFrame kEncryptionRequired{4004, "Encryption required"};

std::string error(std::string_view message) {
  return R"({"event":"error","data":{"message":")" + std::string(message) + R"("}})";
}

HandshakeResult agree(const HandshakeRequest&) { return Handshake{"the server's key", "the salt"}; }

/// Stands for encryption: what was in the message is in `box`.
OutboundResult box(const OutboundMessage& message) {
  return OutboundReplacement{
      "boxed", boost::json::object{{"event", message.event}, {"data", boost::json::value(message.data.text())}}};
}

std::string boxed(std::string_view event, std::string_view data = {}) {
  return boost::json::serialize(
      boost::json::object{{"event", "boxed"}, {"data", boost::json::object{{"event", event}, {"data", data}}}});
}

TEST(EncryptionHandlers, HandshakeIsAskedAndItsAnswerGoesToTheClientInConnected) {
  TestServer server;
  Notes notes;
  server.start({.encryption = Encryption::required,
                .handshake =
                    [&](const HandshakeRequest& request) {
                      notes.add(std::string(request.user_id.value_or("nobody")) + std::string(request.data.text()) +
                                std::to_string(request.client_id.size()));
                      return agree(request);
                    },
                .outbound_transformer = box});
  TestClient client = server.connect();
  client.send(envelope("authenticate", R"({"userId":"ada","key":1})", "auth"));
  const boost::json::value connected = boost::json::parse(boost::json::string_view(client.expect("connected")));
  EXPECT_EQ(connected.at("data").at("serverPublicKey").as_string(), "the server's key");
  EXPECT_EQ(connected.at("data").at("salt").as_string(), "the salt");
  EXPECT_THAT(notes.all(), ElementsAre(R"(ada{"userId":"ada","key":1}36)"));
  const std::string ack = client.expect("boxed");
  EXPECT_THAT(ack, HasSubstr(R"("data":{"event":"ack")"));
  EXPECT_THAT(ack, HasSubstr(R"("id":"auth"})")) << "the id stays, so that the client knows what is answered";
  server->send_to_user("ada", "m", "[1]");
  EXPECT_EQ(client.next(), boxed("m", "[1]"));
  server->send_to_room("ws-default", "bare");
  EXPECT_EQ(client.next(), boxed("bare"));
  EXPECT_TRUE(server->clients().front().encrypted);
}

TEST(EncryptionHandlers, ARefusedHandshakeCloses) {
  for (const bool later : {false, true}) {
    const auto refuse = [](const HandshakeRequest&) -> HandshakeResult { return std::nullopt; };
    TestServer server;
    Options options{.encryption = Encryption::required, .handshake = refuse, .outbound_transformer = box};
    if (later) options.handshake = as_coroutine<HandshakeResult, HandshakeRequest>(refuse);
    server.start(std::move(options));
    TestClient client = server.connect();
    client.send(envelope("authenticate"));
    EXPECT_EQ(client.next(), error("Encryption handshake failed"));
    EXPECT_EQ(client.expect_close(), kEncryptionRequired);
  }
}

TEST(EncryptionHandlers, AHandshakeThatThrowsIsAnAuthenticationError) {
  for (const bool later : {false, true}) {
    const auto fail = [](const HandshakeRequest&) -> HandshakeResult { throw std::runtime_error("no key today"); };
    TestServer server;
    Options options{.encryption = Encryption::required, .handshake = fail, .outbound_transformer = box};
    if (later) options.handshake = as_coroutine<HandshakeResult, HandshakeRequest>(fail);
    server.start(std::move(options));
    TestClient client = server.connect();
    client.send(envelope("authenticate"));
    EXPECT_EQ(client.next(), error("Authentication error"));
    EXPECT_EQ(client.expect_close(), (CloseFrame{4003, "Authentication failed"}));
    EXPECT_EQ(server.log().count("no key today"), 1U);
  }
}

TEST(EncryptionHandlers, WithoutAHandshakeRequiredClosesWithoutAWord) {
  TestServer server;
  server.start({.encryption = Encryption::required, .outbound_transformer = box});
  TestClient client = server.connect();
  client.send(envelope("authenticate", R"({"publicKey":"x"})"));
  EXPECT_EQ(client.expect_close(), kEncryptionRequired);
}

TEST(EncryptionHandlers, OptionalAsksForThoseWhoGiveAKey) {
  TestServer server;
  server.start({.encryption = Encryption::optional, .handshake = agree, .outbound_transformer = box});
  TestClient plain = server.client();
  TestClient encrypted = server.connect();
  encrypted.authenticate(R"({"publicKey":"x"})");
  server->broadcast("m");
  EXPECT_EQ(plain.next(), R"({"event":"m"})");
  EXPECT_EQ(encrypted.next(), boxed("m"));
}

TEST(EncryptionHandlers, NothingReachesAClientWhileItsHandshakeIsThinking) {
  Gate gate;
  TestServer server;
  server.start({.encryption = Encryption::required,
                .handshake = behind_gate<HandshakeResult, HandshakeRequest>(gate, agree),
                .outbound_transformer = box});
  TestClient client = server.connect();
  client.send(envelope("authenticate", R"({"userId":"ada"})"));
  client.round_trip();
  const std::string id = server->clients().front().id;
  EXPECT_EQ(server->clients().front().state, ClientState::authenticating);
  server->broadcast("m");
  server->send_to_user("ada", "m");
  server->send_to_room("ws-default", "m");
  server->send_to_room(id, "m");
  client.send(envelope("hello"));
  EXPECT_EQ(client.next(), error("Not authenticated"));
  gate.open();
  client.expect("connected");
  server->broadcast("after");
  EXPECT_EQ(client.next(), boxed("after"));
}

TEST(EncryptionHandlers, ALateHandshakeOfAClientThatIsGoneChangesNothing) {
  Gate gate;
  std::atomic<int> answered = 0;
  TestServer server;
  server.start({.encryption = Encryption::required,
                .handshake = behind_gate<HandshakeResult, HandshakeRequest>(gate,
                                                                            [&](const HandshakeRequest& request) {
                                                                              ++answered;
                                                                              return agree(request);
                                                                            }),
                .outbound_transformer = box});
  TestClient client = server.connect();
  client.send(envelope("authenticate"));
  eventually("the handler to be at work", [&] { return gate.entered() == 1; });
  client.drop();
  eventually("the client to be gone", [&] { return server->statistics().connections_open == 0; });
  gate.open();
  eventually("the late answer", [&] { return answered == 1; });
  EXPECT_EQ(server->statistics().clients_authenticated, 0U);
}

TEST(EncryptionHandlers, ATransformerMayLeaveAMessageAsItIs) {
  TestServer server;
  server.start({.encryption = Encryption::required,
                .handshake = agree,
                .outbound_transformer = [](const OutboundMessage& message) -> OutboundResult {
                  if (message.event == "public") return std::nullopt;
                  if (message.event == "bare") return OutboundReplacement{"bare too"};
                  return box(message);
                }});
  TestClient client = server.client();
  server->broadcast("public", R"({"b":1,"a":[ 2 ]})");
  server->broadcast("bare", "1");
  EXPECT_EQ(client.next(), R"({"event":"public","data":{"b":1,"a":[ 2 ]}})");
  EXPECT_EQ(client.next(), R"({"event":"bare too"})");
}

TEST(EncryptionHandlers, AMessageWhoseTransformerThrowsIsNotSentAndTheNextOneIs) {
  for (const bool later : {false, true}) {
    const auto transform = [](const OutboundMessage& message) -> OutboundResult {
      if (message.event == "bad") throw std::runtime_error("no cipher");
      return box(message);
    };
    TestServer server;
    Options options{.encryption = Encryption::required, .handshake = agree, .outbound_transformer = transform};
    if (later) options.outbound_transformer = as_coroutine<OutboundResult, OutboundMessage>(transform);
    server.start(std::move(options));
    TestClient client = server.client();
    server->broadcast("bad", R"("SECRET")");
    server->broadcast("good");
    EXPECT_EQ(client.next(), boxed("good"));
    EXPECT_EQ(server.log().count("no cipher"), 1U);
  }
}

TEST(EncryptionHandlers, AMessageHandlerCanTurnEncryptionOn) {
  TestServer server;
  server.start({.message =
                    [&](const Message& message) {
                      server->send_to_client(message.client_id, "before");
                      server->enable_client_encryption(message.client_id);
                      server->send_to_client(message.client_id, "after");
                    },
                .outbound_transformer = box});
  TestClient client = server.client();
  TestClient other = server.client();
  client.send(envelope("encrypt me"));
  EXPECT_EQ(client.next(), R"({"event":"before"})");
  EXPECT_EQ(client.next(), boxed("after"));
  server->enable_client_encryption("no such client");
  server->broadcast("m");
  EXPECT_EQ(client.next(), boxed("m"));
  EXPECT_EQ(other.next(), R"({"event":"m"})");
}

TEST(EncryptionHandlers, EncryptionIsNotTurnedOnWithoutATransformer) {
  TestServer server;
  server.start();
  TestClient client = server.client();
  EXPECT_THROW(server->enable_client_encryption(client.id()), std::logic_error);
}

TEST(EncryptionHandlers, ATransformerMaySendItself) {
  TestServer server;
  server.start({.encryption = Encryption::required,
                .handshake = agree,
                .outbound_transformer = [&](const OutboundMessage& message) -> OutboundResult {
                  if (message.event == "m") server->broadcast("because of m");
                  return box(message);
                }});
  TestClient client = server.client();
  TestClient other = server.client();
  server->broadcast("m");
  for (TestClient* each : {&client, &other}) {
    std::vector<std::string> got{each->next(), each->next(), each->next()};
    EXPECT_EQ(std::count(got.begin(), got.end(), boxed("m")), 1);
    EXPECT_EQ(std::count(got.begin(), got.end(), boxed("because of m")), 2);
  }
}

TEST(EncryptionHandlers, SlowTransformersRunAFewAtATimeAndKeepEveryClientsOrder) {
  constexpr int kClients = 12;
  constexpr int kMessages = 15;
  constexpr int kLimit = 4;
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  TestServer server;
  server.start({.threads = 2,
                .encryption = Encryption::required,
                .handshake = agree,
                .outbound_transformer = [&](const OutboundMessage& message) -> Awaitable<OutboundResult> {
                  const int now = ++running;
                  for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) continue;
                  const int number = std::stoi(std::string(message.data.text()));
                  co_await pause_for(std::chrono::milliseconds((number * 7 + message.client_id.back()) % 4));
                  --running;
                  co_return box(message);
                },
                .encrypted_batch_limit = kLimit});
  std::vector<TestClient> clients;
  for (int i = 0; i < kClients; ++i) clients.push_back(server.client());
  for (int i = 0; i < kMessages; ++i) server->broadcast("m", std::to_string(i));
  for (TestClient& client : clients) {
    for (int i = 0; i < kMessages; ++i) ASSERT_EQ(client.next(), boxed("m", std::to_string(i)));
  }
  EXPECT_EQ(most, kLimit);
}

// For each client by itself.
TEST(EncryptionHandlers, WhatWaitsForASlowTransformerIsBounded) {
  Gate gate;
  TestServer server;
  server.start({.backpressure_limit = 1000,
                .encryption = Encryption::required,
                .handshake = agree,
                .outbound_transformer = behind_gate<OutboundResult, OutboundMessage>(gate, box)});
  TestClient client = server.client();
  TestClient other = server.client();
  const std::string text = '"' + std::string(300, 'x') + '"';
  for (int i = 0; i < 10; ++i) server->broadcast("m", text);
  eventually("messages to be dropped", [&] { return server->statistics().messages_dropped == 14; });
  gate.open();
  for (TestClient* one : {&client, &other}) {
    for (int i = 0; i < 3; ++i) EXPECT_EQ(one->next(), boxed("m", text));
  }
  server->broadcast("after");
  EXPECT_EQ(client.next(), boxed("after"));
  EXPECT_EQ(other.next(), boxed("after"));
}

TEST(EncryptionHandlers, AMessageLongerThanTheLimitIsTransformedIfNoneWaits) {
  TestServer server;
  server.start({.backpressure_limit = 1000,
                .encryption = Encryption::required,
                .handshake = agree,
                .outbound_transformer = as_coroutine<OutboundResult, OutboundMessage>(box)});
  TestClient client = server.client();
  const std::string text = '"' + std::string(3000, 'x') + '"';
  server->broadcast("m", text);
  EXPECT_EQ(client.next(), boxed("m", text));
  EXPECT_EQ(server->statistics().messages_dropped, 0U);
}

TEST(EncryptionHandlers, AClientThatGoesLeavesNothingBehind) {
  Gate gate;
  TestServer server;
  server.start({.encryption = Encryption::required,
                .handshake = agree,
                .outbound_transformer = behind_gate<OutboundResult, OutboundMessage>(gate, box)});
  TestClient client = server.client();
  for (int i = 0; i < 20; ++i) server->broadcast("m");
  server.fence();
  client.drop();
  eventually("the client to be gone", [&] { return server->statistics().connections_open == 0; });
  gate.open();
  TestClient next = server.client();
  server->broadcast("hello");
  EXPECT_EQ(next.next(), boxed("hello"));
}

}  // namespace
}  // namespace hearth::test
