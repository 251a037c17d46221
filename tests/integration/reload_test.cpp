// A configuration that is read anew while the server runs.

#include "support/command_folder.hpp"
#include "support/test_client.hpp"

#include <gmock/gmock.h>

#include <signal.h>

#include <memory>
#include <string>

namespace hearth::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kOld =
    "[[auth.jwt]]\nsecret = \"old-6789abcdef0123456789abcdef01\"\nalgorithms = [\"HS256\"]\n";
constexpr std::string_view kNew =
    "[[auth.jwt]]\nsecret = \"new-6789abcdef0123456789abcdef01\"\nalgorithms = [\"HS256\"]\n";
constexpr std::string_view kTea = "[[rooms]]\npattern = \"tea\"\njoin = \"anyone\"\npublish = \"members\"\n";

class Reload : public testing::Test, protected CommandFolder {
 protected:
  void start(const std::string& config) {
    write(config);
    server_ = serve("", "HEARTH_SERVER_LISTEN=127.0.0.1:0");
    address_ = address_of(*server_);
    api_ = api_address_of(*server_);
  }
  CommandEnd reload(const std::string& variables = {}) const {
    return run("reload", "HEARTH_API=" + api_ + " HEARTH_API_KEY=none HEARTH_API_LISTEN=127.0.0.1:0 " + variables);
  }
  HttpAnswer ask(const std::string& method, const std::string& path, const std::string& fields = {}) const {
    TestClient http(api_);
    http.write(method + ' ' + path + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "Content-Length: 0\r\n\r\n");
    return http.read_http();
  }
  /// What `authenticate` is sent by who has a token of the configuration that stands in the folder.
  std::string credentials() const {
    const std::string made = run("token --user ann").output;
    return R"({"token":")" + made.substr(0, made.find('\n')) + R"("})";
  }
  bool is_taken(const std::string& data) const {
    TestClient client(address_);
    client.upgrade().send(envelope("authenticate", data, "1"));
    return event_of(client.next()) == "connected";
  }

  std::unique_ptr<ChildProcess> server_;
  std::string address_;
  std::string api_;
};

TEST_F(Reload, TakesOtherKeysAndRulesAndClosesNobody) {
  start(std::string(kOld) + std::string(kTea));
  const std::string old = credentials();
  TestClient inside(address_);
  inside.upgrade().authenticate(old);
  inside.join("tea");
  write(std::string(kNew) + "[[rooms]]\npattern = \"tea\"\njoin = \"nobody\"\n");
  const std::string fresh = credentials();
  EXPECT_FALSE(is_taken(fresh)) << "it is not asked for yet";
  const CommandEnd end = reload();
  EXPECT_EQ(end.status, 0) << end.output;
  EXPECT_EQ(end.output, "reloaded; changed:\n  auth.jwt.secret\n  rooms.join\n  rooms.publish\n");
  EXPECT_TRUE(is_taken(fresh));
  EXPECT_FALSE(is_taken(old));
  inside.send(envelope("publish", R"({"room":"tea","event":"e"})", "7"));
  EXPECT_THAT(inside.wait_for("error"), HasSubstr("\"code\":203")) << "the new rules hold at once";
  inside.round_trip();
  EXPECT_EQ(reload().output, "reloaded; nothing has changed\n");
}

