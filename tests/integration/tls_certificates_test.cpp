// Certificates of both sides, and changing them.

#include "support/notes.hpp"
#include "support/tls_clients.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

namespace hearth::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(TlsCertificates, TheHostChoosesTheCertificate) {
  TestServer server;
  server.start(with_tls({.tls = TlsOptions{.certificates = {
                                               loopback(),
                                               authority().issue({"example", {"DNS:example.com", "DNS:*.example.com"}}),
                                               authority().issue({"rsa", {"DNS:rsa.test"}, CertificateText::Kind::rsa}),
                                           }}}));
  EXPECT_EQ(connect(server).tls().server(), "loopback");
  EXPECT_EQ(connect(server, {.host = "localhost"}).tls().server(), "loopback");
  EXPECT_EQ(connect(server, {.host = "example.com"}).tls().server(), "example");
  EXPECT_EQ(connect(server, {.host = "ws.example.com"}).tls().server(), "example");
  EXPECT_EQ(connect(server, {.host = "rsa.test"}).tls().server(), "rsa");
  EXPECT_EQ(connect(server, {.host = "rsa.test", .version = TLS1_2_VERSION}).tls().server(), "rsa");
  EXPECT_THAT(failure_of(server, {.host = "other.test"}), HasSubstr("certificate verify failed"));
}

TEST(TlsCertificates, AClientCertificateMayBeRequired) {
  TestServer server;
  server.start(with_client_auth(TlsClientAuth::required));
  EXPECT_THAT(failure_of(server, {}), HasSubstr("certificate required"));
  EXPECT_THAT(failure_of(server, {.version = TLS1_2_VERSION}), HasSubstr("handshake failure"));
  const Authority elsewhere("elsewhere");
  EXPECT_THAT(failure_of(server, {.certificate = elsewhere.issue({"ann"})}), HasSubstr("unknown ca"));
  EXPECT_THAT(failure_of(server, {.certificate = authority().issue({.subject = "ann", .days = -1})}),
              HasSubstr("certificate expired"));
  client_of(server, {.certificate = authority().issue({"ann"})});
  EXPECT_EQ(server.log().count("a TLS handshake failed"), 4U);
}

TEST(TlsCertificates, AClientCertificateMayBeLeftOut) {
  TestServer server;
  server.start(with_client_auth(TlsClientAuth::optional));
  client_of(server);
  client_of(server, {.certificate = authority().issue({"ann"})});
  const Authority elsewhere("elsewhere");
  EXPECT_THAT(failure_of(server, {.certificate = elsewhere.issue({"ann"})}), HasSubstr("unknown ca"));
}

std::string shown(const AuthenticateRequest& request) {
  if (request.certificate == nullptr) return "none";
  std::string text = request.certificate->subject;
  for (const std::string& name : request.certificate->names) text += ' ' + name;
  return text;
}

TEST(TlsCertificates, WhoseCertificateItIsComesToAuthenticate) {
  TestServer server;
  Notes notes;
  Options options = with_client_auth(TlsClientAuth::optional);
  std::string fingerprint;
  options.authenticate = [&](const AuthenticateRequest& request) {
    notes.add(shown(request));
    if (request.certificate != nullptr) fingerprint = request.certificate->fingerprint;
    return Identity{};
  };
  server.start(std::move(options));
  client_of(server);
  client_of(server,
            {.certificate = authority().issue(
                 {"änn, of tea", {"DNS:ann.test", "email:ann@test", "URI:urn:ann", "IP:192.0.2.1", "IP:::1"}})});
  EXPECT_THAT(notes.all(),
              ElementsAre("none",
                          "CN=änn\\, of tea,O=Hearth tests DNS:ann.test email:ann@test URI:urn:ann IP:192.0.2.1 "
                          "IP:::1"));
  EXPECT_EQ(fingerprint.size(), 64U);
  EXPECT_EQ(fingerprint.find_first_not_of("0123456789abcdef"), std::string::npos);
}

TEST(TlsCertificates, ACoroutineHasACopyOfTheCertificate) {
  TestServer server;
  Notes notes;
  Options options = with_client_auth(TlsClientAuth::required);
  options.authenticate = [&](const AuthenticateRequest& request) -> Awaitable<AuthenticateResult> {
    notes.add(shown(request));
    co_return Identity{};
  };
  server.start(std::move(options));
  client_of(server, {.certificate = authority().issue({"ann", {"DNS:ann.test"}})});
  EXPECT_THAT(notes.all(), ElementsAre("CN=ann,O=Hearth tests DNS:ann.test"));
}

