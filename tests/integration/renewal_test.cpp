// docs/protocol.md, "Renewal", over real connections.

#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace hearth::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

/// Clients are who their data say, for `data.ms`.
AuthenticateResult for_a_while(const AuthenticateRequest& request) {
  const auto text = [&](std::string_view key) { return request.data.member(key)->string().value_or(""); };
  Identity identity{.user_id = text("user")};
  identity.expires_at = std::chrono::system_clock::now() + std::chrono::milliseconds(std::stoi(text("ms")));
  return identity;
}

std::string authenticate(std::string_view user, std::string_view ms, std::string_view id) {
  return R"({"event":"authenticate","data":{"user":")" + std::string(user) + R"(","ms":")" + std::string(ms) +
         R"("},"id":")" + std::string(id) + "\"}";
}

TEST(RenewalOnTheWire, WhoIsToldRenewsAndStays) {
  TestServer server;
  server.start({.expiry_grace = 5s, .authenticate = for_a_while});
  TestClient client = server.connect();
  client.send(authenticate("ann", "4000", "1"));
  client.expect("connected");
  EXPECT_THAT(client.next(), HasSubstr(R"("expiresIn":)"));
  EXPECT_THAT(client.wait_for("token_expiring"), StartsWith(R"({"event":"token_expiring","data":{"expiresIn":)"));
  client.send(authenticate("ann", "3600000", "2"));
  EXPECT_THAT(client.next(), HasSubstr(R"("expiresIn":3599},"id":"2"})"));
  client.round_trip();
}

TEST(RenewalOnTheWire, WhoDoesNotIsClosed) {
  TestServer server;
  server.start({.expiry_grace = 50ms, .authenticate = for_a_while});
  TestClient client = server.connect();
  client.send(authenticate("ann", "100", "1"));
  EXPECT_EQ(client.wait_for_close(), (CloseFrame{4006, "Token expired"}));
}

TEST(RenewalOnTheWire, APlainClientIsClosedWithoutAnyNewEvent) {
  TestServer server;
  server.start({.expiry_grace = 50ms, .authenticate = for_a_while});
  TestClient client = server.connect();
  client.send(R"({"event":"authenticate","data":{"user":"ann","ms":"100"}})");
  EXPECT_EQ(client.wait_for_close(), (CloseFrame{4006, "Token expired"}));
  EXPECT_THAT(client.log(), ElementsAre(StartsWith(R"({"event":"connected")")));
}

TEST(RenewalOnTheWire, AnExpiredTokenIsToldApart) {
  TestServer server;
  server.start({.authenticate = [](const AuthenticateRequest&) -> AuthenticateResult { throw TokenExpired(); }});
  TestClient client = server.connect();
  client.send(R"({"event":"authenticate","id":"1"})");
  EXPECT_THAT(client.next(), HasSubstr(R"("code":110)"));
  EXPECT_EQ(client.expect_close(), (CloseFrame{4006, "Token expired"}));
  TestClient plain = server.connect();
  plain.send(R"({"event":"authenticate"})");
  EXPECT_THAT(plain.next(), HasSubstr("Authentication failed"));
  EXPECT_EQ(plain.expect_close().code, 4003);
}

TEST(RenewalOnTheWire, TheHandlerSeesPathAndChosenFieldsOnce) {
  std::mutex mutex;
  std::vector<std::string> seen;
  TestServer server;
  server.start({.request_headers = {"Cookie", "x-team"},
                .authenticate = [&](const AuthenticateRequest& request) -> AuthenticateResult {
                  const std::lock_guard lock(mutex);
                  seen.emplace_back(request.path);
                  for (const auto& [name, value] : request.headers) {
                    seen.push_back(std::string(name) + '=' + std::string(value));
                  }
                  return for_a_while(request);
                }});
  TestClient client(server.address());
  client.upgrade("/ws?token=secret", "COOKIE: a=1\r\nX-Team: red\r\nAuthorization: no\r\n");
  client.send(authenticate("ann", "60000", "1"));
  client.wait_for("ack");
  client.send(authenticate("ann", "60000", "2"));
  client.wait_for("ack");
  const std::lock_guard lock(mutex);
  EXPECT_THAT(seen, ElementsAre("/ws", "cookie=a=1", "x-team=red", ""));
}

TEST(RenewalOnTheWire, TheContextComesWithEveryLaterRequest) {
  std::mutex mutex;
  std::vector<std::string> seen;
  const auto see = [&](std::string what, const ClientContext& context) {
    const std::lock_guard lock(mutex);
    seen.push_back(std::move(what) + ' ' + *std::static_pointer_cast<const std::string>(context));
  };
  TestServer server;
  server.start({.client_publish = true,
                .authenticate = [](const AuthenticateRequest&) -> AuthenticateResult {
                  Identity identity{.user_id = "ann"};
                  identity.rooms = {"given"};
                  identity.context = std::make_shared<const std::string>("of ann");
                  return identity;
                },
                .validate_room =
                    [&](const ValidateRoomRequest& request) {
                      see("validate_room", request.context);
                      return RoomDecisions(std::vector<std::string>(request.rooms.begin(), request.rooms.end()));
                    },
                .publish =
                    [&](const PublishRequest& request) {
                      see("publish", request.context);
                      return PublishDecision::allow();
                    },
                .client_connected = [&](const ClientConnected& request) { see("connected", request.context); },
                .message = [&](const Message& request) { see("message", request.context); }});
  TestClient client = server.connect();
  client.authenticate();
  client.join("tea");
  client.send(R"({"event":"publish","data":{"room":"given","event":"hello"},"id":"9"})");
  client.wait_for("ack");
  client.send(R"({"event":"mine"})");
  client.round_trip();
  const std::lock_guard lock(mutex);
  EXPECT_THAT(seen, ElementsAre("connected of ann", "validate_room of ann", "publish of ann", "message of ann"));
}

}  // namespace
}  // namespace hearth::test
