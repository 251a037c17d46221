// Heartbeats and idle connections (docs/protocol.md, Heartbeat), and requests that do not come to an end.

#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <array>
#include <atomic>
#include <deque>

namespace hearth::test {
namespace {

using testing::IsEmpty;
using namespace std::chrono_literals;

constexpr std::chrono::hours kNever{1};

TEST(Timeouts, SilentClientsAreClosed) {
  TestServer server;
  server.start({.heartbeat_interval = 20ms, .heartbeat_timeout = 100ms});
  TestClient client = server.client();
  EXPECT_EQ(client.expect_close(), (CloseFrame{4002, "Heartbeat timeout"}));
}

TEST(Timeouts, HeartbeatIsForAuthenticatedClients) {
  TestServer server;
  server.start({.heartbeat_interval = 10ms, .heartbeat_timeout = 20ms});
  TestClient waits = server.connect();
  TestClient client = server.client();
  client.wait_for_close();
  waits.authenticate();
}

// Each sends its own for several times the timeout, while another client that says nothing is closed.
TEST(Timeouts, AnyMessageRenewsAClient) {
  TestServer server;
  const auto timeout = kSanitized ? 1000ms : 300ms;
  server.start({.heartbeat_interval = 10ms, .heartbeat_timeout = timeout});
  constexpr std::array<std::string_view, 4> kTexts{R"({"event":"heartbeat"})", "5", "no JSON", R"({"event":"chat"})"};
  std::deque<TestClient> clients;
  while (clients.size() < kTexts.size()) clients.push_back(server.client());
  const auto all_send = [&] {
    for (std::size_t i = 0; i < kTexts.size(); ++i) {
      clients[i].send(kTexts[i]);
      clients[i].round_trip();
    }
  };
  const auto began = std::chrono::steady_clock::now();
  TestClient silent = server.client();
  while (std::chrono::steady_clock::now() - began < timeout * 2) all_send();
  EXPECT_EQ(silent.expect_close().code, 4002);
  all_send();
}

// Whoever speaks right after it was noted is left where it is among those that are waited for, which gives it no second
// life when its time is up.
TEST(Timeouts, ASilentClientLivesNoLongerForHavingSpokenEarly) {
  TestServer server;
  server.start({.heartbeat_interval = 1ms, .heartbeat_timeout = 1000ms});
  TestClient client = server.client();
  const Deadline early(20ms);  // within a sixteenth of the timeout
  while (!early.passed()) client.round_trip();
  client.send(R"({"event":"heartbeat"})");
  client.round_trip();
  const Deadline twice(1800ms);
  EXPECT_EQ(client.expect_close().code, 4002);
  EXPECT_FALSE(twice.passed());
}

TEST(Timeouts, PongsAloneDoNotRenewAClient) {
  TestServer server;
  server.start({.heartbeat_interval = 10ms, .heartbeat_timeout = 1000ms, .idle_timeout = 400ms});
  TestClient client = server.client();
  EXPECT_EQ(client.wait_for_close(), (CloseFrame{4002, "Heartbeat timeout"}));
}

TEST(Timeouts, WhoAnswersPingsStays) {
  TestServer server;
  server.start({.auth_timeout = kNever, .idle_timeout = 200ms});
  TestClient client = server.connect();
  for (int i = 0; i < 5; ++i) client.expect_ping();
  client.authenticate();
}

TEST(Timeouts, WhoDoesNotAnswerPingsGoes) {
  std::atomic<int> code = 0;
  TestServer server;
  server.start(
      {.idle_timeout = 100ms, .client_disconnected = [&](const ClientDisconnected& gone) { code = gone.code; }});
  TestClient client = server.client();
  client.ignore_pings();
  const auto began = std::chrono::steady_clock::now();
  client.expect_ping();
  client.wait_for_end();
  EXPECT_GE(std::chrono::steady_clock::now() - began, 80ms);
  eventually("the disconnected handler", [&] { return code != 0; });
  EXPECT_EQ(code, 1006);
}

TEST(Timeouts, WithoutPingsWhoIsQuietGoes) {
  TestServer server;
  server.start({.idle_timeout = 100ms, .send_pings = false});
  TestClient client = server.client();
  client.expect_end();
}

TEST(Timeouts, AnyFrameKeepsAConnection) {
  TestServer server;
  const auto timeout = kSanitized ? 1000ms : 200ms;
  server.start({.idle_timeout = timeout, .send_pings = false});
  TestClient client = server.client();
  TestClient quiet = server.client();
  const auto began = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - began < timeout * 2) client.round_trip();
  quiet.expect_end();
  client.round_trip();
}

TEST(Timeouts, ZeroSwitchesIdlingOff) {
  TestServer server;
  server.start({.auth_timeout = 200ms, .idle_timeout = 0ms});
  TestClient client = server.client();
  TestClient other = server.connect();
  other.wait_for_close();
  EXPECT_THAT(client.rest(), IsEmpty());
}

TEST(Timeouts, UpgradeThatStopsHalfwayIsClosed) {
  TestServer server;
  server.start({.auth_timeout = 100ms});
  TestClient client(server.address());
  client.write("GET /ws HT");
  client.expect_end();
  TestClient silent(server.address());
  silent.expect_end();
  eventually("the server to forget them", [&] { return server->statistics().connections_open == 0; });
}

// Every byte comes in time, the request does not.
TEST(Timeouts, UpgradeThatTricklesInIsClosed) {
  TestServer server;
  server.start({.auth_timeout = 200ms});
  TestClient client(server.address());
  const auto began = std::chrono::steady_clock::now();
  client.write("GET /ws HTTP/1.1\r\nHost: test\r\nX: ");
  const auto trickle = [&] {
    try {
      client.write("x");
    } catch (const std::runtime_error&) {  // closed
    }
    return server->statistics().connections_open == 0;
  };
  eventually("the server to open the connection", [&] { return server->statistics().connections_accepted == 1; });
  eventually("the server to close the connection", trickle);
  EXPECT_GE(std::chrono::steady_clock::now() - began, 190ms);
  EXPECT_LT(std::chrono::steady_clock::now() - began, kPatience);
  EXPECT_THAT(server->clients(), IsEmpty());
}

// The close frame of the server is not answered: it waits for the answer as long as it should, whatever the idle
// timeout, and no longer.
TEST(Timeouts, CloseThatIsNotAnsweredIsCutOff) {
  TestServer pinging;
  TestServer silent;
  pinging.start({.idle_timeout = 200ms});
  silent.start({.idle_timeout = 200ms, .send_pings = false});
  TestClient first = pinging.client();
  TestClient second = silent.client();
  const auto began = std::chrono::steady_clock::now();
  pinging->disconnect(first.id(), 4100, "go");
  silent->disconnect(second.id(), 4100, "go");
  for (TestClient* client : {&first, &second}) {
    EXPECT_EQ(client->wait_for_close(), (CloseFrame{4100, "go"}));
    client->expect_end();
    EXPECT_GE(std::chrono::steady_clock::now() - began, 4900ms);
  }
}

}  // namespace
}  // namespace hearth::test
