// `[api.tls]` of `hearth serve`, and the commands that talk to an API over TLS.

#include "support/authority.hpp"
#include "support/command_folder.hpp"
#include "support/test_client.hpp"

#include <gmock/gmock.h>
#include <openssl/ssl.h>

#include <signal.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace hearth::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kOne =
    "[auth]\nanonymous = true\n[[api.tls.certificates]]\ncert = \"one.crt\"\nkey = \"one.key\"\n";
constexpr std::string_view kKeys = "[[api.keys]]\nname = \"all\"\nkey = \"0123456789abcdef0123456789abcdef\"\n";

class ServeApiTls : public testing::Test, protected CommandFolder {
 protected:
  ServeApiTls() {
    put("one", authority_.issue_for_loopback());
    write(authority_.certificate(), "ca.crt");
  }
  void put(const std::string& name, const TlsCertificate& pair) const {
    write(pair.certificate, name + ".crt");
    write(pair.key, name + ".key");
  }
  void start(const std::string& more = {}, const std::string& variables = {}) {
    write(std::string(kOne) + more);
    server_ = serve("", "HEARTH_SERVER_LISTEN=127.0.0.1:0 " + variables);
    address_ = address_of(*server_);
    api_ = api_address_of(*server_);
  }
  TlsClientOptions trusting() const { return {.ca = authority_.certificate()}; }
  static std::string request(const std::string& first_line, const std::string& fields = {},
                             const std::string& body = {}) {
    return first_line + " HTTP/1.1\r\nHost: " + "localhost\r\n" + fields +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  HttpAnswer ask(const std::string& text) const {
    TestClient http(api_, trusting());
    http.write(text);
    return http.read_http();
  }
  bool is_taken(const TlsClientOptions& options) const {
    try {
      TestClient http(api_, options);
      http.write(request("GET /healthz"));
      return http.read_http().status == 200;
    } catch (const std::runtime_error&) {
      return false;
    }
  }
  std::string shown() const { return TestClient(api_, trusting()).tls().server(); }
  void wait_for_line(const std::string& what) const {
    while (server_->read_line().find(what) == std::string::npos) {
    }
  }
  void hang_up() const { ::kill(server_->pid(), SIGHUP); }
  CommandEnd health(const std::string& api, const std::string& more = {}) const {
    return run("health --api " + api + ' ' + more);
  }

  Authority authority_;
  std::unique_ptr<ChildProcess> server_;
  std::string address_;
  std::string api_;
};

TEST_F(ServeApiTls, AnswersOverTlsAndServesClientsWithout) {
  start();
  TestClient http(api_, trusting());
  EXPECT_EQ(http.tls().server(), "loopback");
  TestClient client(address_);
  client.upgrade().authenticate();
  for (const std::string event : {"one", "two"}) {  // on one connection
    http.write(request("POST /api/publish", {}, R"({"all":true,"event":")" + event + R"("})"));
    EXPECT_EQ(http.read_http().status, 200U);
    client.wait_for(event);
  }
  http.write(request("GET /healthz", "Connection: close\r\n"));
  EXPECT_EQ(http.read_http().status, 200U);
  http.expect_end();
  EXPECT_TRUE(http.tls().ended_cleanly());
}

TEST_F(ServeApiTls, TakesBodiesOfManyRecordsAndRefusesThoseThatAreTooLong) {
  start("[api]\nmax_body = \"100KiB\"\n");
  TestClient client(address_);
  client.upgrade().authenticate();
  const std::string data(60'000, 'x');
  EXPECT_EQ(ask(request("POST /api/publish", {}, R"({"all":true,"event":"long","data":")" + data + "\"}")).status,
            200U);
  EXPECT_THAT(client.wait_for("long"), HasSubstr(data));
  EXPECT_EQ(ask(request("POST /api/publish", {}, std::string(200'000, ' '))).status, 413U);
}

TEST_F(ServeApiTls, PlainHttpIsToldThatItIsTls) {
  start();
  TestClient http(api_);
  http.write(request("GET /healthz"));
  const HttpAnswer answer = http.read_http();
  EXPECT_EQ(answer.status, 400U);
  EXPECT_THAT(answer.body, HasSubstr("This port speaks TLS"));
}

TEST_F(ServeApiTls, SpeaksNothingOlderThanItIsTold) {
  start("[api.tls]\nmin_version = \"1.3\"\n");
  EXPECT_FALSE(is_taken({.ca = authority_.certificate(), .version = TLS1_2_VERSION}));
  EXPECT_TRUE(is_taken({.ca = authority_.certificate(), .version = TLS1_3_VERSION}));
}

TEST_F(ServeApiTls, ChoosesTheCertificateByName) {
  put("two", authority_.issue({"two", {"DNS:two.test"}}));
  start("[[api.tls.certificates]]\ncert = \"two.crt\"\nkey = \"two.key\"\n");
  EXPECT_EQ(TestClient(api_, {.ca = authority_.certificate(), .host = "two.test"}).tls().server(), "two");
  EXPECT_EQ(shown(), "loopback");
}

TEST_F(ServeApiTls, AWebPageOfItsOwnIsOneOfHttps) {
  start();
  EXPECT_EQ(ask(request("GET /api/info", "Origin: https://localhost\r\n")).status, 200U);
  EXPECT_EQ(ask(request("GET /api/info", "Origin: http://localhost\r\n")).status, 403U);
}

TEST_F(ServeApiTls, TheCookieOfASessionIsForTlsAlone) {
  start(std::string(kKeys));
  const HttpAnswer answer = ask(request("POST /api/session", {}, R"({"key":"0123456789abcdef0123456789abcdef"})"));
  EXPECT_EQ(answer.status, 200U);
  EXPECT_THAT(answer.head, AllOf(HasSubstr("Set-Cookie: hearth_session="), HasSubstr("; Secure\r\n")));
}

TEST_F(ServeApiTls, AStreamOfEventsFlows) {
  start();
  TestClient http(api_, trusting());
  http.write(request("GET /api/live"));
  EXPECT_EQ(http.read_http(false).status, 200U);
  std::string bytes;
  while (bytes.find("event: sample") == std::string::npos) ASSERT_TRUE(http.tls().read_some(bytes, Deadline()));
}

TEST_F(ServeApiTls, LoadsCertificatesThatHaveChanged) {
  start();
  TestClient before(api_, trusting());
  write("half", "one.crt");
  hang_up();
  wait_for_line("cannot be loaded");
  EXPECT_EQ(shown(), "loopback");
  put("one", authority_.issue({"renewed", {"IP:127.0.0.1"}}));
  hang_up();
  wait_for_line("certificates have changed, and are loaded");
  eventually("new connections to see the new one", [&] { return shown() == "renewed"; });
  before.write(request("GET /healthz"));
  EXPECT_EQ(before.read_http().status, 200U);
}

TEST_F(ServeApiTls, WhatIsReloadedIsWholeOrNothing) {
  start();
  put("two", authority_.issue({"two", {"IP:127.0.0.1"}}));
  const std::string trust = "HEARTH_API=https://" + api_ + " HEARTH_API_KEY=none HEARTH_API_CA=ca.crt ";
  write("[auth]\nanonymous = true\n[[api.tls.certificates]]\ncert = \"two.crt\"\nkey = \"one.key\"\n");
  const CommandEnd wrong = run("reload", trust);
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.output, AllOf(HasSubstr("api.tls: "), HasSubstr("two.crt")));
  EXPECT_EQ(shown(), "loopback");
  write("[auth]\nanonymous = true\n");
  EXPECT_THAT(run("reload", trust).output,
              HasSubstr("api.tls.certificates: whether the API speaks TLS needs a restart"));
  write("[auth]\nanonymous = true\n[[api.tls.certificates]]\ncert = \"two.crt\"\nkey = \"two.key\"\n");
  const CommandEnd good = run("reload", trust);
  EXPECT_EQ(good.status, 0) << good.output;
  EXPECT_THAT(good.output, HasSubstr("api.tls.certificates.cert"));
  eventually("new connections to see the new one", [&] { return shown() == "two"; });
}

TEST_F(ServeApiTls, DoesNotStartWithACertificateThatIsNone) {
  write("none", "one.crt");
  write(std::string(kOne));
  const CommandEnd end = run("serve", "HEARTH_SERVER_LISTEN=127.0.0.1:0 HEARTH_API_LISTEN=127.0.0.1:0 timeout 30 ");
  EXPECT_EQ(end.status, 1);
  EXPECT_THAT(end.output, AllOf(HasSubstr("api.tls: "), HasSubstr("one.crt")));
}

TEST_F(ServeApiTls, ItsCertificateIsAmongTheMetrics) {
  start();
  EXPECT_THAT(ask(request("GET /metrics")).body,
              HasSubstr("hearth_tls_certificate_expiry_timestamp_seconds{certificate=\"one.crt\"}"));
}

TEST_F(ServeApiTls, CommandsTrustWhomTheyAreTold) {
  start();
  const CommandEnd good = health("https://" + api_, "--api-ca ca.crt");
  EXPECT_EQ(good.status, 0) << good.output;
  EXPECT_EQ(run("health", "HEARTH_API=https://" + api_ + " HEARTH_API_CA=ca.crt ").status, 0);
  const CommandEnd stranger = health("https://" + api_);
  EXPECT_EQ(stranger.status, 1);
  EXPECT_THAT(stranger.output, AllOf(HasSubstr("shows a certificate that is not good"), HasSubstr("--api-ca")));
  write(Authority("another").certificate(), "another.crt");
  EXPECT_EQ(health("https://" + api_, "--api-ca another.crt").status, 1);
  const CommandEnd none = health("https://" + api_, "--api-ca none.crt");
  EXPECT_EQ(none.status, 2);
  EXPECT_THAT(none.output, HasSubstr("none.crt` cannot be used"));
}

TEST_F(ServeApiTls, CommandsWantTheCertificateOfTheHostThatTheyAsk) {
  put("one", authority_.issue({"elsewhere", {"DNS:elsewhere.test"}}));
  start();
  const std::string port = api_.substr(api_.rfind(':'));
  EXPECT_THAT(health("https://127.0.0.1" + port, "--api-ca ca.crt").output, HasSubstr("IP address mismatch"));
  EXPECT_THAT(health("https://localhost" + port, "--api-ca ca.crt").output, HasSubstr("hostname mismatch"));
}

TEST_F(ServeApiTls, CommandsThatSpeakTheOtherWaySayWhy) {
  start();
  EXPECT_THAT(health(api_).output, HasSubstr("This port speaks TLS"));
  write("[auth]\nanonymous = true\n");
  const auto plain = serve("", "HEARTH_SERVER_LISTEN=127.0.0.1:0");
  address_of(*plain);
  const CommandEnd end = health("https://" + api_address_of(*plain), "--api-ca ca.crt");
  EXPECT_EQ(end.status, 1);
  EXPECT_THAT(end.output, HasSubstr("TLS failed"));
}

TEST_F(ServeApiTls, CommandsFindItByTheConfigurationWhateverItsCertificateIsFor) {
  put("one", authority_.issue({"elsewhere", {"DNS:elsewhere.test"}}));
  const std::string socket = "unix:" + (path() / "api").string();
  start("[api]\nlisten = [\"" + socket + "\"]\n" + std::string(kKeys), "; unset HEARTH_API_LISTEN");
  TestClient client(address_);
  client.upgrade().authenticate();
  const CommandEnd end = run("publish --all story");
  EXPECT_EQ(end.status, 0) << end.output;
  client.wait_for("story");
  EXPECT_EQ(run("health").status, 0);
  EXPECT_EQ(run("health", "HEARTH_API_CA=ca.crt ").status, 0) << "a Unix socket has no name";
}

TEST_F(ServeApiTls, CommandsShowACertificateThatIsAskedFor) {
  start("[api.tls]\nclient_ca = \"ca.crt\"\nclient_auth = \"required\"\n");
  const TlsCertificate own = authority_.issue({"operator", {}});
  write(own.certificate + own.key, "operator.pem");
  EXPECT_FALSE(is_taken(trusting()));
  EXPECT_EQ(health("https://" + api_, "--api-ca ca.crt").status, 1);
  const CommandEnd good = health("https://" + api_, "--api-ca ca.crt --api-cert operator.pem");
  EXPECT_EQ(good.status, 0) << good.output;
  EXPECT_EQ(run("health", "HEARTH_API=https://" + api_ + " HEARTH_API_CA=ca.crt HEARTH_API_CERT=operator.pem ").status,
            0);
}

}  // namespace
}  // namespace hearth::test
