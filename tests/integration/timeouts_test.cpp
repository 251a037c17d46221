// Time as the machine tells it. What it does to clients is tested under a clock of the test's own:
// tests/unit/shard/shard_time_test.cpp.

#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <atomic>

namespace hearth::test {
namespace {

using testing::IsEmpty;
using namespace std::chrono_literals;

TEST(Timeouts, SilentClientsAreClosed) {
  TestServer server;
  server.start({.heartbeat_interval = 20ms, .heartbeat_timeout = 100ms});
  TestClient client = server.client();
  EXPECT_EQ(client.expect_close(), (CloseFrame{4002, "Heartbeat timeout"}));
}

TEST(Timeouts, WhoDoesNotAuthenticateIsClosed) {
  TestServer server;
  server.start({.auth_timeout = 100ms});
  TestClient client = server.connect();
  EXPECT_EQ(client.expect_close(), (CloseFrame{4001, "Authentication timeout"}));
}

TEST(Timeouts, WhoAnswersNoPingsGoes) {
  std::atomic<int> code = 0;
  TestServer server;
  server.start({.idle_timeout = 1s, .client_disconnected = [&](const ClientDisconnected& gone) { code = gone.code; }});
  TestClient client = server.client();
  client.ignore_pings();
  client.expect_ping();
  client.wait_for_end();
  eventually("the disconnected handler", [&] { return code != 0; });
  EXPECT_EQ(code, 1006);
}

TEST(Timeouts, UpgradesThatDoNotComeToAnEndAreClosed) {
  TestServer server;
  server.start({.auth_timeout = 100ms});
  TestClient client(server.address());
  client.write("GET /ws HT");
  client.expect_end();
  TestClient silent(server.address());
  silent.expect_end();
  eventually("the server to forget them", [&] { return server->statistics().connections_open == 0; });
  EXPECT_THAT(server->clients(), IsEmpty());
}

}  // namespace
}  // namespace hearth::test
