// docs/protocol.md, "Draining".

#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <future>
#include <string>
#include <vector>

namespace hearth::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

TEST(Draining, ClientsGoAndNobodyComes) {
  TestServer server;
  server.start();
  TestClient plain = server.client("ann");
  TestClient hearth = server.connect();
  hearth.send(R"({"event":"authenticate","id":"1"})");
  hearth.wait_for("ack");
  TestClient silent = server.connect();
  auto drained = std::async(std::launch::async, [&] { server->drain(0s, 50ms); });
  EXPECT_EQ(plain.expect_close(), (CloseFrame{1001, "Server shutting down"}));
  plain.finish();
  EXPECT_EQ(silent.expect_close().code, 1001);
  silent.finish();
  EXPECT_THAT(hearth.next(), StartsWith(R"({"event":"reconnect","data":{"afterMs":)"));
  EXPECT_TRUE(server->is_draining());
  TestClient late(server.address());
  late.write(
      "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  const auto response = late.read_http();
  EXPECT_EQ(response.status, 503U);
  EXPECT_THAT(response.head, HasSubstr("\r\nRetry-After: 1\r\n"));
  late.drop();
  hearth.send_close(1000);
  hearth.finish();
  drained.get();
  EXPECT_TRUE(server->clients().empty());
  server->shutdown();
}

TEST(Draining, WhatWasAcceptedArrives) {
  TestServer server;
  server.start();
  TestClient client = server.client("ann");
  const std::string data = '"' + std::string(10'000, 'x') + '"';
  auto drained = std::async(std::launch::async, [&] { server->drain(200ms, 0ms); });
  for (int i = 0; i < 50; ++i) server->send_to_user("ann", "tick", data);
  for (int i = 0; i < 50; ++i) client.expect("tick");
  EXPECT_EQ(client.expect_close().code, 1001);
  client.finish();
  drained.get();
}

TEST(Draining, AllGoesOnDuringItsDelay) {
  TestServer server;
  server.start();
  TestClient client = server.client("ann");
  auto drained = std::async(std::launch::async, [&] { server->drain(1h, 1s); });
  eventually("it to be known", [&] { return server->is_draining(); });
  client.round_trip();
  TestClient another = server.client("ben");
  another.round_trip();
  client.drop();
  another.drop();
  server->shutdown();
  drained.get();
}

TEST(Draining, AServerThatDoesNotRunHasNobodyToSendAway) {
  TestServer server;
  server.make({});
  server->drain(1h, 1h);
  EXPECT_FALSE(server->is_draining());
}

}  // namespace
}  // namespace hearth::test
