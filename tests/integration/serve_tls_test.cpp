// `[server.tls]` of `hearth serve`.

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

using testing::HasSubstr;

constexpr std::string_view kOne =
    "[auth]\nanonymous = true\n[[server.tls.certificates]]\ncert = \"one.crt\"\nkey = \"one.key\"\n";

class ServeTls : public testing::Test, protected CommandFolder {
 protected:
  ServeTls() {
    put("one", authority_.issue_for_loopback());
    write(authority_.certificate(), "ca.crt");
  }
  void put(const std::string& name, const TlsCertificate& pair) const {
    write(pair.certificate, name + ".crt");
    write(pair.key, name + ".key");
  }
  void start(const std::string& more = {}) {
    write(std::string(kOne) + more);
    server_ = serve("", "HEARTH_SERVER_LISTEN=127.0.0.1:0");
    address_ = address_of(*server_);
  }
  TlsClientOptions trusting() const { return {.ca = authority_.certificate()}; }
  TestClient client(const TlsClientOptions& options) const {
    TestClient client(address_, options);
    client.upgrade().authenticate();
    return client;
  }
  bool is_taken(const TlsClientOptions& options) const {
    try {
      client(options);
      return true;
    } catch (const std::runtime_error&) {
      return false;
    }
  }
  std::string line_with(const std::string& what) const {
    std::string line = server_->read_line();
    while (line.find(what) == std::string::npos) line = server_->read_line();
    return line;
  }
  void hang_up() const { ::kill(server_->pid(), SIGHUP); }

  Authority authority_;
  std::unique_ptr<ChildProcess> server_;
  std::string address_;
};

TEST_F(ServeTls, TakesClientsOverTls) {
  start();
  TestClient one = client(trusting());
  EXPECT_EQ(one.tls().server(), "loopback");
  one.round_trip();
  EXPECT_TRUE(is_taken({.ca = authority_.certificate(), .version = TLS1_2_VERSION}));
}

TEST_F(ServeTls, ChoosesTheCertificateByName) {
  put("two", authority_.issue({"two", {"DNS:two.test"}}));
  start("[[server.tls.certificates]]\ncert = \"two.crt\"\nkey = \"two.key\"\n");
  EXPECT_EQ(client({.ca = authority_.certificate(), .host = "two.test"}).tls().server(), "two");
  EXPECT_EQ(client({.ca = authority_.certificate(), .host = "localhost"}).tls().server(), "loopback");
}

TEST_F(ServeTls, SpeaksNothingOlderThanItIsTold) {
  start("[server.tls]\nmin_version = \"1.3\"\n");
  EXPECT_FALSE(is_taken({.ca = authority_.certificate(), .version = TLS1_2_VERSION}));
  EXPECT_TRUE(is_taken({.ca = authority_.certificate(), .version = TLS1_3_VERSION}));
}

TEST_F(ServeTls, AsksForCertificatesOfClients) {
  start("[server.tls]\nclient_ca = \"ca.crt\"\nclient_auth = \"required\"\n");
  EXPECT_FALSE(is_taken(trusting()));
  EXPECT_TRUE(is_taken({.ca = authority_.certificate(), .certificate = authority_.issue({"ann", {}})}));
  EXPECT_FALSE(is_taken({.ca = authority_.certificate(), .certificate = Authority("another").issue({"eve", {}})}));
  start("[server.tls]\nclient_ca = \"ca.crt\"\nclient_auth = \"optional\"\n");
  EXPECT_TRUE(is_taken(trusting()));
}

TEST_F(ServeTls, LoadsCertificatesThatHaveChanged) {
  start();
  TestClient before = client(trusting());
  write("half", "one.crt");
  hang_up();
  EXPECT_THAT(line_with("cannot be loaded"), HasSubstr("one.crt"));
  EXPECT_EQ(client(trusting()).tls().server(), "loopback");
  put("one", authority_.issue({"renewed", {"IP:127.0.0.1"}}));
  hang_up();
  line_with("certificates have changed, and are loaded");
  EXPECT_EQ(client(trusting()).tls().server(), "renewed");
  before.round_trip();
}

TEST_F(ServeTls, DoesNotStartWithACertificateThatIsNone) {
  write("none", "one.crt");
  write(std::string(kOne));
  const CommandEnd end = run("serve", "HEARTH_SERVER_LISTEN=127.0.0.1:0 HEARTH_API_LISTEN=127.0.0.1:0 timeout 30 ");
  EXPECT_EQ(end.status, 1);
  EXPECT_THAT(end.output, HasSubstr("one.crt"));
}

}  // namespace
}  // namespace hearth::test
