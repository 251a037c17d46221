// Options::trusted_proxies and proxy_protocol.

#include "support/socket.hpp"
#include "support/test_server.hpp"
#include "support/tls_clients.hpp"

#include <gmock/gmock.h>

#include <unistd.h>

#include <filesystem>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::test {
namespace {

using testing::HasSubstr;

constexpr std::string_view kV1 = "PROXY TCP4 192.0.2.1 198.51.100.2 5000 443\r\n";

/// 192.0.2.1:5000 to 198.51.100.2:443.
std::string v2() {
  return std::string("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\x00\x02\x01\xc6\x33\x64\x02\x13\x88\x01\xbb", 28);
}

std::string address_of(TestServer& server, const TestClient& client) {
  return server->client(client.id())->remote_address;
}

std::string forwarded(std::string_view value) { return "X-Forwarded-For: " + std::string(value) + "\r\n"; }

std::string upgrade_request(const std::string& fields) {
  return "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
         fields + "\r\n";
}

TEST(Proxies, AForwardedAddressIsThatOfTheClient) {
  std::string asked;
  TestServer server;
  server.start({.trusted_proxies = {"127.0.0.1"}, .authenticate = [&](const AuthenticateRequest& request) {
                  asked = request.remote_address;
                  return accept_anybody(request);
                }});
  TestClient client(server.address());
  client.upgrade("/ws", forwarded("198.51.100.7, 203.0.113.9")).authenticate();
  EXPECT_EQ(asked, "203.0.113.9");
  EXPECT_EQ(address_of(server, client), "203.0.113.9");
  TestClient six(server.address());
  six.upgrade("/ws", forwarded("2001:db8::7")).authenticate();
  EXPECT_EQ(address_of(server, six), "[2001:db8::7]");
  EXPECT_EQ(server->clients(ClientQuery{.address = "2001:db8::7"}).clients.size(), 1U);
  TestClient plain = server.client();
  EXPECT_THAT(address_of(server, plain), HasSubstr("127.0.0.1:"));
}

TEST(Proxies, OneThatIsNotTrustedIsNotBelievedAndToldOnce) {
  TestServer server;
  server.start({.trusted_proxies = {"10.0.0.0/8"}});
  for (int i = 0; i < 3; ++i) {
    TestClient client(server.address());
    client.upgrade("/ws", forwarded("203.0.113.9")).authenticate();
    EXPECT_THAT(address_of(server, client), HasSubstr("127.0.0.1:"));
  }
  eventually("the line for the log", [&] { return server.log().count("trusted_proxies") >= 1; });
  EXPECT_EQ(server.log().count("trusted_proxies"), 1U);
}

TEST(Proxies, AUnixSocketIsOneIfItIsSaid) {
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("hearth-proxies-" + std::to_string(::getpid()));
  TestServer server;
  server.start({.listen = {"unix:" + path.string()}, .trusted_proxies = {"unix"}});
  TestClient client(server.address());
  client.upgrade("/ws", forwarded("203.0.113.9")).authenticate();
  EXPECT_EQ(address_of(server, client), "203.0.113.9");
}

TEST(Proxies, LimitsByAddressAreOfTheForwardedOne) {
  TestServer server;
  server.start({.limits = {.connections_per_ip = 1}, .trusted_proxies = {"127.0.0.1"}});
  TestClient first(server.address());
  first.upgrade("/ws", forwarded("203.0.113.9"));
  TestClient second(server.address());
  second.upgrade("/ws", forwarded("203.0.113.10"));
  TestClient third(server.address());
  third.write(upgrade_request(forwarded("203.0.113.9:4711")));
  EXPECT_EQ(third.read_http().status, 429U);
}

TEST(Proxies, ThoseOfAnUpdateAreBelievedFromThenOn) {
  TestServer server;
  server.start();
  Settings settings = server->settings();
  settings.trusted_proxies = {"127.0.0.0/8"};
  server->update(settings);
  TestClient client(server.address());
  client.upgrade("/ws", forwarded("203.0.113.9")).authenticate();
  EXPECT_EQ(address_of(server, client), "203.0.113.9");
}

TEST(Proxies, AHeaderStandsBeforeTheRequest) {
  TestServer server;
  server.start({.trusted_proxies = {"127.0.0.1"}, .proxy_protocol = true});
  for (const std::string& header : {std::string(kV1), v2()}) {
    TestClient client(server.address());
    client.write(header);
    client.upgrade().authenticate();
    EXPECT_EQ(address_of(server, client), "192.0.2.1:5000");
  }
  TestClient own(server.address());
  own.write("PROXY UNKNOWN\r\n");
  own.upgrade().authenticate();
  EXPECT_THAT(address_of(server, own), HasSubstr("127.0.0.1:"));
}

TEST(Proxies, AHeaderMayComeInPieces) {
  TestServer server;
  server.start({.trusted_proxies = {"127.0.0.1"}, .proxy_protocol = true});
  for (const std::string& header : {std::string(kV1), v2()}) {
    TestClient client(server.address());
    for (const char byte : header) {
      client.write(std::string_view(&byte, 1));
      server.fence();  // a turn of the shard between them
    }
    client.upgrade().authenticate();
    EXPECT_EQ(address_of(server, client), "192.0.2.1:5000");
  }
}

TEST(Proxies, WhoComesWithoutAHeaderIsCutOff) {
  TestServer server;
  server.start({.trusted_proxies = {"127.0.0.1"}, .proxy_protocol = true});
  TestClient client(server.address());
  client.write("GET /ws HTTP/1.1\r\nHost: a\r\n\r\n");
  client.expect_end();
  TestClient half(server.address());
  half.write(kV1.substr(0, 10));
  half.end();
  half.expect_end();
  eventually("the line for the log", [&] { return server.log().count("proxy_protocol") == 1; });
  eventually("both to be gone", [&] { return server->statistics().connections_open == 0; });
}

TEST(Proxies, WhoIsNoProxyIsCutOff) {
  TestServer server;
  server.start({.trusted_proxies = {"10.0.0.0/8"}, .proxy_protocol = true});
  TestClient client(server.address());
  client.expect_end();
  eventually("the line for the log", [&] { return server.log().count("trusted_proxies") == 1; });
}

TEST(Proxies, AHeaderComesBeforeTls) {
  TestServer server;
  server.start(with_tls({.trusted_proxies = {"127.0.0.1"}, .proxy_protocol = true}));
  const net::FileDescriptor fd = connect_to(server.address());
  ASSERT_TRUE(write_all(fd.get(), kV1));
  TlsSocket tls(fd.get(), {});
  ASSERT_TRUE(tls.write_all(upgrade_request({})));
  eventually("the client", [&] { return server->clients().size() == 1; });
  EXPECT_EQ(server->clients().front().remote_address, "192.0.2.1:5000");
}

TEST(Proxies, WithBothTheRequestSaysMoreThanTheHeader) {
  TestServer server;
  server.start({.trusted_proxies = {"127.0.0.1", "192.0.2.0/24"}, .proxy_protocol = true});
  TestClient client(server.address());
  client.write(kV1);
  client.upgrade("/ws", forwarded("203.0.113.9")).authenticate();
  EXPECT_EQ(address_of(server, client), "203.0.113.9");
}

TEST(Proxies, OptionsThatCannotBeAreRefused) {
  const auto start = [](std::vector<std::string> proxies, bool protocol) {
    TestServer server;
    server.make({.trusted_proxies = std::move(proxies), .proxy_protocol = protocol});
  };
  EXPECT_THROW(start({"nonsense"}, false), std::invalid_argument);
  EXPECT_THROW(start({}, true), std::invalid_argument);
}

}  // namespace
}  // namespace hearth::test
