// `hearth config`, and what `hearth serve` makes of a configuration.

#include "support/child_process.hpp"
#include "support/command.hpp"
#include "support/test_client.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace hearth::test {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// A folder of its own, in which the command runs.
class ConfigCommand : public testing::Test {
 protected:
  ConfigCommand() {
    std::string name = testing::TempDir() + "hearth-config-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    folder_ = name;
  }
  ~ConfigCommand() override { std::filesystem::remove_all(folder_); }

  CommandEnd run(const std::string& arguments, const std::string& variables = {}) const {
    return run_command(arguments, "cd " + folder_.string() + "; " + variables);
  }
  void write(const std::string& text, const std::string& name = "hearth.toml") const {
    std::ofstream(folder_ / name) << text;
    ::chmod((folder_ / name).c_str(), 0600);
  }
  std::string read(const std::string& name = "hearth.toml") const {
    std::ostringstream text;
    text << std::ifstream(folder_ / name).rdbuf();
    return text.str();
  }
  /// A server in development mode, which reads the folder's configuration.
  std::unique_ptr<ChildProcess> serve(const std::string& arguments = {}) const {
    return std::make_unique<ChildProcess>(std::vector<std::string>{
        "/bin/sh", "-c",
        "cd " + folder_.string() + "; exec " + command_path() + " serve --dev " + arguments + " 2>&1"});
  }
  /// Its lines up to that with the address.
  static std::vector<std::string> start_lines(ChildProcess& server) {
    std::vector<std::string> lines{server.read_line()};
    while (!lines.back().starts_with("listening on ")) lines.push_back(server.read_line());
    return lines;
  }

  std::filesystem::path folder_;
};

TEST_F(ConfigCommand, InitWritesAConfigurationThatIsGood) {
  const CommandEnd init = run("config init");
  EXPECT_EQ(init.status, 0) << init.output;
  EXPECT_THAT(init.output, HasSubstr("wrote hearth.toml"));
  struct stat status {};
  ASSERT_EQ(::stat((folder_ / "hearth.toml").c_str(), &status), 0);
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
                                  HasSubstr("hearth.toml:3:1: unknown key server.bananas\n"),
                                  HasSubstr("hearth.toml:5:11: limits.backlog is `fast`"),
                                  HasSubstr("HEARTH_LOG_LEVL: unknown variable; did you mean HEARTH_LOG_LEVEL?")));
}

TEST_F(ConfigCommand, CheckTakesTheFileThatIsNamed) {
  write("[server]\n", "a.toml");
  EXPECT_THAT(run("config check --config a.toml").output, StartsWith("a.toml is good"));
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
  const auto server = serve();
  const std::string address = start_lines(*server).back().substr(std::string_view("listening on ").size());
  TestClient client(address);
  client.upgrade("/live").authenticate();
  client.send(std::string(1025, ' '));
  EXPECT_EQ(client.wait_for_close().code, 1009);
}

TEST_F(ConfigCommand, FlagsGoBeforeTheFile) {
  write("[server]\nlisten = [\"127.0.0.1:0\"]\npath = \"/file\"\n");
  const auto server = serve("--path /flag --log-level off");
  const std::string address = start_lines(*server).back().substr(std::string_view("listening on ").size());
  TestClient(address).upgrade("/flag").authenticate();
}

TEST_F(ConfigCommand, WhatThisVersionDoesNotDoIsRefused) {
  write("[server]\nlisten = [\"127.0.0.1:0\"]\ndrain_time = \"1s\"\n[log]\nfile = \"a.log\"\n");
  for (const std::string command : {"config check", "config print", "serve --dev"}) {
    const CommandEnd end = run(command, "timeout 30 ");
    EXPECT_EQ(end.status, 2);
    EXPECT_THAT(end.output, AllOf(HasSubstr("hearth.toml:3:14: server.drain_time is not available in this version"),
                                  HasSubstr("hearth.toml:5:8: log.file is not available in this version")));
  }
}

TEST_F(ConfigCommand, DevelopmentModeSaysThatItTakesNoNoticeOfRules) {
  write("[server]\nlisten = [\"127.0.0.1:0\"]\n[[rooms]]\npattern = \"a\"\n[log]\nlevel = \"off\"\n");
  const auto server = serve();
  EXPECT_THAT(start_lines(*server), testing::Contains(HasSubstr("takes no notice of [auth] and [[rooms]]")));
}

}  // namespace
}  // namespace hearth::test
