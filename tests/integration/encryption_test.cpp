// The built-in payload encryption: docs/protocol.md, section 4.

#include "integration/encrypted_client.hpp"
#include "support/notes.hpp"
#include "support/socket.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace hearth::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr auto kHandshakeFailed = R"({"event":"error","data":{"message":"Encryption handshake failed"}})";
const CloseFrame kEncryptionRequired{4004, "Encryption required"};

std::string error(std::string_view message) {
  return R"({"event":"error","data":{"message":")" + std::string(message) + R"("}})";
}

std::string with_key(std::string_view json) { return R"({"userId":"ada","publicKey":)" + std::string(json) + '}'; }

/// Echoes, and says to whom it was asked.
Options echo_options(TestServer& server, Encryption encryption) {
  return {.encryption = encryption, .validate_room = allow_all, .message = [&server](const Message& message) {
            server->send_to_client(message.client_id, message.event, message.data);
          }};
}

TEST(Encryption, ConnectedComesInClearWithTheServersKeyAndEverythingAfterItEncrypted) {
  TestServer server;
  server.start(echo_options(server, Encryption::required));
  EncryptedClient client(server.connect());
  client.begin("ada", "auth");
  client.finish();
  EXPECT_EQ(client.connected().at("userId").as_string(), "ada");
  EXPECT_EQ(client.connected().at("serverPublicKey").as_string().size(), 88U);
  EXPECT_EQ(client.connected().at("salt").as_string().size(), 44U);
  EXPECT_EQ(event_of(client.next()), "ack");
  server->send_to_client(client.id(), "one", "1");
  server->send_to_user("ada", "two", "2");
  server->send_to_room("ws-default", "three", "3");
  server->broadcast("four", R"({"text":"grüß"})");
  EXPECT_EQ(client.next(), R"({"event":"one","data":1})");
  EXPECT_EQ(client.next(), R"({"event":"two","data":2})");
  EXPECT_EQ(client.next(), R"({"event":"three","data":3})");
  EXPECT_EQ(client.next(), R"({"event":"four","data":{"text":"grüß"}})");
}

TEST(Encryption, EveryConnectionHasAKeyPairAndASaltOfItsOwn) {
  TestServer server;
  server.start({.encryption = Encryption::optional});
  std::vector<std::string> keys;
  for (int i = 0; i < 5; ++i) {
    EncryptedClient client(server, "ada");
    for (const auto* name : {"serverPublicKey", "salt"}) keys.emplace_back(client.connected().at(name).as_string());
  }
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(std::unique(keys.begin(), keys.end()), keys.end());
}

TEST(Encryption, RequiredRefusesWhoGivesNoKey) {
  TestServer server;
  server.start({.encryption = Encryption::required});
  for (const auto* data : {"{}", R"({"publicKey":null})", R"({"publicKey":1})", R"({"publicKey":""})", "[]", "1"}) {
    TestClient client = server.connect();
    client.send(envelope("authenticate", data));
    EXPECT_EQ(client.next(), kHandshakeFailed) << data;
    EXPECT_EQ(client.expect_close(), kEncryptionRequired) << data;
  }
  EXPECT_EQ(server->statistics().clients_authenticated, 0U);
}

TEST(Encryption, RefusesKeysThatAreNone) {
  TestServer server;
  server.start({.encryption = Encryption::optional});
  std::string good = crypto::EcdhSession::generate().public_key();
  std::string off_curve = good;
  off_curve[40] = off_curve[40] == 'A' ? 'B' : 'A';
  for (const std::string& key : {off_curve, good.substr(0, 84), good + "AAAA", ' ' + good.substr(1),
                                 std::string("AA=="), "A" + good.substr(1), good.substr(0, 87)}) {
    TestClient client = server.connect();
    client.send(envelope("authenticate", with_key('"' + key + '"'), "1"));
    EXPECT_EQ(client.next(),
              R"({"event":"error","data":{"message":"Encryption handshake failed","code":107},"id":"1"})")
        << key;
    EXPECT_EQ(client.expect_close(), kEncryptionRequired) << key;
  }
}

