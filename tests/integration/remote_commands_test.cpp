// The commands that talk to a running server.

#include "support/command_folder.hpp"
#include "support/redis_server.hpp"
#include "support/test_client.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <string>

namespace hearth::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kOpen = "[auth]\nanonymous = true\n[[rooms]]\npattern = \"**\"\njoin = \"anyone\"\n";
constexpr std::string_view kKeys = R"([[api.keys]]
name = "watch"
key = "watch-789abcdef0123456789abcdef012"
allow = ["read"]
[[api.keys]]
name = "news"
key = "news-6789abcdef0123456789abcdef01"
allow = ["publish"]
rooms = ["news:*"]
[[api.keys]]
name = "all"
key = "0123456789abcdef0123456789abcdef"
allow = ["publish", "control"]
)";

class RemoteCommands : public testing::Test, protected CommandFolder {
 protected:
  void start(const std::string& config = std::string(kOpen), const std::string& variables = {}) {
    write(config);
    server_ = serve(
        "", "HEARTH_SERVER_LISTEN=127.0.0.1:0 HEARTH_SERVER_DRAIN_DELAY=0 HEARTH_SERVER_DRAIN_TIME=0 " + variables);
    address_ = address_of(*server_);
    api_ = api_address_of(*server_);
  }
  /// Runs a command against it; how it went, with nothing said, is all well.
  CommandEnd told(const std::string& arguments, const std::string& variables = {}) const {
    return run(arguments, "HEARTH_API=" + api_ + ' ' + variables);
  }
  void expect_done(const CommandEnd& end) const {
    EXPECT_EQ(end.status, 0);
    EXPECT_EQ(end.output, "");
  }
  std::unique_ptr<TestClient> client(const std::string& room = "tea") const {
    auto client = std::make_unique<TestClient>(address_);
    client->upgrade().authenticate();
    client->join(room);
    return client;
  }

  std::unique_ptr<ChildProcess> server_;
  std::string address_;
  std::string api_;
};

TEST_F(RemoteCommands, PublishReachesWhomItIsFor) {
  start();
  const auto ann = client();
  const auto ben = client();
  expect_done(told("publish --room tea story '{\"n\":1.50}'"));
  EXPECT_THAT(ann->wait_for("story"), HasSubstr(R"("data":{"n":1.50})")) << "byte for byte";
  expect_done(told("publish --client " + ann->id() + " list '[1]'"));
  EXPECT_THAT(ann->wait_for("list"), HasSubstr(R"("data":[1])"));
  expect_done(told("publish --all --exclude " + ann->id() + " not_ann"));
  ben->wait_for("not_ann");
  expect_done(told("publish --client " + ann->id() + " last"));
  ann->wait_for("last");
  EXPECT_THAT(ann->log(), testing::Each(Not(HasSubstr("not_ann"))));
}

TEST_F(RemoteCommands, DisconnectClosesClients) {
  start();
  const auto ann = client();
  const auto ben = client();
  expect_done(told("disconnect --client " + ann->id()));
  EXPECT_EQ(ann->wait_for_close(), (CloseFrame{4010, "Disconnected"}));
  expect_done(told("disconnect --client " + ben->id() + " --code 4321 --reason 'Go home'"));
  EXPECT_EQ(ben->wait_for_close(), (CloseFrame{4321, "Go home"}));
}

TEST_F(RemoteCommands, BlockKeepsOutUntilUnblock) {
  write("[[auth.jwt]]\nsecret = \"0123456789abcdef0123456789abcdef\"\nalgorithms = [\"HS256\"]\n");
  start(read());
  const std::string made = run("token --user mallory").output;
  const std::string data = R"({"token":")" + made.substr(0, made.find('\n')) + R"("})";
  TestClient inside(address_);
  inside.upgrade().authenticate(data);
  expect_done(told("block --user mallory --for 1h"));
  EXPECT_EQ(inside.wait_for_close(), (CloseFrame{4007, "Revoked"}));
  TestClient outside(address_);
  outside.upgrade().send(envelope("authenticate", data));
  EXPECT_EQ(outside.wait_for_close().code, 4003);
  expect_done(told("unblock --user mallory"));
  TestClient again(address_);
  again.upgrade().authenticate(data);
}

TEST_F(RemoteCommands, DrainEndsTheServer) {
  start();
  const CommandEnd well = told("health");
  EXPECT_EQ(well.status, 0);
  EXPECT_EQ(well.output, "{\"healthy\":true}\n");
  EXPECT_EQ(told("health --ready").status, 0);
  EXPECT_EQ(told("drain").status, 0);
  eventually("the API to be gone", [&] { return told("health").status == 1; });
  EXPECT_EQ(server_->terminate(), 0);
}

TEST_F(RemoteCommands, TheConfigurationSaysWhereTheServerIsAndHasTheKey) {
  write(std::string(kOpen) + "[api]\nlisten = [\"unix:" + (path() / "api").string() + "\"]\n" + std::string(kKeys));
  server_ = serve("", "HEARTH_SERVER_LISTEN=127.0.0.1:0; unset HEARTH_API_LISTEN");
  address_ = address_of(*server_);
  api_address_of(*server_);
  const auto ann = client("news:1");
  expect_done(run("publish --room news:1 story"));
  ann->wait_for("story");
  expect_done(run("publish --all more"));
  ann->wait_for("more");
  expect_done(
      run("disconnect --client " + ann->id(), "cd /; HEARTH_CONFIG=" + (path() / "hearth.toml").string() + ' '));
  EXPECT_EQ(ann->wait_for_close().code, 4010);
}

