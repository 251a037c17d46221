// What is said over TLS, with OpenSSL's client on the other side.

#include "support/notes.hpp"
#include "support/socket.hpp"
#include "support/tls_clients.hpp"

#include <gmock/gmock.h>

#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <thread>

namespace hearth::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct TlsVersions : testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Tls, TlsVersions, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& version) { return version.param == TLS1_2_VERSION ? "Tls12" : "Tls13"; });

TEST_P(TlsVersions, CarryMessagesBothWays) {
  TestServer server;
  server.start(with_tls({.message = echo_to(server)}));
  TestClient client = client_of(server, {.host = "localhost", .version = GetParam()});
  for (int i = 0; i < 100; ++i) {
    client.send(envelope("n", std::to_string(i)));
    EXPECT_EQ(client.next(), R"({"event":"n","data":)" + std::to_string(i) + '}');
  }
  EXPECT_EQ(server->statistics().tls_handshakes, 1U);
}

TEST_P(TlsVersions, LargeMessagesTakeSeveralRecords) {
  TestServer server;
  server.start(with_tls({.max_payload_length = std::size_t{4} * 1024 * 1024,
                         .backpressure_limit = std::size_t{8} * 1024 * 1024,
                         .message = echo_to(server)}));
  TestClient client = client_of(server, {.version = GetParam()});
  for (const std::size_t size : {16'000U, 16'384U, 16'385U, 100'000U, 3'000'000U}) {
    std::string text = "\"";
    while (text.size() < size) text += std::to_string(text.size());
    text += '"';
    client.send(envelope("large", text));
    EXPECT_EQ(client.next(), R"({"event":"large","data":)" + text + '}');
  }
}

TEST_P(TlsVersions, ATicketShortensTheNextHandshake) {
  TestServer server;
  server.start(with_tls());
  TestClient first = client_of(server, {.version = GetParam()});
  EXPECT_FALSE(first.tls().was_resumed());
  const TlsTicket ticket = first.tls().ticket();
  TestClient second = client_of(server, {.version = GetParam(), .resumes = ticket.get()});
  EXPECT_TRUE(second.tls().was_resumed());
  EXPECT_EQ(server->statistics().tls_resumptions, 1U);
}

TEST_P(TlsVersions, TheEndIsToldAfterTheLastFrame) {
  TestServer server;
  server.start(with_tls());
  TestClient client = client_of(server, {.version = GetParam()});
  server->disconnect(client.id(), 4000, "enough");
  EXPECT_EQ(client.expect_close(), (CloseFrame{4000, "enough"}));
  client.send_close(4000);
  client.expect_end();
  EXPECT_TRUE(client.tls().ended_cleanly());
}

TEST_P(TlsVersions, ShuttingDownClosesClients) {
  TestServer server;
  server.start(with_tls());
  TestClient client = client_of(server, {.version = GetParam()});
  std::thread ending([&] { server->shutdown(); });
  EXPECT_EQ(client.expect_close().code, 1001);
  client.send_close(1001);
  client.expect_end();
  EXPECT_TRUE(client.tls().ended_cleanly());
  client.drop();
  ending.join();
}

TEST_P(TlsVersions, WhoEndsAtOnceAfterItsCloseFrameIsAnswered) {
  TestServer server;
  server.start(with_tls());
  TestClient client = client_of(server, {.version = GetParam()});
  client.send_close(1000, "bye");
  client.tls().end();
  EXPECT_EQ(client.expect_close(), (CloseFrame{1000, "bye"}));
}

TEST(Tls, ALostConnectionIsNoEnd) {
  TestServer server;
  Notes codes;
  server.start(
      with_tls({.client_disconnected = [&](const ClientDisconnected& gone) { codes.add(std::to_string(gone.code)); }}));
  TestClient cut = client_of(server);
  ::shutdown(cut.fd(), SHUT_WR);  // without close_notify
  TestClient reset = client_of(server);
  reset.drop(true);
  TestClient ended = client_of(server);
  ended.tls().end();  // without a close frame
  eventually("all to be told of", [&] { return codes.size() == 3; });
  EXPECT_THAT(codes.all(), ElementsAre("1006", "1006", "1006"));
}

