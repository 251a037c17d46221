// `hearth config`, and what `hearth serve` makes of a configuration.

#include "support/command_folder.hpp"
#include "support/test_client.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>

#include <filesystem>

namespace hearth::test {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class ConfigCommand : public testing::Test, protected CommandFolder {};

TEST_F(ConfigCommand, InitWritesAConfigurationThatIsGood) {
  const CommandEnd init = run("config init");
  EXPECT_EQ(init.status, 0) << init.output;
  EXPECT_THAT(init.output, HasSubstr("wrote hearth.toml"));
  struct stat status {};
  ASSERT_EQ(::stat((path() / "hearth.toml").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  EXPECT_THAT(read(), ContainsRegex("\nsecret = \"[A-Za-z0-9_-]{43}\"\n"));
  const CommandEnd check = run("config check");
  EXPECT_EQ(check.status, 0) << check.output;
  EXPECT_EQ(check.output, "hearth.toml is good: 1 issuer, 3 rules\n");
}

TEST_F(ConfigCommand, InitRefusesToOverwrite) {
  write("mine");
  const CommandEnd init = run("config init");
  EXPECT_EQ(init.status, 1);
  EXPECT_THAT(init.output, HasSubstr("hearth: hearth.toml is there already"));
  EXPECT_EQ(read(), "mine");
  EXPECT_EQ(run("config init other.toml").status, 0);
  EXPECT_THAT(read("other.toml"), HasSubstr("[[auth.jwt]]"));
}

TEST_F(ConfigCommand, CheckSaysEverythingThatIsWrong) {
  write("[server]\nlisten = [\"127.0.0.1\"]\nbananas = 3\n[limits]\nbacklog = \"fast\"\n");
  const CommandEnd check = run("config check", "HEARTH_LOG_LEVL=debug ");
  EXPECT_EQ(check.status, 2);
  EXPECT_THAT(check.output, AllOf(HasSubstr("hearth.toml:2:10: server.listen is `127.0.0.1`, without a port"),
                                  HasSubstr("hearth.toml:3:1: unknown key server.bananas; `hearth config keys` shows"),
                                  HasSubstr("hearth.toml:5:11: limits.backlog is `fast`"),
                                  HasSubstr("HEARTH_LOG_LEVL: unknown variable; did you mean HEARTH_LOG_LEVEL?")));
}

TEST_F(ConfigCommand, CheckTakesTheFileThatIsNamed) {
  write("[server]\n", "a.toml");
  EXPECT_THAT(run("config check --config a.toml").output,
              AllOf(StartsWith("a.toml is good"), HasSubstr("nobody could connect but with --dev")));
  EXPECT_THAT(run("config check", "HEARTH_CONFIG=a.toml ").output, StartsWith("a.toml is good"));
  const CommandEnd missing = run("config check --config b.toml");
  EXPECT_EQ(missing.status, 2);
  EXPECT_EQ(missing.output, "b.toml: cannot be read: No such file or directory\n");
}

TEST_F(ConfigCommand, PrintShowsWhatHoldsAndNoSecret) {
  write("[server]\npath = \"/file\"\n[broker]\nurl = \"redis://:s3cret@h\"\n");
  const CommandEnd print = run("config print", "HEARTH_SERVER_THREADS=2 ");
  EXPECT_EQ(print.status, 0);
  EXPECT_THAT(print.output, AllOf(ContainsRegex("path = \"/file\" +# hearth.toml:2:8\n"),
                                  ContainsRegex("threads = 2 +# HEARTH_SERVER_THREADS\n"),
                                  ContainsRegex("deflate = false +# default\n"), HasSubstr("url = \"***\""),
                                  Not(HasSubstr("s3cret"))));
  EXPECT_EQ(run("config print", "HEARTH_SERVER_THREADS=x ").status, 2);
}

TEST_F(ConfigCommand, HasToBeToldWhatToDo) {
  const CommandEnd nothing = run("config");
  EXPECT_EQ(nothing.status, 2);
  EXPECT_EQ(run("config bake").status, 2);
  EXPECT_EQ(run("config --help").status, 0);
}

TEST_F(ConfigCommand, ServeStopsAtAConfigurationThatIsWrong) {
  write("[server]\nlisten = [\"127.0.0.1:0\"]\npaht = \"/\"\nthreads = -1\n");
  for (const std::string dev : {"", " --dev"}) {
    const CommandEnd serve = run("serve" + dev, "timeout 30 ");
    EXPECT_EQ(serve.status, 2);
    EXPECT_THAT(serve.output, AllOf(HasSubstr("hearth.toml:3:1: unknown key server.paht; did you mean path?"),
                                    HasSubstr("hearth.toml:4:11: server.threads is -1; it goes from 0 to 256")));
  }
}

TEST_F(ConfigCommand, ServeNeedsAConfigurationUnlessItIsForDevelopment) {
  if (std::filesystem::exists("/etc/hearth/hearth.toml")) GTEST_SKIP() << "this machine has one";
  const CommandEnd serve = run("serve");
  EXPECT_EQ(serve.status, 2);
  EXPECT_THAT(serve.output, AllOf(HasSubstr("there is no configuration"), HasSubstr("hearth config init")));
}

TEST_F(ConfigCommand, DevelopmentModeTakesWhatTheFileSays) {
  write(
      "[server]\nlisten = [\"127.0.0.1:0\"]\npath = \"/live\"\n[limits]\nmessage_size = \"1KiB\"\n[log]\nlevel = "
      "\"off\"\n");
  const auto server = serve("--dev");
  const std::string address = address_of(*server);
  TestClient client(address);
  client.upgrade("/live").authenticate();
  client.send(std::string(1025, ' '));
  EXPECT_EQ(client.wait_for_close().code, 1009);
}

TEST_F(ConfigCommand, FlagsGoBeforeTheFile) {
  write("[server]\nlisten = [\"127.0.0.1:0\"]\npath = \"/file\"\n");
  const auto server = serve("--dev --path /flag --log-level off");
  const std::string address = address_of(*server);
  TestClient(address).upgrade("/flag").authenticate();
}

TEST_F(ConfigCommand, ServeNeedsSomebodyWhoMayConnect) {
  write("[server]\nlisten = [\"127.0.0.1:0\"]\n");
  const CommandEnd serve = run("serve", "timeout 30 ");
  EXPECT_EQ(serve.status, 2);
  EXPECT_THAT(serve.output, HasSubstr("hearth.toml: nobody could connect: there is no [[auth.jwt]]"));
}

TEST_F(ConfigCommand, CheckSaysWhatIsWrongWithKeysAndRules) {
  write("[[auth.jwt]]\npublic_key = \"no key\"\nalgorithms = [\"ES256\"]\n[[rooms]]\npattern = \"a{user}*\"\n");
  const CommandEnd check = run("config check");
  EXPECT_EQ(check.status, 2);
  EXPECT_THAT(check.output, AllOf(HasSubstr("hearth.toml:2:14: auth.jwt.public_key "),
                                  HasSubstr("hearth.toml:5:11: rooms.pattern ")));
  write("[[rooms]]\npattern = \"chat:*\"\n[[rooms]]\npattern = \"chat:staff\"\n");
  const CommandEnd hidden = run("config check");
  EXPECT_EQ(hidden.status, 0);
  EXPECT_THAT(hidden.output, HasSubstr("hearth.toml:4:11: warning: rooms.pattern is hardly meant: "));
}

}  // namespace
}  // namespace hearth::test
