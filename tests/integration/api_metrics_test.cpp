// What `GET /metrics` of `hearth serve` says beyond what the library counts.

#include "support/authority.hpp"
#include "support/command.hpp"
#include "support/command_folder.hpp"
#include "support/test_client.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <string>

namespace hearth::test {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kConfiguration = R"([server]
allowed_origins = ["https://app.example"]
[[auth.jwt]]
secret = "0123456789abcdef0123456789abcdef"
algorithms = ["HS256"]
[[rooms]]
name = "news"
pattern = "news:*"
join = "anyone"
[[rooms]]
pattern = "own:{user}"
join = "users"
publish = "members"
[limits]
message_size = "1KiB"
)";

class ApiMetrics : public testing::Test, protected CommandFolder {
 protected:
  void start(const std::string& more = {}) {
    write(std::string(kConfiguration) + more);
    server_ = serve("", "HEARTH_SERVER_LISTEN=127.0.0.1:0");
    address_ = address_of(*server_);
    api_ = api_address_of(*server_);
  }
  HttpAnswer ask(const std::string& method, const std::string& path, const std::string& body = {}) const {
    TestClient http(api_);
    http.write(method + ' ' + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
               "\r\n\r\n" + body);
    return http.read_http();
  }
  std::string metrics() const { return ask("GET", "/metrics").body; }
  /// Writes a certificate, and gives the configuration that has the server show it.
  std::string tls_of(const Authority& authority) const {
    const TlsCertificate pair = authority.issue_for_loopback();
    write(pair.certificate, "one.crt");
    write(pair.key, "one.key");
    return "[[server.tls.certificates]]\ncert = \"one.crt\"\nkey = \"one.key\"\n";
  }
  std::string token_of(const std::string& user) const {
    const std::string token = run("token --user " + user).output;
    return R"({"token":")" + token.substr(0, token.find('\n')) + R"("})";
  }
  CloseFrame refused(const std::string& data) const {
    TestClient client(address_);
    client.upgrade().send(envelope("authenticate", data));
    return client.wait_for_close();
  }

  std::unique_ptr<ChildProcess> server_;
  std::string address_;
  std::string api_;
};

TEST_F(ApiMetrics, SayWhyClientsAreNotLetInAndWhatRulesDecide) {
  start();
  EXPECT_EQ(refused("{}").code, 4003);
  EXPECT_EQ(refused(R"({"token":"x"})").code, 4003);
  EXPECT_EQ(refused(R"({"token":7})").code, 4003);
  TestClient ann(address_);
  ann.upgrade().authenticate(token_of("ann"));
  ann.join("own:ann");
  ann.send(R"({"event":"join","data":{"rooms":["news:today","own:ben","else"]},"id":"1"})");
  ann.wait_for("error");
  ann.send(R"({"event":"publish","data":{"room":"own:ann","event":"said"},"id":"2"})");
  ann.wait_for("said");
  ann.send(R"({"event":"publish","data":{"room":"news:today","event":"forged"},"id":"3"})");
  ann.wait_for("error");
  EXPECT_EQ(ask("POST", "/api/publish", R"({"room":"news:today","event":"story"})").status, 200U);
  ann.wait_for("story");
  const std::string text = metrics();
  for (const std::string line : {
           R"(hearth_authentication_failures_total{reason="no_token"} 1)",
           R"(hearth_authentication_failures_total{reason="malformed"} 2)",
           R"(hearth_authentication_failures_total{reason="expired"} 0)",
           R"(hearth_authentication_failures_total{reason="unavailable"} 0)",
           R"(hearth_rule_decisions_total{rule="news",action="join",outcome="allowed"} 1)",
           R"(hearth_rule_decisions_total{rule="news",action="publish",outcome="refused"} 1)",
           R"(hearth_rule_decisions_total{rule="own:{user}",action="join",outcome="allowed"} 1)",
           R"(hearth_rule_decisions_total{rule="own:{user}",action="publish",outcome="allowed"} 1)",
           R"(hearth_rule_decisions_total{rule="none",action="join",outcome="refused"} 2)",
           R"(hearth_publications_total{source="client"} 1)",
           R"(hearth_publications_total{source="api"} 1)",
           R"(hearth_publications_total{source="broker"} 0)",
       }) {
    EXPECT_THAT(text, HasSubstr(line + '\n'));
  }
}

// Rules that have gone keep what they have decided.
TEST_F(ApiMetrics, GoOnCountingWhenTheConfigurationIsAnother) {
  start();
  EXPECT_EQ(refused("{}").code, 4003);
  write(std::string(kConfiguration) + "[[rooms]]\nname = \"new\"\npattern = \"new\"\njoin = \"anyone\"\n");
  EXPECT_EQ(ask("POST", "/api/reload").status, 200U);
  EXPECT_EQ(refused("{}").code, 4003);
  EXPECT_THAT(metrics(),
              AllOf(HasSubstr("hearth_authentication_failures_total{reason=\"no_token\"} 2\n"),
                    HasSubstr(R"(hearth_rule_decisions_total{rule="new",action="join",outcome="allowed"} 0)"),
                    HasSubstr("hearth_config_reload_success 1\n")));
}

