// Upgrades and plain HTTP over the wire.

#include "support/test_server.hpp"

#include <gmock/gmock.h>

namespace hearth::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kUpgrade =
    "GET /ws HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

HttpAnswer ask(const TestServer& server, std::string_view request, bool with_body = true) {
  TestClient client(server.address());
  client.write(request);
  HttpAnswer answer = client.read_http(with_body);
  client.expect_end();
  return answer;
}

std::string without(std::string request, std::string_view line) {
  request.erase(request.find(line), line.size());
  return request;
}

TEST(Http, RequestMayComeInAnyTwoPieces) {
  TestServer server;
  server.start();
  for (std::size_t at = 1; at < kUpgrade.size(); ++at) {
    TestClient client(server.address());
    client.write(kUpgrade.substr(0, at));
    eventually("the first piece to be read", [&] { return server->statistics().connections_accepted == at; });
    client.write(kUpgrade.substr(at));
    EXPECT_EQ(client.read_http(false).status, 101U) << at;
    client.authenticate();
  }
}

TEST(Http, RequestMayComeByteByByte) {
  TestServer server;
  server.start();
  TestClient client(server.address());
  std::uint64_t ticks = 0;
  for (const char byte : kUpgrade) {
    ticks = server->statistics().ticks;
    client.write({&byte, 1});
    eventually("the byte to be read", [&] { return server->statistics().ticks > ticks; });
  }
  EXPECT_EQ(client.read_http(false).status, 101U);
  client.authenticate();
}

TEST(Http, FirstFramesMayComeWithTheRequest) {
  TestServer server;
  server.start({.validate_room = allow_all});
  TestClient client(server.address());
  client.write(std::string(kUpgrade) + masked_frame(kText, envelope("authenticate")) +
               masked_frame(kText, envelope("join", R"({"rooms":["r"]})", "1")) + masked_frame(kClose, ""));
  EXPECT_EQ(client.read_http(false).status, 101U);
  client.expect("connected");
  client.expect("ack");
  EXPECT_EQ(client.expect_close().code, 1005);
}

TEST(Http, TheFirstFrameMayComeInHalves) {
  TestServer server;
  server.start();
  const std::string frame = masked_frame(kText, envelope("authenticate"));
  TestClient client(server.address());
  client.write(std::string(kUpgrade) + frame.substr(0, 3));
  EXPECT_EQ(client.read_http(false).status, 101U);
  client.write(frame.substr(3));
  client.expect("connected");
}

TEST(Http, ThePathIsAnOption) {
  TestServer server;
  server.start({.path = "/realtime/v1"});
  TestClient client(server.address());
  client.upgrade("/realtime/v1?token=x").authenticate();
  EXPECT_EQ(ask(server, kUpgrade).status, 404U);
  EXPECT_EQ(ask(server, "GET /realtime/v1/ HTTP/1.1\r\nHost: x\r\n\r\n").status, 404U);
}

