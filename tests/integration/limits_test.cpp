// hearth::Limits on connections and messages, from outside (docs/protocol.md, Limits).

#include "support/test_server.hpp"
#include "support/tls_clients.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <exception>
#include <string>
#include <vector>

namespace hearth::test {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

constexpr std::string_view kUpgrade =
    "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

HttpAnswer refused(const TestServer& server) {
  TestClient client(server.address());
  client.write(kUpgrade);
  return client.read_http();
}

TEST(ConnectionLimits, OneConnectionTooManyIsAnswered503) {
  TestServer server;
  server.start({.limits = {.connections = 2}});
  TestClient ann = server.client("ann");
  const TestClient ben = server.client("ben");
  const HttpAnswer answer = refused(server);
  EXPECT_EQ(answer.status, 503U);
  EXPECT_THAT(answer.head, HasSubstr("\r\nRetry-After: 5\r\n"));
  ann.drop();
  eventually("it to be gone", [&] { return server->metrics().clients_authenticated == 1; });
  const TestClient again = server.client("ann");
  EXPECT_EQ(server->metrics().limit_hits.at("connections"), 1U);
}

TEST(ConnectionLimits, SoIsOneTooManyThatHasNotAuthenticated) {
  TestServer server;
  server.start({.limits = {.unauthenticated = 1}});
  TestClient waits = server.connect();
  EXPECT_EQ(refused(server).status, 503U);
  waits.authenticate();
  const TestClient another = server.connect();
  EXPECT_EQ(server->metrics().limit_hits.at("unauthenticated"), 1U);
}

TEST(ConnectionLimits, SoIsOneThatComesTooFast) {
  TestServer server;
  server.start({.limits = {.connects = Rate{.count = 1, .per = 3600s, .burst = 2}}});
  for (int i = 0; i < 2; ++i) server.connect().drop();
  EXPECT_EQ(refused(server).status, 503U);
  EXPECT_EQ(server->metrics().limit_hits.at("connects"), 1U);
}

TEST(ConnectionLimits, WithTlsItIsCutOffBeforeTheHandshake) {
  TestServer server;
  server.start(with_tls({.limits = {.connects = Rate{.count = 1, .per = 3600s, .burst = 2}}}));
  std::vector<TestClient> clients;
  for (int i = 0; i < 2; ++i) clients.push_back(client_of(server));
  EXPECT_THROW(client_of(server), std::exception);
  EXPECT_EQ(server->metrics().limit_hits.at("connects"), 1U);
  EXPECT_EQ(server->statistics().tls_handshakes, 2U);
  EXPECT_EQ(server->statistics().tls_failures, 0U) << "it has not begun";
}

TEST(ConnectionLimits, AUserHasOnlySoManyClients) {
  TestServer server;
  server.start({.threads = 2, .limits = {.connections_per_user = 2}});
  TestClient one = server.client("ann");
  const TestClient two = server.client("ann");
  TestClient three = server.connect();
  three.send(R"({"event":"authenticate","data":{"userId":"ann"},"id":"1"})");
  EXPECT_EQ(three.expect_close(), (CloseFrame{4009, "Too many connections"}));
  const TestClient ben = server.client("ben");
  one.drop();
  eventually("it to be gone", [&] { return server->clients_of_user("ann").size() == 1; });
  const TestClient again = server.client("ann");
}

// What is sent too fast is read later, in order.
TEST(MessageLimits, NothingThatAThrottledClientSendsIsLost) {
  TestServer server;
  server.start(
      {.limits = {.messages = Rate{.count = 200, .per = 1s, .burst = 20}}, .message = [&](const Message& message) {
         server->send_to_client(message.client_id, message.event, message.data);
       }});
  TestClient client = server.client("ann");
  TestClient other = server.client("ben");
  for (int i = 0; i < 120; ++i) client.send(envelope("count", std::to_string(i)));
  other.round_trip();  // is not held up by it
  for (int i = 0; i < 120; ++i) EXPECT_EQ(client.next(), R"({"event":"count","data":)" + std::to_string(i) + '}');
  EXPECT_GT(server->metrics().limit_hits.at("messages"), 0U);
}

TEST(MessageLimits, ARateOfItsOwnComesWithTheIdentity) {
  TestServer server;
  server.start({.limits = {.messages = Rate{.count = 1, .per = 3600s, .burst = 2}},
                .authenticate = [](const AuthenticateRequest&) -> AuthenticateResult {
                  return Identity{.user_id = "ann", .messages = Rate{.count = 1000, .per = 1s, .burst = 1000}};
                }});
  TestClient client = server.client();
  for (int i = 0; i < 100; ++i) client.round_trip();
}

}  // namespace
}  // namespace hearth::test
