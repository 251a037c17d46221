// `hearth bench` on a server that speaks TLS.

#include "support/command.hpp"
#include "support/redis_server.hpp"
#include "support/tls_clients.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <string>

namespace hearth::test {
namespace {

using testing::HasSubstr;

class LoadTls : public testing::Test {
 protected:
  LoadTls() {
    Options options = with_tls();
    options.client_publish = true;
    options.validate_room = allow_all;
    server_.start(std::move(options));
    std::ofstream(ca_) << authority().certificate();
  }

  CommandEnd bench(const std::string& arguments, const std::string& host = "127.0.0.1") {
    return run_command("bench fanout wss://" + host + ":" + std::to_string(server_->port()) +
                       "/ws --clients 20 --window 4 --messages 200 --bytes 1000 " + arguments);
  }

  TestServer server_;
  const TemporaryDirectory directory_;
  const std::string ca_ = (directory_.path() / "ca.pem").string();
};

TEST_F(LoadTls, EverythingComesOnce) {
  const CommandEnd end = bench("--ca " + ca_);
  EXPECT_EQ(end.status, 0) << end.output;
  EXPECT_THAT(end.output, HasSubstr("4000 messages"));
  EXPECT_EQ(server_->statistics().tls_handshakes, 20U);
}

TEST_F(LoadTls, TheHostIsVerified) {
  const CommandEnd stranger = bench("");
  EXPECT_EQ(stranger.status, 1);
  EXPECT_THAT(stranger.output, HasSubstr("the TLS handshake failed: certificate verify failed"));
  EXPECT_EQ(bench("--ca " + ca_, "localhost").status, 0);
  server_->reload_tls({.certificates = {authority().issue({"elsewhere", {"DNS:elsewhere.test"}})}});
  EXPECT_THAT(bench("--ca " + ca_).output, HasSubstr("certificate verify failed"));
  EXPECT_EQ(bench("--insecure").status, 0);
}

TEST_F(LoadTls, SaysWhatIsWrongWithItsArguments) {
  EXPECT_THAT(bench("--ca /no/such.pem").output,
              HasSubstr("hearth bench: --ca: ca_file `/no/such.pem` cannot be used"));
  EXPECT_THAT(bench("--insecure --ca " + ca_).output, HasSubstr("--insecure trusts anybody"));
  EXPECT_THAT(run_command("bench echo ws://127.0.0.1:1/ws --insecure").output,
              HasSubstr("--ca and --insecure are for wss://"));
}

}  // namespace
}  // namespace hearth::test
