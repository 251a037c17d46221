// `hearth serve` with a configuration: who may connect, and what they may do. Tokens are made by `hearth token`.

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
using testing::StartsWith;

constexpr std::string_view kAuth =
    "[[auth.jwt]]\nsecret = \"0123456789abcdef0123456789abcdef\"\nalgorithms = [\"HS256\"]\n";

class Serve : public testing::Test, protected CommandFolder {
 protected:
  /// Starts it with the folder's configuration.
  void start(const std::string& arguments = {}) {
    server_ = serve(arguments, "HEARTH_SERVER_LISTEN=127.0.0.1:0");
    address_ = address_of(*server_);
  }
  /// A token by `hearth token`.
  std::string token(const std::string& arguments) const {
    const CommandEnd made = run("token " + arguments);
    EXPECT_EQ(made.status, 0) << made.output;
    return made.output.substr(0, made.output.find('\n'));
  }
  static std::string data(const std::string& token) { return R"({"token":")" + token + R"("})"; }
  /// A client that has shown a token.
  std::unique_ptr<TestClient> client(const std::string& token) const {
    auto client = std::make_unique<TestClient>(address_);
    client->upgrade().authenticate(data(token));
    return client;
  }
  static std::string join(TestClient& client, const std::string& room) {
    client.send(envelope("join", R"({"rooms":[")" + room + R"("]})", "j"));
    return client.next();
  }
  static std::string publish(TestClient& client, const std::string& room, const std::string& event) {
    client.send(envelope("publish", R"({"room":")" + room + R"(","event":")" + event + R"(","data":1})", "p"));
    return client.next();
  }

  std::unique_ptr<ChildProcess> server_;
  std::string address_;
};

TEST_F(Serve, HoldsClientsToTheFirstConfiguration) {
  ASSERT_EQ(run("config init").status, 0);
  start();
  const auto ann = client(token("--user ann"));
  EXPECT_THAT(join(*ann, "news:today"), HasSubstr("\"ack\""));
  EXPECT_THAT(join(*ann, "user:ann"), HasSubstr("\"ack\""));
  EXPECT_THAT(join(*ann, "user:ben"), HasSubstr("\"code\":200"));
  EXPECT_THAT(join(*ann, "chat:42"), HasSubstr("\"code\":200"));
  EXPECT_THAT(publish(*ann, "news:today", "forged"), HasSubstr("\"code\":203"));
}

TEST_F(Serve, TokensGrantRooms) {
  ASSERT_EQ(run("config init").status, 0);
  start();
  const std::string grants = R"( --claims '{"hearth":{"join":["chat:4*"],"autoJoin":["chat:40"]}}')";
  const auto ann = client(token("--user ann" + grants));
  const auto ben = client(token("--user ben" + grants));
  EXPECT_THAT(publish(*ann, "chat:42", "message"), HasSubstr("\"code\":202"));
  for (const auto& one : {ann.get(), ben.get()}) EXPECT_THAT(join(*one, "chat:42"), HasSubstr("\"ack\""));
  ann->send(envelope("publish", R"({"room":"chat:42","event":"message","data":{"text":"hi"}})", "p"));
  EXPECT_THAT(ben->wait_for("message"), HasSubstr(R"({"text":"hi"})"));
  ann->send(envelope("publish", R"({"room":"chat:40","event":"message","data":"in without asking"})", "p"));
  EXPECT_THAT(ben->wait_for("message"), HasSubstr("in without asking"));
}

TEST_F(Serve, RefusesWhoHasNoGoodToken) {
  write(std::string(kAuth));
  start();
  const std::string good = token("--user ann");
  const std::string cut = good.substr(0, good.size() - 4) + "AAAA";
  for (const std::string& sent : {std::string("{}"), data(cut), std::string(R"({"token":7})"), data("x")}) {
    TestClient client(address_);
    client.upgrade().send(envelope("authenticate", sent));
    EXPECT_EQ(client.wait_for_close(), (CloseFrame{4003, "Authentication failed"})) << sent;
  }
  std::string lines;
  while (lines.find("(malformed)") == std::string::npos) lines += server_->read_line() + '\n';
  EXPECT_THAT(lines,
              AllOf(HasSubstr("a client without a token is refused"), HasSubstr("a token is refused (signature)"),
                    HasSubstr("its token is no text"), Not(HasSubstr(cut))));
}

