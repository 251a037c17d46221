// What is counted of TLS handshakes, by real clients that fail in every way.

#include "support/socket.hpp"
#include "support/tls_clients.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <map>
#include <numeric>
#include <string>
#include <utility>

namespace hearth::test {
namespace {

using namespace std::chrono_literals;
using testing::AnyOf;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

/// Those that there were: `TLSv1.3 success`.
std::map<std::string, std::uint64_t> outcomes_of(TestServer& server) {
  std::map<std::string, std::uint64_t> counts;
  for (const TlsHandshakeCount& one : server->metrics().tls.handshakes) {
    if (one.count > 0) counts[std::string(one.version) + ' ' + std::string(one.outcome)] = one.count;
  }
  return counts;
}

void expect_outcome(TestServer& server, const std::string& outcome) {
  eventually("a handshake to be counted", [&] { return !outcomes_of(server).empty(); });
  EXPECT_THAT(outcomes_of(server), ElementsAre(Pair(outcome, 1U)));
}

TEST(TlsMetrics, ThoseThatAreDoneAreCountedByVersionAndTimed) {
  TestServer server;
  server.start(with_tls({.threads = 2}));
  for (int i = 0; i < 2; ++i) client_of(server, {.version = TLS1_2_VERSION});
  for (int i = 0; i < 3; ++i) client_of(server, {.version = TLS1_3_VERSION});
  EXPECT_THAT(outcomes_of(server), ElementsAre(Pair("TLSv1.2 success", 2U), Pair("TLSv1.3 success", 3U)));
  const TlsMetrics tls = server->metrics().tls;
  EXPECT_EQ(std::accumulate(tls.durations.counts.begin(), tls.durations.counts.end(), std::uint64_t{0}), 5U);
  EXPECT_GT(tls.durations.sum, 0);
  EXPECT_EQ(tls.handshakes.size(), 27U) << "all that can be, so that a first one is seen to come";
}

TEST(TlsMetrics, WithoutTlsThereAreNone) {
  TestServer server;
  server.start();
  const TestClient client = server.client();
  EXPECT_THAT(server->metrics().tls.handshakes, IsEmpty());
}

TEST(TlsMetrics, WhatTheTwoHaveNotInCommon) {
  const std::pair<TlsClientOptions, std::string> cases[] = {
      {{.version = TLS1_1_VERSION}, "none protocol_version"},
      {{.version = TLS1_2_VERSION, .ciphers = "AES128-GCM-SHA256"}, "none no_shared_cipher"},
      {{.protocols = {"h2"}}, "TLSv1.3 no_shared_protocol"},
  };
  for (const auto& [options, outcome] : cases) {
    TestServer server;
    server.start(with_tls());
    failure_of(server, options);
    expect_outcome(server, outcome);
  }
}

TEST(TlsMetrics, CertificatesThatAreNotGood) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const std::string name = version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3";
    const Authority elsewhere;
    const TlsClientOptions cases[] = {{.version = version},
                                      {.certificate = elsewhere.issue({"ann"}), .version = version}};
    for (const TlsClientOptions& options : cases) {
      TestServer server;
      server.start(with_client_auth(TlsClientAuth::required));
      failure_of(server, options);
      expect_outcome(server, name + " client_certificate");
    }
    TestServer server;
    server.start(with_tls());
    failure_of(server, {.ca = elsewhere.certificate(), .host = "localhost", .version = version});
    // A client may be gone when it is heard.
    eventually("a handshake to be counted", [&] { return !outcomes_of(server).empty(); });
    EXPECT_THAT(outcomes_of(server),
                AnyOf(ElementsAre(Pair(name + " server_certificate", 1U)), ElementsAre(Pair(name + " closed", 1U))));
  }
}

TEST(TlsMetrics, WhatIsNoHandshakeOrNoGoodOne) {
  TestServer server;
  server.start(with_tls());
  TestClient plain(server.address());
  plain.write("GET /ws HTTP/1.1\r\nHost: test\r\n\r\n");
  plain.read_http();
  plain.drop();
  TestClient noise(server.address());
  noise.write(std::string_view("\0\1\2\3", 4));
  noise.expect_end();
  TestClient broken(server.address());
  broken.write(std::string_view("\x16\x03\x01\0\5hello", 10));  // a record, but no handshake
  const auto counted = ElementsAre(Pair("none not_tls", 2U), Pair("none other", 1U));
  eventually("all to be counted", [&] { return testing::Value(outcomes_of(server), counted); });
  EXPECT_EQ(server->metrics().refusals.at("tls"), 2U);
}

TEST(TlsMetrics, ThoseWhoseConnectionEnds) {
  TestServer server;
  server.start(with_tls({.auth_timeout = kPatience}));
  TestClient goes(server.address());
  goes.write(std::string_view("\x16\x03\x01\1\0", 5));
  eventually("it to be read", [&] { return server->statistics().bytes_received == 5; });
  goes.drop();
  expect_outcome(server, "none closed");
}

}  // namespace
}  // namespace hearth::test
