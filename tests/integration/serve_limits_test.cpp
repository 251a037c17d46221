// `[limits]` of `hearth serve`, from outside.

#include "process/descriptor_limit.hpp"
#include "support/command_folder.hpp"
#include "support/test_client.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::test {
namespace {

using testing::HasSubstr;

// Clients of whom nothing comes stay, however long the others take.
constexpr std::string_view kOpen = "[server]\nauth_timeout = \"10m\"\n[auth]\nanonymous = true\n";
constexpr std::string_view kUpgrade =
    "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// An IPv4 address of this machine that is no loopback one; empty if there is none.
std::string outer_address() {
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(all, ::freeifaddrs);
  for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr || one->ifa_addr->sa_family != AF_INET || (one->ifa_flags & IFF_LOOPBACK) != 0)
      continue;
    std::array<char, INET_ADDRSTRLEN> text{};
    const auto* address = reinterpret_cast<const sockaddr_in*>(one->ifa_addr);
    return ::inet_ntop(AF_INET, &address->sin_addr, text.data(), text.size());
  }
  return {};
}

class ServeLimits : public testing::Test, protected CommandFolder {
 protected:
  void start(const std::string& limits, const std::string& host = "127.0.0.1", const std::string& before = {}) {
    write(std::string(kOpen) + "[limits]\n" + limits);
    server_ = serve("", "HEARTH_SERVER_LISTEN=" + host + ":0" + before);
    address_ = address_of(*server_);
  }
  TestClient client() const {
    TestClient client(address_);
    client.upgrade();
    return client;
  }
  HttpAnswer refusal() const {
    TestClient client(address_);
    client.write(kUpgrade);
    return client.read_http();
  }

  std::unique_ptr<ChildProcess> server_;
  std::string address_;
};

TEST_F(ServeLimits, OneConnectionTooManyIsAnswered503) {
  start("connections = 1\n");
  const TestClient one = client();
  const HttpAnswer answer = refusal();
  EXPECT_EQ(answer.status, 503U);
  EXPECT_THAT(answer.head, HasSubstr("Retry-After: 5"));
}

TEST_F(ServeLimits, WithoutANumberConnectionsMayTakeNineTenthsOfTheDescriptors) {
  app::raise_descriptor_limit();
  start("", "127.0.0.1", "; ulimit -n 1000");
  std::vector<TestClient> clients;
  for (int i = 0; i < 900; ++i) clients.push_back(client());
  EXPECT_EQ(refusal().status, 503U);
}

TEST_F(ServeLimits, SoIsOneThatComesTooFast) {
  start("connects = \"1/h burst 2\"\n");
  for (int i = 0; i < 2; ++i) client();
  EXPECT_EQ(refusal().status, 503U);
}

TEST_F(ServeLimits, SoIsOneTooManyThatHasNotAuthenticated) {
  start("unauthenticated = 1\n");
  TestClient waits = client();
  EXPECT_EQ(refusal().status, 503U);
  waits.authenticate();
  const TestClient next = client();
}

TEST_F(ServeLimits, AnAddressHasOnlySoManyConnections) {
  const std::string host = outer_address();
  if (host.empty()) GTEST_SKIP() << "this machine has no other address than loopback ones";
  start("connections_per_ip = 1\n", host);
  const TestClient one = client();
  EXPECT_EQ(refusal().status, 429U);
}

TEST_F(ServeLimits, AnAddressConnectsOnlySoFast) {
  const std::string host = outer_address();
  if (host.empty()) GTEST_SKIP() << "this machine has no other address than loopback ones";
  start("connects_per_ip = \"1/h burst 2\"\n", host);
  for (int i = 0; i < 2; ++i) client();
  EXPECT_EQ(refusal().status, 429U);
}

TEST_F(ServeLimits, AUserHasOnlySoManyClients) {
  write(
      "[[auth.jwt]]\nsecret = \"0123456789abcdef0123456789abcdef\"\nalgorithms = [\"HS256\"]\n"
      "[limits]\nconnections_per_user = 1\n");
  server_ = serve("", "HEARTH_SERVER_LISTEN=127.0.0.1:0");
  address_ = address_of(*server_);
  const std::string token = run("token --user ann").output;
  const std::string data = R"({"token":")" + token.substr(0, token.find('\n')) + R"("})";
  TestClient one = client();
  one.authenticate(data);
  TestClient two = client();
  two.send(envelope("authenticate", data));
  EXPECT_EQ(two.wait_for_close(), (CloseFrame{4009, "Too many connections"}));
}

// The second pair of messages comes when the server reads on, and not before.
TEST_F(ServeLimits, MessagesAndBytesPastARateAreReadLater) {
  for (const std::string limit : {"messages = \"4/s burst 3\"\n", "bytes = \"120B/s burst 100B\"\n"}) {
    start(limit);
    TestClient one = client();
    one.authenticate();
    const auto before = std::chrono::steady_clock::now();
    for (int i = 0; i < 8; ++i) one.send(envelope("heartbeat", {}, std::to_string(i)));
    for (int i = 0; i < 8; ++i) EXPECT_THAT(one.wait_for("ack"), HasSubstr('"' + std::to_string(i) + '"'));
    EXPECT_GT(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(900)) << limit;
  }
}

TEST_F(ServeLimits, OfADryRunNothingComes) {
  start("connections = 1\ndry_run = true\n");
  const TestClient one = client();
  const TestClient two = client();
}

TEST_F(ServeLimits, DevelopmentWithoutAFileHasNone) {
  server_ = serve("--dev", "HEARTH_SERVER_LISTEN=127.0.0.1:0 HEARTH_LIMITS_CONNECTIONS=1");
  address_ = address_of(*server_);
  const TestClient one = client();
  EXPECT_EQ(refusal().status, 503U) << "it was told to have one";
  server_ = serve("--dev", "HEARTH_SERVER_LISTEN=127.0.0.1:0");
  address_ = address_of(*server_);
  TestClient fast = client();
  fast.authenticate();
  constexpr int kMany = 1000;  // five times the burst that there is otherwise
  for (int i = 0; i < kMany; ++i) fast.send(envelope("heartbeat", {}, std::to_string(i)));
  const auto before = std::chrono::steady_clock::now();
  for (int i = 0; i < kMany; ++i) fast.wait_for("ack");
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(10)) << "at 50 a second it would take 16";
}

}  // namespace
}  // namespace hearth::test