// Messages are under way while keys and rules change.
TEST_F(Reload, LosesNothingUnderLoad) {
  constexpr int kReloads = 20;
  constexpr int kMessages = 50;  // between two of them
  const std::string limits = "[limits]\nmessages = \"0\"\n";
  const auto config = [&](int n) {
    return limits + std::string(n % 2 == 0 ? kOld : kNew) + "[[rooms]]\npattern = \"room" + std::to_string(n) +
           "\"\njoin = \"users\"\n" + std::string(kTea);
  };
  start(config(0));
  const std::string old = credentials();
  TestClient ann(address_);
  TestClient ben(address_);
  for (TestClient* one : {&ann, &ben}) one->upgrade().authenticate(old).join("tea");
  int sent = 0;
  for (int n = 1; n <= kReloads; ++n) {
    write(config(n));
    for (int i = 0; i < kMessages; ++i, ++sent) {
      const std::string text = R"({"room":"tea","event":"e","data":)" + std::to_string(sent) + '}';
      ann.send(envelope("publish", text));
    }
    ASSERT_EQ(ask("POST", "/api/reload").status, 200U);
  }
  for (TestClient* one : {&ann, &ben}) {
    for (int i = 0; i < sent; ++i) {
      ASSERT_THAT(one->expect("e"), HasSubstr("\"data\":" + std::to_string(i) + ','));
    }
    one->round_trip();
  }
}

TEST_F(Reload, ChangesNothingIfAnythingIsWrong) {
  start(std::string(kOld) + std::string(kTea));
  const std::string old = credentials();
  write(std::string(kNew) + "[server]\nbananas = 3\npath = 7\n");
  const HttpAnswer answer = ask("POST", "/api/reload");
  EXPECT_EQ(answer.status, 422U);
  EXPECT_THAT(answer.head, HasSubstr("application/problem+json"));
  EXPECT_THAT(answer.body, AllOf(HasSubstr("\"code\":\"not_reloaded\""), HasSubstr("unknown key server.bananas"),
                                 HasSubstr("server.path")));
  EXPECT_TRUE(is_taken(old));
  EXPECT_THAT(ask("GET", "/metrics").body, HasSubstr("hearth_config_reload_success 0\n"));
  const CommandEnd end = reload();
  EXPECT_EQ(end.status, 2);
  EXPECT_THAT(end.output, AllOf(HasSubstr("hearth.toml:5:1: unknown key server.bananas"),
                                HasSubstr("hearth reload: the configuration is wrong, and all stays as it was")));
}

TEST_F(Reload, NamesWhatNeedsARestart) {
  start(std::string(kOld));
  const std::string old = credentials();
  write(std::string(kNew) + "[server]\nthreads = 3\ndeflate = true\n");
  const CommandEnd end = reload();
  EXPECT_EQ(end.status, 2);
  EXPECT_THAT(end.output, AllOf(HasSubstr("server.threads has changed, which needs a restart"),
                                HasSubstr("server.deflate has changed"), Not(HasSubstr("secret"))));
  EXPECT_TRUE(is_taken(old));
}

TEST_F(Reload, AddsRulesButNoMemory) {
  start(std::string(kOld) + std::string(kTea));
  const std::string milk = std::string(kOld) + std::string(kTea) + "[[rooms]]\npattern = \"milk\"\njoin = \"anyone\"\n";
  write(milk);
  EXPECT_EQ(reload().output, "reloaded; changed:\n  rooms.pattern\n  rooms.name\n  rooms.join\n");
  write(milk + "history_size = 10\n");
  const CommandEnd end = reload();
  EXPECT_EQ(end.status, 2);
  EXPECT_THAT(end.output, HasSubstr("rooms.history_size: a server that began without any room that remembers needs"));
  write(milk + "slow_consumer = \"gap\"\n");
  EXPECT_THAT(reload().output, HasSubstr("rooms.slow_consumer: a server that began without any room that has one"));
  write(milk + "presence = \"count\"\n");
  EXPECT_THAT(reload().output, HasSubstr("rooms.presence: a server that began without any room that has presence"));
}

TEST_F(Reload, HasRoomsRememberOtherwise) {
  const std::string begin = "[auth]\nanonymous = true\n" + std::string(kTea);
  start(begin + "history_size = 10\n[[rooms]]\npattern = \"milk\"\njoin = \"anyone\"\n");
  write(begin + "history_size = 1\n[[rooms]]\npattern = \"milk\"\njoin = \"anyone\"\nhistory_size = 5\n");
  EXPECT_EQ(reload().output, "reloaded; changed:\n  rooms.history_size\n");
  TestClient client(address_);
  client.upgrade().authenticate();
  client.send(envelope("join", R"({"rooms":["milk"],"since":{"milk":null}})", "j"));
  EXPECT_THAT(client.expect("ack"), HasSubstr("positions"));
}