TEST_F(RemoteCommands, AKeyOfTheEnvironmentGoesBeforeTheConfigured) {
  start(std::string(kOpen) + std::string(kKeys));
  expect_done(told("publish --all e"));
  const CommandEnd wrong = told("publish --all e", "HEARTH_API_KEY=none ");
  EXPECT_EQ(wrong.status, 1);
  EXPECT_THAT(wrong.output, AllOf(HasSubstr("hearth publish: the key is none of [[api.keys]]"),
                                  HasSubstr("HEARTH_API_KEY"), Not(HasSubstr("Bearer"))));
  const CommandEnd limited = told("publish --room tea e", "HEARTH_API_KEY=news-6789abcdef0123456789abcdef01 ");
  EXPECT_EQ(limited.status, 1);
  EXPECT_THAT(limited.output, HasSubstr("the key news may publish to certain rooms alone"));
}

TEST_F(RemoteCommands, WhatTheServerFindsWrongIsSaid) {
  start();
  const CommandEnd reserved = told("publish --room tea join");
  EXPECT_EQ(reserved.status, 2);
  EXPECT_EQ(reserved.output, "hearth publish: event is one of the protocol's own\n");
  EXPECT_EQ(told("block --user a --for soon").status, 2);
}

TEST_F(RemoteCommands, WithoutAServerThatIsSaid) {
  const std::string nobody = "127.0.0.1:" + std::to_string(free_port());
  const CommandEnd health = run("health --api " + nobody);
  EXPECT_EQ(health.status, 1);
  EXPECT_THAT(health.output, AllOf(HasSubstr("hearth: no server has its API on " + nobody), HasSubstr("--api")));
  EXPECT_EQ(run("drain --api unix:nowhere").status, 1);
}

TEST_F(RemoteCommands, AWrongCommandLineIsSaid) {
  const auto wrong = [&](const std::string& arguments, const std::string& what) {
    const CommandEnd end = run(arguments, "HEARTH_API=127.0.0.1:1 ");
    EXPECT_EQ(end.status, 2) << arguments;
    EXPECT_THAT(end.output, HasSubstr(what));
  };
  wrong("publish e", "give one of --room, --user, --client and --all");
  wrong("publish --all --room tea e", "give one of");
  wrong("publish --all e hello", "`hello` is not valid JSON");
  wrong("disconnect", "give one of --client and --user");
  wrong("block --user a", "give one of --for and --until");
  wrong("unblock --user a --token b", "give one of --user and --token");
  wrong("health --api elsewhere", "--api is `elsewhere`; give host:port");
}

TEST_F(RemoteCommands, AConfigurationThatCannotHelpIsSaid) {
  write("[api]\nlisten = [\"127.0.0.1:0\"]\n");
  EXPECT_THAT(run("drain").output, HasSubstr("api.listen has no port of its own"));
  write("[api]\nlisten = []\n");
  EXPECT_THAT(run("drain").output, HasSubstr("the configuration has no API"));
  write(std::string(kKeys).substr(0, kKeys.find("[[", 2)));
  EXPECT_THAT(run("drain").output, HasSubstr("none of [[api.keys]] is allowed this (`control`)"));
  write("[api]\nbananas = 3\n");
  const CommandEnd wrong = run("drain");
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.output, HasSubstr("hearth.toml:2:1: unknown key api.bananas"));
}

TEST_F(RemoteCommands, ReadinessOutlivesTheBrokerForAWhile) {
  RedisServer redis;
  start(std::string(kOpen) + "[broker]\nurl = \"" + redis.url() + "\"\nunready_after = \"never\"\n");
  EXPECT_THAT(told("health --ready").output, HasSubstr("\"broker\":\"ok\""));
  redis.kill();
  eventually("it to be noticed", [&] { return told("health --ready").output.find("degraded ") != std::string::npos; });
  EXPECT_EQ(told("health --ready").status, 0);
}

TEST_F(RemoteCommands, ReadinessEndsWithTheBroker) {
  RedisServer redis;
  start(std::string(kOpen) + "[broker]\nurl = \"" + redis.url() + "\"\nunready_after = \"1ms\"\n");
  EXPECT_EQ(told("health --ready").status, 0);
  redis.kill();
  eventually("it to be unready", [&] { return told("health --ready").status == 1; });
  EXPECT_EQ(told("health").status, 0);
}

TEST_F(RemoteCommands, TopShowsWhatAServerIsBusyWith) {
  start();
  const auto ann = client("tea");
  const CommandEnd json = told("top --once --json --interval 100ms");
  EXPECT_EQ(json.status, 0) << json.output;
  EXPECT_THAT(json.output, AllOf(HasSubstr(R"("clients":1)"), HasSubstr(R"({"room":"tea","value":1E0,)"),
                                 HasSubstr(R"("perSecond":{"messagesReceived":)"), HasSubstr("\"slowestClients\":[")));
  const CommandEnd text = told("top --once --interval 100ms");
  EXPECT_THAT(text.output, AllOf(HasSubstr("clients 1  connections 1"), HasSubstr("Rooms by members\n"),
                                 HasSubstr("           1  \"tea\"\n"), Not(HasSubstr("\033"))));
  EXPECT_EQ(told("top --once --interval soon").status, 2);
}

TEST_F(RemoteCommands, TheNameOfAnInstanceIsTold) {
  start(std::string(kOpen) + "[server]\nname = \"berlin-1\"\n");
  TestClient http(api_);
  http.write("GET /api/info HTTP/1.1\r\nHost: localhost\r\n\r\nGET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(http.read_http().body, HasSubstr(R"("name":"berlin-1")"));
  EXPECT_THAT(http.read_http().body, HasSubstr("hearth_node_name{name=\"berlin-1\"} 1\n"));
}

}  // namespace
}  // namespace hearth::test
