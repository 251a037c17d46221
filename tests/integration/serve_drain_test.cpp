// How `hearth serve` with a configuration ends.

#include "support/command_folder.hpp"
#include "support/test_client.hpp"

#include <gmock/gmock.h>

#include <signal.h>

#include <chrono>
#include <memory>
#include <string>

namespace hearth::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class ServeDrain : public testing::Test, protected CommandFolder {
 protected:
  void start(const std::string& delay, const std::string& time) {
    write("[auth]\nanonymous = true\n[server]\ndrain_delay = \"" + delay + "\"\ndrain_time = \"" + time + "\"\n");
    server_ = serve("", "HEARTH_SERVER_LISTEN=127.0.0.1:0");
    address_ = address_of(*server_);
    api_ = api_address_of(*server_);
  }
  HttpAnswer ask(const std::string& method, const std::string& path) const {
    TestClient http(api_);
    http.write(method + ' ' + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    return http.read_http();
  }
  bool is_draining() const { return ask("GET", "/readyz").status == 503; }
  void send(int signal) const { ::kill(server_->pid(), signal); }
  /// The next line that is the command's own, and none of the log.
  std::string line() {
    std::string line = server_->read_line();
    while (!line.starts_with("hearth: ")) line = server_->read_line();
    return line;
  }
  void expect_end() {
    eventually("the command to end", [&] {
      siginfo_t state{};
      return ::waitid(P_PID, static_cast<id_t>(server_->pid()), &state, WEXITED | WNOHANG | WNOWAIT) == 0 &&
             state.si_pid != 0;
    });
  }

  std::unique_ptr<ChildProcess> server_;
  std::string address_;
  std::string api_;
};

TEST_F(ServeDrain, SigtermSendsClientsAwayAfterTheDelay) {
  start("300ms", "100ms");
  TestClient plain(address_);
  plain.upgrade().authenticate();
  TestClient hearth(address_);
  hearth.upgrade().send(envelope("authenticate", "{}", "1"));
  hearth.wait_for("ack");
  const auto before = std::chrono::steady_clock::now();
  send(SIGTERM);
  EXPECT_EQ(line(), "hearth: SIGTERM: draining: ready no more for 300ms, then clients go over 100ms");
  eventually("it to be known", [&] { return is_draining(); });
  plain.round_trip();
  EXPECT_THAT(hearth.wait_for("reconnect"), HasSubstr("afterMs"));
  hearth.send_close(1000);
  hearth.finish();
  EXPECT_EQ(plain.wait_for_close(), (CloseFrame{1001, "Server shutting down"}));
  EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(300));
  plain.finish();
  expect_end();
  EXPECT_EQ(server_->terminate(), 0);
}

TEST_F(ServeDrain, ReadyzSaysSoAndTheRestGoesOn) {
  start("1h", "1s");
  EXPECT_FALSE(is_draining());
  send(SIGTERM);
  eventually("it to be known", [&] { return is_draining(); });
  EXPECT_THAT(ask("GET", "/readyz").body, AllOf(HasSubstr("\"ready\":false"), HasSubstr("\"draining\":\"yes\"")));
  EXPECT_EQ(ask("GET", "/healthz").status, 200U);
  TestClient late(address_);
  late.upgrade().authenticate();
}

TEST_F(ServeDrain, ASecondSignalEndsItAtOnce) {
  for (const int second : {SIGTERM, SIGINT}) {
    start("1h", "1h");
    send(SIGTERM);
    EXPECT_THAT(line(), StartsWith("hearth: SIGTERM: draining"));
    send(second);
    expect_end();
    EXPECT_EQ(server_->terminate(), 128 + second);
  }
}

TEST_F(ServeDrain, SigintShutsDownAtOnce) {
  start("1h", "1h");
  TestClient client(address_);
  client.upgrade().authenticate();
  send(SIGINT);
  EXPECT_EQ(line(), "hearth: SIGINT: shutting down");
  EXPECT_EQ(client.wait_for_close().code, 1001);
  client.finish();
  expect_end();
  EXPECT_EQ(server_->terminate(), 0);
}

TEST_F(ServeDrain, NoTimesShutDownAtOnce) {
  start("0", "0");
  send(SIGTERM);
  EXPECT_EQ(line(), "hearth: SIGTERM: shutting down");
  expect_end();
  EXPECT_EQ(server_->terminate(), 0);
}

TEST_F(ServeDrain, TheApiDrainsToo) {
  start("0", "50ms");
  TestClient client(address_);
  client.upgrade().authenticate();
  const HttpAnswer answer = ask("POST", "/api/drain");
  EXPECT_EQ(answer.status, 202U);
  EXPECT_EQ(answer.body, R"({"draining":true})");
  EXPECT_EQ(client.wait_for_close(), (CloseFrame{1001, "Server shutting down"}));
  client.finish();
  expect_end();
  EXPECT_EQ(server_->terminate(), 0);
}

TEST_F(ServeDrain, ASignalAfterTheApiIsNoSecondOne) {
  start("1h", "1h");
  EXPECT_EQ(ask("POST", "/api/drain").status, 202U);
  EXPECT_EQ(ask("POST", "/api/drain").status, 202U) << "which changes nothing";
  EXPECT_TRUE(is_draining()) << "when it has been answered";
  EXPECT_THAT(line(), StartsWith("hearth: told by the API: draining"));
  send(SIGTERM);
  EXPECT_EQ(line(), "hearth: draining already; another signal ends it at once");
  EXPECT_EQ(ask("GET", "/healthz").status, 200U);
  send(SIGTERM);
  expect_end();
  EXPECT_EQ(server_->terminate(), 128 + SIGTERM);
}

}  // namespace
}  // namespace hearth::test