TEST_F(ApiMetrics, CountAndTimeRequestsByTheirRoutes) {
  start();
  for (int i = 0; i < 2; ++i) EXPECT_EQ(ask("GET", "/api/rooms/tea").status, 200U);
  EXPECT_EQ(ask("POST", "/api/publish", "{").status, 400U);
  EXPECT_EQ(ask("GET", "/api/publish").status, 405U);
  EXPECT_EQ(ask("GET", "/no/such/thing").status, 404U);
  EXPECT_EQ(ask("GET", "/").status, 200U);
  const std::string text = metrics();
  for (const std::string line : {
           R"(hearth_api_requests_total{route="/api/rooms/{room}",code="200"} 2)",
           R"(hearth_api_requests_total{route="/api/publish",code="400"} 1)",
           R"(hearth_api_requests_total{route="/api/publish",code="405"} 1)",
           R"(hearth_api_requests_total{route="none",code="404"} 1)",
           R"(hearth_api_requests_total{route="page",code="200"} 1)",
           R"(hearth_api_request_duration_seconds_count{route="/api/rooms/{room}"} 2)",
       }) {
    EXPECT_THAT(text, HasSubstr(line + '\n'));
  }
}

TEST_F(ApiMetrics, SayWhatTheProcessUses) {
  start();
  const std::string text = metrics();
  for (const std::string name : {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds",
                                 "process_max_fds", "process_start_time_seconds", "process_virtual_memory_bytes"}) {
    EXPECT_THAT(text, ContainsRegex('\n' + name + " [0-9.e+]*[1-9]"));
  }
}

TEST_F(ApiMetrics, CountWhatIsRefusedAndWhatIsTooLong) {
  start();
  TestClient page(address_);
  page.write(
      "GET /ws HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\nUpgrade: websocket\r\n"
      "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  EXPECT_EQ(page.read_http().status, 403U);
  TestClient lost(address_);
  lost.write("GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(lost.read_http().status, 404U);
  TestClient talks(address_);
  talks.upgrade().send(std::string(1025, ' '));
  EXPECT_EQ(talks.wait_for_close().code, 1009);
  const std::string text = metrics();
  for (const std::string line : {
           R"(hearth_connections_refused_total{reason="origin"} 1)",
           R"(hearth_connections_refused_total{reason="http"} 1)",
           R"(hearth_connections_refused_total{reason="limit"} 0)",
           R"(hearth_limit_hits_total{limit="message_size"} 1)",
           R"(hearth_limit_hits_total{limit="backlog"} 0)",
           "# TYPE hearth_delivery_lag_seconds histogram",
           "hearth_clients_throttled 0",
       }) {
    EXPECT_THAT(text, HasSubstr(line + '\n'));
  }
  EXPECT_THAT(text, Not(HasSubstr("hearth_tls_handshake"))) << "there is no TLS";
}

// All that there can be: of names, types and texts it says what would be wrong with them.
TEST_F(ApiMetrics, AreAsPromtoolWantsThem) {
  if (run_line("promtool --version").status != 0) GTEST_SKIP() << "promtool is missing: apt-get install prometheus";
  const Authority authority;
  start(tls_of(authority) +
        "[backend]\nurl = \"http://127.0.0.1:1/\"\nsecret = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"\n"
        "[events]\nto = \"backend\"\n");
  const std::string text = metrics();
  for (const std::string family : {"hearth_tls_handshakes_total", "hearth_backend_requests_total",
                                   "hearth_events_sent_total", "hearth_api_requests_total", "process_open_fds"}) {
    EXPECT_THAT(text, HasSubstr("# TYPE " + family));
  }
  write(text, "metrics.txt");
  const CommandEnd said = run_line("promtool check metrics <" + (path() / "metrics.txt").string());
  EXPECT_EQ(said.status, 0);
  EXPECT_EQ(said.output, "");
}

TEST_F(ApiMetrics, CountTlsHandshakes) {
  const Authority authority;
  start(tls_of(authority));
  TestClient client(address_, TlsClientOptions{.ca = authority.certificate()});
  client.upgrade();
  const std::string text = metrics();
  for (const std::string line : {
           R"(hearth_tls_handshakes_total{version="TLSv1.3",outcome="success"} 1)",
           R"(hearth_tls_handshakes_total{version="none",outcome="protocol_version"} 0)",
           "hearth_tls_handshake_duration_seconds_count 1",
       }) {
    EXPECT_THAT(text, HasSubstr(line + '\n'));
  }
}

}  // namespace
}  // namespace hearth::test