TEST_F(Reload, TakesLimitsOriginsAndLogLevel) {
  const std::string anonymous = "[auth]\nanonymous = true\n";
  start(anonymous);
  TestClient inside(address_);
  inside.upgrade().authenticate();
  write(anonymous +
        "expiry_grace = \"1s\"\n[limits]\nmessage_size = \"1KiB\"\nbacklog = \"2MiB\"\n"
        "[server]\nallowed_origins = [\"https://a.example\"]\n[log]\nlevel = \"debug\"\n");
  EXPECT_EQ(reload().output,
            "reloaded; changed:\n  server.allowed_origins\n  auth.expiry_grace\n  limits.message_size\n"
            "  limits.backlog\n  log.level\n");
  TestClient page(address_);
  page.upgrade("/ws", "Origin: https://a.example\r\n");
  inside.send(envelope("long", '"' + std::string(2000, 'x') + '"'));
  EXPECT_EQ(inside.wait_for_close().code, 1009);
}

TEST_F(Reload, TakesOtherKeysOfTheApi) {
  const auto key = [](char c) {
    return "[[api.keys]]\nname = \"k\"\nkey = \"" + std::string(32, c) + "\"\nallow = [\"control\", \"read\"]\n";
  };
  const auto bearer = [](char c) { return "Authorization: Bearer " + std::string(32, c) + "\r\n"; };
  start(std::string(kOld) + key('a'));
  EXPECT_EQ(ask("GET", "/api/info", bearer('a')).status, 200U);
  write(std::string(kOld) + key('b'));
  EXPECT_EQ(ask("POST", "/api/reload", bearer('a')).body, R"({"changed":["api.keys.key"]})");
  EXPECT_EQ(ask("GET", "/api/info", bearer('a')).status, 401U);
  EXPECT_EQ(ask("GET", "/api/info", bearer('b')).status, 200U);
}

TEST_F(Reload, PutsNewcomersInOtherRooms) {
  start("[auth]\nanonymous = true\n");
  write("[auth]\nanonymous = true\nauto_join = [\"ws-default\", \"ws-notification\", \"lobby\"]\n");
  EXPECT_EQ(reload().output, "reloaded; changed:\n  auth.auto_join\n");
  TestClient client(address_);
  client.upgrade().authenticate();
  EXPECT_THAT(ask("GET", "/api/rooms/lobby").body, HasSubstr("\"members\":1"));
  write("[auth]\nanonymous = true\nauto_join = [\"lobby\"]\n");
  EXPECT_THAT(reload().output, HasSubstr("auth.auto_join: a room that everybody is in"));
}

TEST_F(Reload, HappensAtSighup) {
  start(std::string(kOld));
  write(std::string(kNew));
  const std::string fresh = credentials();
  ::kill(server_->pid(), SIGHUP);
  while (server_->read_line().find("the configuration is reloaded; changed: auth.jwt.secret") == std::string::npos) {
  }
  EXPECT_TRUE(is_taken(fresh));
  EXPECT_THAT(ask("GET", "/metrics").body, HasSubstr("hearth_config_reload_success 1\n"));
}

TEST_F(Reload, TimesOfADrainAreThoseOfNow) {
  write("[auth]\nanonymous = true\n[server]\ndrain_delay = \"1h\"\n");
  start(read());
  write("[auth]\nanonymous = true\n[server]\ndrain_delay = \"0\"\ndrain_time = \"0\"\n");
  EXPECT_EQ(reload().status, 0);
  EXPECT_EQ(server_->terminate(), 0) << "at once";
}

}  // namespace
}  // namespace hearth::test
