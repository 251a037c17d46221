// The log of `hearth serve`.

#include "support/command_folder.hpp"
#include "support/test_client.hpp"

#include <gmock/gmock.h>
#include <boost/json/parse.hpp>

#include <signal.h>

#include <filesystem>
#include <memory>
#include <sstream>
#include <string>

namespace hearth::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kConfig =
    "[[auth.jwt]]\nsecret = \"0123456789abcdef0123456789abcdef\"\nalgorithms = [\"HS256\"]\n"
    "[server]\nname = \"berlin\"\ndrain_delay = \"0\"\ndrain_time = \"0\"\n[log]\nfile = \"hearth.log\"\nformat = "
    "\"json\"\n";

class ServeLog : public testing::Test, protected CommandFolder {
 protected:
  void start() {
    write(std::string(kConfig));
    server_ = serve("", "HEARTH_SERVER_LISTEN=127.0.0.1:0");
    address_ = address_of(*server_);
    api_ = api_address_of(*server_);
  }
  void wait_for_text(const std::string& text, const std::string& file = "hearth.log") const {
    eventually(text + " in the log", [&] { return read(file).find(text) != std::string::npos; });
  }
  void be_refused(const std::string& token) const {
    TestClient client(address_);
    client.upgrade().send(envelope("authenticate", R"({"token":")" + token + "\"}"));
    EXPECT_EQ(client.wait_for_close().code, 4003);
  }

  std::unique_ptr<ChildProcess> server_;
  std::string address_;
  std::string api_;
};

TEST_F(ServeLog, IsJsonInAFileWithoutAnySecret) {
  start();
  be_refused("not-a-token-but-secret");
  wait_for_text("a token is refused");
  EXPECT_EQ(server_->terminate(), 0);
  std::istringstream lines(read("hearth.log"));
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const auto object = boost::json::parse(line).as_object();
    EXPECT_EQ(object.at("node").as_string(), "berlin");
    for (const std::string_view key : {"time", "level", "event", "message"}) EXPECT_TRUE(object.contains(key)) << key;
  }
  EXPECT_GE(count, 2U);
  EXPECT_THAT(read("hearth.log"), Not(HasSubstr("not-a-token-but-secret")));
  EXPECT_THAT(read("hearth.log"), Not(HasSubstr("0123456789abcdef")));
}

TEST_F(ServeLog, GoesOnInANewFileAfterSighup) {
  start();
  wait_for_text("\"event\":\"listening\"");
  std::filesystem::rename(path() / "hearth.log", path() / "hearth.log.1");
  ::kill(server_->pid(), SIGHUP);
  wait_for_text("the configuration is reloaded");
  EXPECT_THAT(read("hearth.log"), Not(HasSubstr("\"event\":\"listening\"")));
  EXPECT_THAT(read("hearth.log.1"), HasSubstr("\"event\":\"listening\""));
}

TEST_F(ServeLog, GoesOnInANewFileAfterAReloadByTheApi) {
  start();
  wait_for_text("\"event\":\"listening\"");
  std::filesystem::rename(path() / "hearth.log", path() / "hearth.log.1");
  EXPECT_EQ(run("reload --api " + api_).status, 0);
  wait_for_text("the configuration is reloaded");
  EXPECT_THAT(read("hearth.log"), Not(HasSubstr("\"event\":\"listening\"")));
}

TEST_F(ServeLog, AFileThatCannotBeWrittenIsSaidAtTheStart) {
  write("[auth]\nanonymous = true\n[log]\nfile = \"nowhere/hearth.log\"\n");
  const CommandEnd end = run("serve", "HEARTH_SERVER_LISTEN=127.0.0.1:0 HEARTH_API_LISTEN=127.0.0.1:0 timeout 30 ");
  EXPECT_NE(end.status, 0);
  EXPECT_THAT(end.output, HasSubstr("log.file"));
}

TEST_F(ServeLog, ShowsPayloadsWhereThatIsWantedAndSecretsNever) {
  write(
      "[[auth.jwt]]\nsecret = \"0123456789abcdef0123456789abcdef\"\nalgorithms = [\"HS256\"]\n"
      "[server]\ndrain_delay = \"0\"\ndrain_time = \"0\"\n"
      "[log]\nfile = \"hearth.log\"\nlevel = \"debug\"\npayloads = true\n");
  server_ = serve("", "HEARTH_SERVER_LISTEN=127.0.0.1:0");
  address_ = address_of(*server_);
  const std::string api = api_address_of(*server_);
  const std::string made = run("token --user ann").output;
  const std::string token = made.substr(0, made.find('\n'));
  TestClient client(address_);
  client.upgrade().authenticate(R"({"token":")" + token + "\"}");
  client.send(envelope("say", R"({"text":"tea at five"})"));
  client.send(envelope("say", '"' + std::string(1000, 'x') + '"'));
  EXPECT_EQ(run("publish --all news '[\"from the backend\"]'", "HEARTH_API=" + api + ' ').status, 0);
  client.wait_for("news");
  client.round_trip();
  client.drop();  // that it is not waited for
  EXPECT_EQ(server_->terminate(), 0);
  const std::string log = read("hearth.log");
  EXPECT_THAT(log, HasSubstr("message_received: a client has sent a message client=" + client.id()));
  EXPECT_THAT(log, HasSubstr(R"(user=ann message=say data="{\"text\":\"tea at five\"}")"));
  EXPECT_THAT(log, HasSubstr(std::string(252, 'x') + "…\"\n")) << "no more than 256 bytes";
  EXPECT_THAT(log, Not(HasSubstr(std::string(253, 'x'))));
  EXPECT_THAT(log, HasSubstr(R"(to=all name="" message=news data="[\"from the backend\"]")"));
  EXPECT_THAT(log, Not(HasSubstr(token.substr(0, 20))));
}

TEST_F(ServeLog, ShowsNoPayloadsUnasked) {
  write(
      "[auth]\nanonymous = true\n[server]\ndrain_delay = \"0\"\ndrain_time = \"0\"\n"
      "[log]\nfile = \"hearth.log\"\nlevel = \"trace\"\n");
  server_ = serve("", "HEARTH_SERVER_LISTEN=127.0.0.1:0");
  address_ = address_of(*server_);
  TestClient client(address_);
  client.upgrade().authenticate();
  client.send(envelope("say", R"({"text":"tea at five"})"));
  client.round_trip();
  client.drop();  // that it is not waited for
  EXPECT_EQ(server_->terminate(), 0);
  EXPECT_THAT(read("hearth.log"), Not(HasSubstr("tea at five")));
}

}  // namespace
}  // namespace hearth::test