TEST(Http, WhatIsNoUpgradeIsRefused) {
  TestServer server;
  server.start();
  const std::string good(kUpgrade);
  const auto post = ask(server, "POST" + good.substr(3));
  EXPECT_EQ(post.status, 405U);
  EXPECT_THAT(post.head, HasSubstr("\r\nAllow: GET\r\n"));
  EXPECT_EQ(ask(server, "GET /ws HTTP/1.1\r\nHost: x\r\n\r\n").status, 426U);
  const auto version = ask(server, without(good, "Sec-WebSocket-Version: 13\r\n"));
  EXPECT_EQ(version.status, 426U);
  EXPECT_THAT(version.head, HasSubstr("\r\nSec-WebSocket-Version: 13\r\n"));
  EXPECT_EQ(ask(server, without(good, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")).status, 400U);
  EXPECT_EQ(ask(server, without(good, "Connection: Upgrade\r\n")).status, 400U);
  EXPECT_EQ(ask(server, without(good, "Host: test\r\n")).status, 400U);
  EXPECT_EQ(ask(server, "hello\r\n\r\n").status, 400U);
  EXPECT_EQ(ask(server, "\x16\x03\x01\x02\x01\x01\r\n\r\n").status, 400U) << "TLS";
  EXPECT_EQ(ask(server, "GET /other HTTP/1.1\r\nHost: x\r\n\r\n").status, 404U);
  EXPECT_EQ(server->statistics().upgrades_refused, 9U);
  EXPECT_THAT(server->clients(), IsEmpty());
  eventually("the connections to be closed", [&] { return server->statistics().connections_open == 0; });
}

TEST(Http, AHeadThatIsTooLongIsRefused) {
  TestServer server;
  server.start();
  EXPECT_EQ(ask(server, "GET /ws HTTP/1.1\r\nX: " + std::string(17'000, 'x')).status, 431U);
  EXPECT_EQ(ask(server, "GET /ws HTTP/1.1\r\nX: " + std::string(17'000, 'x') + "\r\n\r\n").status, 431U);
  TestClient client(server.address());
  client.write("GET /ws HTTP/1.1\r\n");
  for (int i = 0; i < 1000; ++i) client.write("X: " + std::string(17, 'x') + "\r\n");
  EXPECT_EQ(client.read_http().status, 431U);
}

TEST(Http, PagesAreServed) {
  TestServer server;
  server.start({.pages = {{"/", "text/html; charset=utf-8", "<p>é</p>"}, {"/app.js", "text/javascript", "1;"}}});
  const auto page = ask(server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(page.status, 200U);
  EXPECT_EQ(page.body, "<p>é</p>");
  EXPECT_THAT(page.head, HasSubstr("\r\nContent-Type: text/html; charset=utf-8\r\n"));
  EXPECT_THAT(page.head, HasSubstr("\r\nContent-Length: 9\r\n"));
  EXPECT_THAT(page.head, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_EQ(ask(server, "GET /app.js?v=2 HTTP/1.1\r\nHost: x\r\n\r\n").body, "1;");
  EXPECT_EQ(ask(server, "GET / HTTP/1.0\r\n\r\n").status, 200U);
  EXPECT_EQ(ask(server, "GET /missing HTTP/1.1\r\nHost: x\r\n\r\n").status, 404U);
}

TEST(Http, HeadOfAPageIsItsHeadAlone) {
  TestServer server;
  server.start({.pages = {{"/", "text/html", "<p></p>"}}});
  const auto head = ask(server, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n", false);
  EXPECT_EQ(head.status, 200U);
  EXPECT_THAT(head.head, HasSubstr("\r\nContent-Length: 7\r\n"));
}

TEST(Http, HeadOfWhatIsNotThereIsItsHeadAlone) {
  TestServer server;
  server.start();
  for (const auto& [path, status] : {std::pair("/missing", 404U), std::pair("/ws", 405U)}) {
    const auto head = ask(server, "HEAD " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n", false);
    EXPECT_EQ(head.status, status);
    EXPECT_THAT(head.head, Not(HasSubstr("\r\nContent-Length: 0\r\n")));
  }
}

TEST(Http, PathsAreComparedPercentDecoded) {
  TestServer server;
  server.start({.path = "/é", .pages = {{"/über", "text/plain", "we"}, {"/%C3%BC", "text/plain", "u"}}});
  TestClient(server.address()).upgrade("/%C3%A9").authenticate();
  EXPECT_EQ(ask(server, "GET /%c3%bcber HTTP/1.1\r\nHost: x\r\n\r\n").body, "we");
  EXPECT_EQ(ask(server, "GET /%C3%BC?x HTTP/1.1\r\nHost: x\r\n\r\n").body, "u");
}

TEST(Http, ATlsClientIsRefusedAtOnceAndTheLogSaysWhatToDo) {
  TestServer server;
  server.start({.auth_timeout = 2 * kPatience});
  const auto answer = ask(server, "\x16\x03\x01\x02");
  EXPECT_EQ(answer.status, 400U);
  EXPECT_THAT(answer.body, HasSubstr("does not speak TLS"));
  eventually("the line",
             [&] { return server.log().count("this port speaks plain HTTP: clients have to use ws://") == 1; });
}

TEST(Http, PagesCanOnlyBeRead) {
  TestServer server;
  server.start({.pages = {{"/", "text/html", "<p></p>"}}});
  for (const std::string method : {"POST", "PUT", "DELETE", "OPTIONS"}) {
    const auto answer = ask(server, method + " / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}");
    EXPECT_EQ(answer.status, 405U) << method;
    EXPECT_THAT(answer.head, HasSubstr("\r\nAllow: GET, HEAD\r\n"));
  }
}

TEST(Http, APageMayHaveThePathOfTheEndpoint) {
  TestServer server;
  server.start({.path = "/", .pages = {{"/", "text/html", "<p></p>"}}});
  EXPECT_EQ(ask(server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").body, "<p></p>");
  EXPECT_EQ(ask(server, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n", false).status, 200U);
  EXPECT_EQ(ask(server, "POST / HTTP/1.1\r\nHost: x\r\n\r\n").status, 405U);
  EXPECT_EQ(ask(server, "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n").status, 400U);
  TestClient client(server.address());
  client.upgrade("/").authenticate();
}

TEST(Http, ALargePageArrivesWhole) {
  TestServer server;
  const std::string content(5'000'000, 'x');
  server.start({.pages = {{"/", "text/plain", content}}});
  TestClient client(server.address(), 4096);
  client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.read_http().body, content);
  client.expect_end();
}

}  // namespace
}  // namespace hearth::test