TEST(Encryption, OptionalEncryptsForThoseWhoGiveAKey) {
  TestServer server;
  server.start({.encryption = Encryption::optional});
  TestClient plain = server.client("ada");
  TestClient null_key = server.connect();
  null_key.authenticate(with_key("null"));
  EncryptedClient encrypted(server, "ada");
  server->send_to_user("ada", "hello");
  EXPECT_EQ(plain.next(), R"({"event":"hello"})");
  EXPECT_EQ(null_key.next(), R"({"event":"hello"})");
  EXPECT_EQ(encrypted.next(), R"({"event":"hello"})");
  EXPECT_FALSE(server->client(plain.id())->encrypted);
  EXPECT_TRUE(server->client(encrypted.id())->encrypted);
}

TEST(Encryption, OffIgnoresKeys) {
  TestServer server;
  server.start();
  TestClient client = server.connect();
  client.authenticate(with_key('"' + crypto::EcdhSession::generate().public_key() + '"'));
  EXPECT_THAT(client.log().front(), Not(HasSubstr("serverPublicKey")));
  server->broadcast("hello");
  EXPECT_EQ(client.next(), R"({"event":"hello"})");
}

TEST(Encryption, UsesTheInfoOfTheOptions) {
  TestServer server;
  server.start({.encryption = Encryption::required, .encryption_info = "another use"});
  EncryptedClient client(server, "ada");
  server->broadcast("hello");
  EXPECT_THROW(client.next(), std::runtime_error);
}

// Ignis has the client among the authenticated before its handshake is done, and so sends it plain text.
TEST(Encryption, NeverSendsAPlainByteAfterConnectedNorAnythingBeforeIt) {
  TestServer server;
  server.start({.threads = 2, .encryption = Encryption::required, .validate_room = allow_all});
  const std::jthread sender([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      server->broadcast("all", R"("SECRET")");
      server->send_to_user("ada", "user", R"("SECRET")");
      server->send_to_room("ws-default", "room", R"("SECRET")");
      for (const ClientSnapshot& client : server->clients()) {
        server->send_to_client(client.id, "client", R"("SECRET")");
        server->send(client.id, "own room", R"("SECRET")");
      }
    }
  });
  for (int i = 0; i < 100; ++i) {
    EncryptedClient client(server.connect());
    client.begin("ada", "auth");
    client.finish();
    EXPECT_EQ(event_of(client.next()), "ack");
    for (int k = 0; k < 5; ++k) EXPECT_THAT(client.next(), HasSubstr("SECRET"));
    for (std::size_t k = 1; k < client.wire().log().size(); ++k) {
      EXPECT_EQ(event_of(client.wire().log()[k]), "encrypted");
      EXPECT_THAT(client.wire().log()[k], Not(HasSubstr("SECRET")));
    }
  }
}

TEST(Encryption, RoomsMixPlainAndEncryptedClients) {
  TestServer server;
  server.start({.encryption = Encryption::optional, .validate_room = allow_all});
  TestClient plain = server.client();
  plain.join("r");
  EncryptedClient encrypted(server, "ada");
  encrypted.join("r");
  TestClient plain_too = server.client();
  plain_too.join("r");
  EncryptedClient encrypted_too(server, "bob");
  encrypted_too.join("r");
  for (int i = 0; i < 5; ++i) server->send_to_room("r", "m", std::to_string(i));
  const std::vector<std::string> exclude{plain.id(), encrypted_too.id()};
  server->send_to_room("r", "excluding", {}, exclude);
  server->broadcast("excluding all", {}, exclude);
  server->send_to_room("r", "end");
  for (int i = 0; i < 5; ++i) {
    const std::string expected = R"({"event":"m","data":)" + std::to_string(i) + '}';
    EXPECT_EQ(plain.next(), expected);
    EXPECT_EQ(encrypted.next(), expected);
    EXPECT_EQ(plain_too.next(), expected);
    EXPECT_EQ(encrypted_too.next(), expected);
  }
  for (const auto* event : {"excluding", "excluding all"}) {
    EXPECT_EQ(event_of(encrypted.next()), event);
    EXPECT_EQ(event_of(plain_too.next()), event);
  }
  EXPECT_EQ(event_of(plain.next()), "end");
  EXPECT_EQ(event_of(encrypted.next()), "end");
  EXPECT_EQ(event_of(plain_too.next()), "end");
  EXPECT_EQ(event_of(encrypted_too.next()), "end");
}