TEST(TlsCertificates, WhoShowsACertificateIsNotResumed) {
  TestServer server;
  server.start(with_client_auth(TlsClientAuth::required));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const TlsCertificate own = authority().issue({"ann"});
    TestClient first = client_of(server, {.certificate = own, .version = version});
    const TlsTicket ticket = first.tls().ticket();
    TestClient second = client_of(server, {.certificate = own, .version = version, .resumes = ticket.get()});
    EXPECT_FALSE(second.tls().was_resumed());
  }
}

TEST(TlsCertificates, ReloadingIsForNewConnections) {
  TestServer server;
  server.start(with_tls({.message = echo_to(server)}));
  TestClient before = client_of(server);
  const TlsTicket ticket = before.tls().ticket();
  server->reload_tls({.certificates = {authority().issue({"renewed", {"IP:127.0.0.1"}})}});
  EXPECT_EQ(connect(server).tls().server(), "renewed");
  before.send(envelope("still", "1"));
  EXPECT_EQ(before.next(), R"({"event":"still","data":1})");
  // Tickets stay good: a fleet that comes back after a reload does not all shake hands anew.
  EXPECT_TRUE(connect(server, {.resumes = ticket.get()}).tls().was_resumed());
}

TEST(TlsCertificates, ABadPairChangesNothing) {
  TestServer server;
  server.start(with_tls());
  const TlsCertificate next = authority().issue({"renewed", {"IP:127.0.0.1"}});
  try {
    server->reload_tls({.certificates = {{next.certificate, loopback().key}}});
    FAIL() << "halves that do not belong together were taken";
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), HasSubstr("do not belong together"));
  }
  EXPECT_THROW(server->reload_tls({.certificates = {{"/no/such/file", next.key}}}), std::invalid_argument);
  EXPECT_THROW(server->reload_tls({}), std::invalid_argument);
  EXPECT_EQ(connect(server).tls().server(), "loopback");
}

TEST(TlsCertificates, ItIsNotBegunByReloading) {
  TestServer server;
  server.start();
  EXPECT_THROW(server->reload_tls({.certificates = {loopback()}}), std::logic_error);
  server.client();
}

TEST(TlsCertificates, ClientsThatWereTrustedBeforeAReloadAreNotResumed) {
  TestServer server;
  server.start(with_tls());
  TestClient before = client_of(server);
  const TlsTicket ticket = before.tls().ticket();
  server->reload_tls(*with_client_auth(TlsClientAuth::required).tls);
  EXPECT_THAT(failure_of(server, {.resumes = ticket.get()}), HasSubstr("certificate required"));
}

TEST(TlsCertificates, BadCertificatesAreRefusedBeforeTheStart) {
  TestServer server;
  try {
    server.make({.tls = TlsOptions{}});
    FAIL() << "a server without a certificate was made";
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), HasSubstr("tls: certificates is empty"));
  }
}

TEST(TlsCertificates, AHundredReloadsUnderLoadLoseNothing) {
  TestServer server;
  server.start(with_tls({.threads = 2, .message = echo_to(server)}));
  const std::vector<TlsCertificate> pairs{loopback(), authority().issue({"renewed", {"IP:127.0.0.1"}})};
  std::atomic<bool> done = false;
  std::atomic<int> rounds = 0;
  std::thread connected([&] {
    TestClient client = client_of(server);
    while (!done) {
      const std::string number = std::to_string(++rounds);
      client.send(envelope("n", number));
      EXPECT_EQ(client.next(), R"({"event":"n","data":)" + number + '}');
    }
  });
  std::set<std::string> seen;
  std::atomic<int> came = 0;
  std::thread coming([&] {
    while (!done) {
      seen.insert(client_of(server).tls().server());
      ++came;
    }
  });
  for (std::size_t i = 0; i < 100; ++i) {
    server->reload_tls({.certificates = {pairs[i % 2]}});
    if (i % 10 == 0) {
      EXPECT_THROW(server->reload_tls({.certificates = {{pairs[0].certificate, pairs[1].key}}}), std::invalid_argument);
      eventually("somebody to come", [&, from = came.load()] { return came > from; });
    }
  }
  done = true;
  connected.join();
  coming.join();
  EXPECT_EQ(seen, (std::set<std::string>{"loopback", "renewed"}));
  EXPECT_GT(rounds, 10);
  EXPECT_EQ(server->statistics().tls_failures, 0U);
}

}  // namespace
}  // namespace hearth::test
