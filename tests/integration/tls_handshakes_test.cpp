// TLS handshakes that succeed, fail, stall, and come all at once.

#include "support/socket.hpp"
#include "support/tls_clients.hpp"
#include "tls/endpoint.hpp"

#include <gmock/gmock.h>

#include <poll.h>

#include <atomic>
#include <chrono>
#include <vector>

namespace hearth::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// The first bytes of a TLS client.
std::string client_hello() {
  const tls::SslContextPointer context(SSL_CTX_new(TLS_client_method()));
  const tls::SslPointer ssl(SSL_new(context.get()));
  BIO* in = BIO_new(BIO_s_mem());
  BIO* out = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl.get(), in, out);
  SSL_set_connect_state(ssl.get());
  SSL_do_handshake(ssl.get());
  char* bytes = nullptr;
  const long length = BIO_get_mem_data(out, &bytes);
  return {bytes, static_cast<std::size_t>(length)};
}

/// Whatever comes.
void read_to_end(TestClient& client) {
  const Deadline deadline;
  std::string bytes;
  while (read_some(client.fd(), bytes, deadline)) {
  }
}

TEST(TlsHandshakes, SpeaksNothingOlderOrWeaker) {
  TestServer server;
  server.start(with_tls());
  EXPECT_THAT(failure_of(server, {.version = TLS1_1_VERSION}), HasSubstr("protocol version"));
  for (const char* ciphers : {"AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384"}) {
    EXPECT_THAT(failure_of(server, {.version = TLS1_2_VERSION, .ciphers = ciphers}), HasSubstr("handshake failure"))
        << ciphers;
  }
  eventually("all to be counted", [&] { return server->statistics().tls_failures == 4; });
}

TEST(TlsHandshakes, TheLeastVersionMayBe13) {
  TestServer server;
  server.start(with_tls({.tls = TlsOptions{.certificates = {loopback()}, .min_version = TlsVersion::tls_1_3}}));
  EXPECT_THAT(failure_of(server, {.version = TLS1_2_VERSION}), HasSubstr("protocol version"));
  EXPECT_EQ(connect(server).tls().version(), "TLSv1.3");
}

TEST(TlsHandshakes, TheProtocolIsHttp11) {
  TestServer server;
  server.start(with_tls());
  EXPECT_EQ(connect(server).tls().protocol(), "");
  EXPECT_EQ(connect(server, {.protocols = {"h2", "http/1.1"}}).tls().protocol(), "http/1.1");
  EXPECT_THAT(failure_of(server, {.protocols = {"h2"}}), HasSubstr("no application protocol"));
}

TEST(TlsHandshakes, PlainHttpIsToldWhatWouldBeRight) {
  TestServer server;
  server.start(with_tls());
  TestClient client(server.address());
  client.write("GET /ws HTTP/1.1\r\nHost: test\r\n\r\n");
  const HttpAnswer answer = client.read_http();
  EXPECT_EQ(answer.status, 400U);
  EXPECT_EQ(answer.body, "This port speaks TLS: use wss:// or https:// here.\n");
  client.expect_end();
  EXPECT_EQ(server.log().count("a client spoke no TLS"), 1U);
  EXPECT_EQ(server->statistics().upgrades_refused, 1U);
}

TEST(TlsHandshakes, WhatIsNeitherIsCutOff) {
  TestServer server;
  server.start(with_tls());
  TestClient noise(server.address());
  noise.write(std::string_view("\0\1\2\3", 4));
  noise.expect_end();
  TestClient broken(server.address());
  broken.write(std::string_view("\x16\x03\x01\0\5hello", 10));  // a record, but no handshake
  read_to_end(broken);
  eventually("it to be counted", [&] { return server->statistics().tls_failures == 1; });
  eventually("both to be gone", [&] { return server->statistics().connections_open == 0; });
}

TEST(TlsHandshakes, WhoStallsInTheHandshakeIsCutOff) {
  TestServer server;
  server.start(with_tls({.auth_timeout = 150ms}));
  const std::string hello = client_hello();
  TestClient silent(server.address());
  TestClient half(server.address());
  half.write(std::string_view(hello).substr(0, hello.size() / 2));
  TestClient whole(server.address());
  whole.write(hello);  // and nothing after it
  for (TestClient* client : {&silent, &half, &whole}) read_to_end(*client);
  EXPECT_EQ(server->statistics().tls_handshakes, 0U);
  eventually("all to be gone", [&] { return server->statistics().connections_open == 0; });
}

TEST(TlsHandshakes, AHandshakeMayComeByteByByte) {
  TestServer server;
  server.start(with_tls());
  const std::string hello = client_hello();
  TestClient client(server.address());
  for (const char byte : hello) client.write({&byte, 1});
  std::string flight;
  ASSERT_TRUE(read_some(client.fd(), flight, Deadline()));
  EXPECT_EQ(flight.front(), tls::kHandshakeRecord);
  EXPECT_EQ(server->statistics().tls_failures, 0U);
}

TEST(TlsHandshakes, AStormOfHandshakesDoesNotHoldUpWhoIsConnected) {
  constexpr std::size_t kStorm = 400;
  std::atomic<bool> held = false;
  TestServer server;
  server.start(with_tls({.auth_timeout = kPatience, .message = [&](const Message& message) {
                           if (message.event == "hold") {
                             held = true;
                             held.notify_all();
                             held.wait(true);
                           } else {
                             server->send_to_client(message.client_id, message.event, message.data);
                           }
                         }}));
  TestClient holder = client_of(server);
  TestClient connected = client_of(server);
  const std::string hello = client_hello();
  std::vector<net::FileDescriptor> storm;
  for (std::size_t i = 0; i < kStorm; ++i) storm.push_back(connect_to(server.address()));
  eventually("all to be accepted", [&] { return server->statistics().connections_open == kStorm + 2; });
  // What all of them say lies in the sockets when the shard goes on.
  holder.send(envelope("hold"));
  held.wait(false);
  for (const net::FileDescriptor& one : storm) ASSERT_TRUE(write_all(one.get(), hello));
  held = false;
  held.notify_all();
  const auto answered = [&] {
    std::size_t count = 0;
    for (const net::FileDescriptor& one : storm) {
      pollfd ready{one.get(), POLLIN, 0};
      if (::poll(&ready, 1, 0) > 0) ++count;
    }
    return count;
  };
  std::size_t rounds = 0;
  while (answered() < kStorm) {
    connected.send(envelope("n", "1"));
    EXPECT_EQ(connected.next(), R"({"event":"n","data":1})");
    ++rounds;
  }
  // 2 ms of handshakes at a time, of 0.1 ms or more each: what a turn does is no more than a few dozen.
  EXPECT_GT(rounds, 5U);
}

}  // namespace
}  // namespace hearth::test