TEST(Encryption, MessagesThatComeEncryptedAreHandledAsIfTheyHadComePlain) {
  TestServer server;
  server.start(echo_options(server, Encryption::required));
  EncryptedClient client(server, "ada");
  client.send(envelope("hello", R"({"a":[1,2]})"));
  EXPECT_EQ(client.next(), R"({"event":"hello","data":{"a":[1,2]}})");
  client.send(envelope("heartbeat"));
  client.send(envelope("join", R"({"rooms":["r"]})", "1"));
  EXPECT_EQ(client.next(), R"({"event":"ack","data":{"rooms":["r"]},"id":"1"})");
  client.send(envelope("leave", R"({"rooms":["r"]})", "2"));
  EXPECT_EQ(client.next(), R"({"event":"ack","data":{"rooms":["r"]},"id":"2"})");
  client.send("no JSON");
  EXPECT_EQ(client.next(), error("Invalid message format"));
  client.send(envelope("authenticate"));
  EXPECT_EQ(client.next(), error("Already authenticated"));
  client.send("[]");
  client.send(envelope("last"));
  EXPECT_EQ(client.next(), R"({"event":"last"})");
}

TEST(Encryption, WaitingMessagesAreOpenedInTheirTurn) {
  TestServer server;
  server.start({.encryption = Encryption::required, .message = [&server](const Message& message) -> Awaitable<void> {
                  server->send_to_client(message.client_id, message.event);
                  co_return;
                }});
  EncryptedClient client(server, "ada");
  std::string frames;
  for (int i = 0; i < 50; ++i) frames += masked_frame(kText, client.sealed(envelope(std::to_string(i))));
  client.wire().write(frames);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(event_of(client.next()), std::to_string(i));
}

TEST(Encryption, RequiredRefusesPlainApplicationEventsButTakesHeartbeatsAndRooms) {
  TestServer server;
  Options options = echo_options(server, Encryption::required);
  options.client_publish = true;
  server.start(std::move(options));
  EncryptedClient client(server, "ada");
  client.wire().send(envelope("hello"));
  EXPECT_EQ(client.next(), error("Encryption required"));
  client.wire().send(envelope("publish", R"({"room":"ws-default","event":"e"})", "1"));
  EXPECT_EQ(client.next(), R"({"event":"error","data":{"message":"Encryption required","code":106},"id":"1"})");
  client.wire().send(envelope("heartbeat"));
  client.wire().send(R"({"event":"heartbeat","id":"h"})");
  EXPECT_EQ(client.next(), R"({"event":"ack","data":{},"id":"h"})");
  client.wire().send(envelope("join", R"({"rooms":["r"]})", "2"));
  EXPECT_EQ(client.next(), R"({"event":"ack","data":{"rooms":["r"]},"id":"2"})");
  client.wire().send(envelope("leave", R"({"rooms":["r"]})", "3"));
  EXPECT_EQ(client.next(), R"({"event":"ack","data":{"rooms":["r"]},"id":"3"})");
}

TEST(Encryption, OptionalTakesPlainApplicationEvents) {
  TestServer server;
  server.start(echo_options(server, Encryption::optional));
  EncryptedClient client(server, "ada");
  client.wire().send(envelope("hello"));
  EXPECT_EQ(client.next(), R"({"event":"hello"})");
}

TEST(Encryption, EncryptedEventsOfPlainClientsAreTheApplications) {
  TestServer server;
  server.start(echo_options(server, Encryption::optional));
  TestClient client = server.client();
  client.send(envelope("encrypted", R"({"iv":"x"})"));
  EXPECT_EQ(client.next(), R"({"event":"encrypted","data":{"iv":"x"}})");
}

TEST(Encryption, MessagesThatDoNotOpenAreAnsweredCountedAndClosedOnAfterTenInARow) {
  TestServer server;
  server.start(echo_options(server, Encryption::required));
  EncryptedClient client(server, "ada");
  const std::string wrong = envelope("encrypted", R"({"iv":"AAAAAAAAAAAAAAAA","ct":"AAAAAAAAAAAAAAAAAAAAAAAAAAAA"})");
  for (int i = 0; i < 9; ++i) {
    client.wire().send(i % 2 == 0 ? wrong : envelope("encrypted", "{}"));
    EXPECT_EQ(client.next(), error("Decryption failed"));
  }
  client.send(envelope("good"));
  EXPECT_EQ(client.next(), R"({"event":"good"})");
  client.send(client.sealed(envelope("nested")));
  for (int i = 1; i < 10; ++i) client.wire().send(wrong);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(client.next(), error("Decryption failed"));
  EXPECT_EQ(client.wire().expect_close(), (CloseFrame{1008, "Decryption failed"}));
  EXPECT_EQ(server->statistics().decryption_failures, 19U);
}