TEST(Tls, WhatIsChangedOnItsWayEndsTheConnection) {
  TestServer server;
  server.start(with_tls());
  TestClient client = client_of(server);
  const std::string record(
      "\x17\x03\x03\x00\x20"
      "0123456789abcdef0123456789abcdef",
      37);
  ASSERT_TRUE(write_all(client.fd(), record));
  EXPECT_THAT([&] { client.wait_for_end(); },
              testing::ThrowsMessage<std::runtime_error>(HasSubstr("alert bad record mac")));
  eventually("it to be counted", [&] { return server->statistics().tls_failures == 1; });
  client_of(server);
}

TEST(Tls, WhatLeavesInATickIsFewRecords) {
  TestServer server;
  constexpr int kMessages = 40;
  const std::string text = '"' + std::string(1000, 'x') + '"';
  server.start(with_tls({.message = [&](const Message& message) {
    for (int i = 0; i < kMessages; ++i) server->send_to_client(message.client_id, "n", text);
  }}));
  TestClient client = client_of(server);
  int records = 0;
  SSL_set_msg_callback(client.tls().native(), [](int sent, int /*version*/, int kind, const void* bytes,
                                                 std::size_t /*size*/, SSL* /*ssl*/, void* count) {
    constexpr unsigned char kApplicationData = 23;
    const bool is_data = kind == SSL3_RT_HEADER && *static_cast<const unsigned char*>(bytes) == kApplicationData;
    if (sent == 0 && is_data) ++*static_cast<int*>(count);
  });
  SSL_set_msg_callback_arg(client.tls().native(), &records);
  client.send(envelope("go"));
  for (int i = 0; i < kMessages; ++i) EXPECT_EQ(client.next(), R"({"event":"n","data":)" + text + '}');
  EXPECT_EQ(records, 3);  // 41 KB
}

TEST(Tls, RoomsHoldClientsOfAllKinds) {
  TestServer server;
  server.start(with_tls({.per_message_deflate = {.enabled = true,
                                                 .server_no_context_takeover = false,
                                                 .client_no_context_takeover = false,
                                                 .min_size = 100},
                         .validate_room = allow_all}));
  constexpr std::string_view kStateless =
      "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n";
  TestClient plain = client_of(server);
  TestClient compressed(server.address(), trusting());
  compressed.upgrade("/ws", kStateless).authenticate();
  plain.join("r");
  compressed.join("r");
  for (int i = 0; i < 50; ++i) {
    const std::string text = '"' + std::string(static_cast<std::size_t>(i) * 1000, 'z') + '"';
    server->send_to_room("r", "n", text);
    const std::string expected = R"({"event":"n","data":)" + text + '}';
    EXPECT_EQ(plain.next(), expected);
    EXPECT_EQ(compressed.next(), expected);
  }
  EXPECT_GT(compressed.compressed(), 40U);
}

TEST(Tls, WhoReadsSlowlyGetsEverythingInOrder) {
  TestServer server;
  constexpr std::size_t kMessages = 300;
  server.start(with_tls({.backpressure_limit = std::size_t{64} * 1024 * 1024}));
  TestClient client(server.address(), trusting(), 8192);
  client.upgrade().authenticate();
  const std::string filling(100'000, 'x');
  for (std::size_t i = 0; i < kMessages; ++i) {
    server->send_to_client(client.id(), "n", '"' + std::to_string(i) + filling + '"');
  }
  server.fence();
  EXPECT_TRUE(server->client(client.id())->backpressured);
  for (std::size_t i = 0; i < kMessages; ++i) {
    ASSERT_EQ(client.next(), R"({"event":"n","data":")" + std::to_string(i) + filling + "\"}");
  }
  EXPECT_THAT(client.rest(), IsEmpty());
  EXPECT_EQ(server->statistics().messages_dropped, 0U);
}

TEST(Tls, UnixSocketsSpeakItToo) {
  const std::string path = "/tmp/hearth_tls_" + std::to_string(::getpid());
  TestServer server;
  server.start(with_tls({.listen = {"unix:" + path}}));
  client_of(server);
}

}  // namespace
}  // namespace hearth::test