TEST_F(Serve, SaysHowLongATokenLastsAndThatItHasExpired) {
  write(std::string(kAuth));
  start();
  TestClient client(address_);
  client.upgrade().send(envelope("authenticate", data(token("--user ann --ttl 1h")), "1"));
  EXPECT_THAT(client.wait_for("ack"), ContainsRegex("\"expiresIn\":3(600|59[0-9])"));
  TestClient late(address_);
  late.upgrade().send(envelope("authenticate", data(token("--user ann --claims '{\"exp\":1000000000}'")), "1"));
  EXPECT_THAT(late.wait_for("error"), HasSubstr("\"code\":110"));
  EXPECT_EQ(late.wait_for_close(), (CloseFrame{4006, "Token expired"}));
}

TEST_F(Serve, TakesAnonymousClientsIfToldTo) {
  write(std::string(kAuth) + "[auth]\nanonymous = true\nauto_join = [\"lobby\", \"user:{user}\"]\n" +
        "[[rooms]]\npattern = \"news\"\njoin = \"anyone\"\n[[rooms]]\npattern = \"club\"\njoin = \"users\"\n");
  start();
  TestClient nobody(address_);
  nobody.upgrade().send(envelope("authenticate", "{}", "1"));
  EXPECT_THAT(nobody.wait_for("ack"), AllOf(HasSubstr("\"lobby\""), Not(HasSubstr("user:")), Not(HasSubstr("ws-"))));
  EXPECT_THAT(join(nobody, "news"), HasSubstr("\"ack\""));
  EXPECT_THAT(join(nobody, "club"), HasSubstr("\"code\":200"));
  TestClient liar(address_);
  liar.upgrade().send(envelope("authenticate", R"({"token":"x"})"));
  EXPECT_EQ(liar.wait_for_close().code, 4003);
  TestClient ann(address_);
  ann.upgrade().send(envelope("authenticate", data(token("--user ann")), "1"));
  EXPECT_THAT(ann.wait_for("ack"), AllOf(HasSubstr("\"lobby\""), HasSubstr("\"user:ann\"")));
}

TEST_F(Serve, RulesReadClaimsAndEvents) {
  write(std::string(kAuth) + "[[rooms]]\npattern = \"org:{claim:org}:**\"\njoin = \"users\"\npublish = \"users\"\n" +
        "publish_events = [\"typing\"]\n");
  start();
  const auto ann = client(token("--user ann --claims '{\"org\":\"acme\"}'"));
  EXPECT_THAT(join(*ann, "org:acme:board"), HasSubstr("\"ack\""));
  EXPECT_THAT(join(*ann, "org:other:board"), HasSubstr("\"code\":200"));
  EXPECT_THAT(publish(*ann, "org:acme:board", "order_paid"), HasSubstr("\"code\":203"));
  ann->send(envelope("publish", R"({"room":"org:acme:board","event":"typing"})", "p"));
  EXPECT_THAT(ann->wait_for("ack"), HasSubstr("\"p\""));
}

TEST_F(Serve, DevelopmentModeObeysAFileThatSaysWhoMayConnect) {
  ASSERT_EQ(run("config init").status, 0);
  server_ = serve("--dev", "HEARTH_SERVER_LISTEN=127.0.0.1:0");
  const auto lines = start_lines(*server_);
  EXPECT_THAT(lines, testing::Each(Not(HasSubstr("warning"))));
  address_ = lines.back().substr(std::string_view("listening on ").size());
  EXPECT_THAT(server_->read_line(), StartsWith("playground: http://"));
  TestClient liar(address_);
  liar.upgrade().send(envelope("authenticate", R"({"userId":"ann"})"));
  EXPECT_EQ(liar.wait_for_close().code, 4003);
  EXPECT_THAT(liar.log(), testing::Each(Not(HasSubstr("reason"))));
  TestClient curious(address_);
  curious.upgrade().send(envelope("authenticate", data("x"), "1"));
  EXPECT_THAT(curious.wait_for("error"), HasSubstr(R"("code":103,"reason":"a token is refused (malformed): )"));
  EXPECT_EQ(curious.wait_for_close(), (CloseFrame{4003, "Authentication failed"}));
  EXPECT_THAT(join(*client(token("--user ann")), "user:ben"), HasSubstr("\"code\":200"));
}

TEST_F(Serve, ShowsNoPlaygroundInEarnest) {
  write(std::string(kAuth));
  start();
  TestClient browser(address_);
  browser.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(browser.read_http().status, 404U);
}

}  // namespace
}  // namespace hearth::test