TEST(Encryption, HowManyMayNotOpenCanBeChangedWhileItRuns) {
  TestServer server;
  server.start(echo_options(server, Encryption::required));
  EncryptedClient client(server, "ada");
  Settings settings = server->settings();
  settings.limits.encryption_failures = 2;
  server->update(settings);
  for (int i = 0; i < 2; ++i) client.wire().send(envelope("encrypted", "{}"));
  for (int i = 0; i < 2; ++i) EXPECT_EQ(client.next(), error("Decryption failed"));
  EXPECT_EQ(client.wire().expect_close(), (CloseFrame{1008, "Decryption failed"}));
  EXPECT_EQ(server->metrics().limit_hits.at("encryption_failures"), 1U);
}

TEST(Encryption, AMessageOfAnotherClientDoesNotOpen) {
  TestServer server;
  server.start(echo_options(server, Encryption::required));
  EncryptedClient ada(server, "ada");
  EncryptedClient bob(server, "bob");
  bob.wire().send(ada.sealed(envelope("hello")));
  EXPECT_EQ(bob.next(), error("Decryption failed"));
}

TEST(Encryption, AKeyIsRetiredAfterItsNumberOfMessages) {
  TestServer server;
  server.start({.encryption = Encryption::required, .max_messages_per_key = 3});
  EncryptedClient client(server, "ada");
  for (int i = 0; i < 3; ++i) {
    server->broadcast("m", std::to_string(i));
    EXPECT_EQ(client.next(), R"({"event":"m","data":)" + std::to_string(i) + '}');
  }
  EXPECT_EQ(client.wire().expect_close(), (CloseFrame{4005, "Rekey required"}));
}

TEST(Encryption, AKeyIsRetiredByWhatTheClientSendsToo) {
  TestServer server;
  Notes notes;
  server.start({.encryption = Encryption::required, .max_messages_per_key = 3, .message = [&](const Message& message) {
                  notes.add(std::string(message.event));
                }});
  EncryptedClient client(server, "ada");
  for (const auto* event : {"one", "two", "three"}) client.send(envelope(event));
  EXPECT_EQ(client.wire().expect_close(), (CloseFrame{4005, "Rekey required"}));
  EXPECT_THAT(notes.all(), ElementsAre("one", "two"));
}

// CRIME: how well a text is compressed would tell what is in it.
TEST(Encryption, NothingEncryptedIsCompressed) {
  TestServer server;
  DeflateOptions deflate;
  deflate.enabled = true;
  deflate.min_size = 16;
  server.start({.per_message_deflate = deflate, .encryption = Encryption::optional});
  TestClient wire(server.address());
  wire.upgrade("/ws", "Sec-WebSocket-Extensions: permessage-deflate\r\n");
  EncryptedClient client(std::move(wire));
  client.begin("ada");
  std::string bytes;
  const auto frame = [&] {
    for (;;) {
      if (const auto read = read_server_frame(bytes)) return *read;
      read_some(client.wire().fd(), bytes, Deadline());
    }
  };
  const auto connected = frame();
  EXPECT_TRUE(connected.compressed) << "connected is no secret, and shows that compression is on";
  bytes.erase(0, connected.size);
  server->broadcast("m", '"' + std::string(5000, 'x') + '"');
  const auto message = frame();
  EXPECT_FALSE(message.compressed);
  EXPECT_EQ(event_of(message.payload), "encrypted");
}

TEST(Encryption, SurvivesASocketThatIsFull) {
  TestServer server;
  server.start({.backpressure_limit = std::size_t{64} * 1024 * 1024, .encryption = Encryption::required});
  EncryptedClient client(server.connect(4096));
  client.begin("ada");
  client.finish();
  const std::string text(10'000, 'x');
  for (int i = 0; i < 500; ++i) server->broadcast("m", '"' + std::to_string(i) + text + '"');
  for (int i = 0; i < 500; ++i)
    ASSERT_EQ(client.next(), R"({"event":"m","data":")" + std::to_string(i) + text + R"("})");
}

TEST(Encryption, DropsWholeMessagesWhenTooMuchWaits) {
  TestServer server;
  server.start({.backpressure_limit = std::size_t{100} * 1024, .encryption = Encryption::required});
  EncryptedClient client(server.connect(4096));
  client.begin("ada");
  client.finish();
  const std::string text(10'000, 'x');
  for (int i = 0; i < 2000; ++i) server->broadcast("m", '"' + text + '"');
  eventually("messages to be dropped", [&] { return server->statistics().messages_dropped > 0; });
  server.fence();
  const std::uint64_t got = 2000 - server->statistics().messages_dropped;
  for (std::uint64_t i = 0; i < got; ++i) ASSERT_EQ(client.next(), R"({"event":"m","data":")" + text + R"("})");
}

TEST(Encryption, ALargeFanOutReachesEverybodyInOrder) {
  TestServer server;
  server.start({.threads = 2, .encryption = Encryption::optional});
  std::vector<EncryptedClient> encrypted;
  std::vector<TestClient> plain;
  for (int i = 0; i < 20; ++i) {
    encrypted.emplace_back(server, "ada");
    plain.push_back(server.client());
  }
  // More than a tick log holds: it is written out in between.
  const std::string text(50'000, 'x');
  for (int i = 0; i < 20; ++i) server->broadcast("m", '"' + std::to_string(i) + text + '"');
  for (int i = 0; i < 20; ++i) {
    const std::string expected = R"({"event":"m","data":")" + std::to_string(i) + text + R"("})";
    for (auto& client : encrypted) ASSERT_EQ(client.next(), expected);
    for (auto& client : plain) ASSERT_EQ(client.next(), expected);
  }
}

TEST(Encryption, AClientThatGoesDuringItsHandshakeIsForgotten) {
  TestServer server;
  server.start({.encryption = Encryption::required});
  for (int i = 0; i < 50; ++i) {
    EncryptedClient client(server.connect());
    client.begin("ada");
    client.wire().drop();
  }
  eventually("all to be gone", [&] { return server->statistics().connections_open == 0; });
  EXPECT_THAT(server->clients_of_user("ada"), IsEmpty());
  EncryptedClient client(server, "ada");
  server->broadcast("hello");
  EXPECT_EQ(event_of(client.next()), "hello");
}

TEST(Encryption, WhatWasSentBeforeACloseStillComesEncrypted) {
  TestServer server;
  server.start({.encryption = Encryption::required});
  EncryptedClient client(server, "ada");
  server->send_to_client(client.id(), "last words");
  server->disconnect(client.id(), 3000, "done");
  EXPECT_EQ(event_of(client.next()), "last words");
  EXPECT_EQ(client.wire().expect_close(), (CloseFrame{3000, "done"}));
}

TEST(Encryption, OptionsThatMakeNoSenseAreRefused) {
  const auto refuses = [](Options options, std::string_view part) {
    TestServer server;
    try {
      server.make(std::move(options));
    } catch (const std::invalid_argument& thrown) {
      return std::string_view(thrown.what()).find(part) != std::string_view::npos;
    }
    return false;
  };
  EXPECT_TRUE(refuses({.max_messages_per_key = 0}, "max_messages_per_key"));
  EXPECT_TRUE(refuses({.max_messages_per_key = (std::uint64_t{1} << 31) + 1}, "max_messages_per_key"));
  EXPECT_TRUE(refuses({.encrypted_batch_limit = 0}, "encrypted_batch_limit"));
  const auto handshake = [](const HandshakeRequest&) -> HandshakeResult { return std::nullopt; };
  const auto transform = [](const OutboundMessage&) -> OutboundResult { return std::nullopt; };
  EXPECT_TRUE(refuses({.encryption = Encryption::required, .handshake = handshake}, "outbound_transformer"));
  EXPECT_TRUE(refuses({.handshake = handshake, .outbound_transformer = transform}, "encryption is off"));
}

}  // namespace
}  // namespace hearth::test
