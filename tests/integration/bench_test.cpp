// The command line of `hearth bench`.

#include "support/child_process.hpp"
#include "support/command.hpp"
#include "support/command_folder.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <string>

namespace hearth::test {
namespace {

using testing::HasSubstr;

TEST(Bench, NumbersBelowZeroAreErrors) {
  for (const std::string flag : {"--clients", "--window", "--rate", "--bytes", "--duration", "--messages", "--warm-up",
                                 "--threads", "--rooms", "--members", "--zipf", "--churn", "--reconnects", "--pid"}) {
    for (const std::string separator : {" ", "="}) {
      const CommandEnd end = run_command("bench mixed ws://127.0.0.1:1/ws " + flag + separator + "-1", "timeout 30");
      EXPECT_EQ(end.status, 2) << flag << end.output;
      EXPECT_THAT(end.output, HasSubstr("hearth bench: " + flag + " is ")) << "with what it may be";
    }
  }
}

TEST(Bench, NumbersOutOfRangeAreErrors) {
  for (const std::string arguments : {"--clients 0", "--window 0", "--messages 0", "--members 0", "--threads 65",
                                      "--duration 0", "--rate nan", "--rate 2e9", "--pid 0", "--bytes 16777217"}) {
    const CommandEnd end = run_command("bench mixed ws://127.0.0.1:1/ws " + arguments, "timeout 30");
    EXPECT_EQ(end.status, 2) << arguments << end.output;
    EXPECT_THAT(end.output, HasSubstr("hearth bench: " + arguments.substr(0, arguments.find(' ')) + " is "));
  }
}

/// On a server that lets in who shows a token, and grants what that says.
class GuardedBench : public testing::Test, protected CommandFolder {
 protected:
  GuardedBench() {
    write(R"([[auth.jwt]]
secret = "0123456789abcdef0123456789abcdef"
algorithms = ["HS256"]
audience = "hearth"
[[rooms]]
pattern = "bench-*"
join = "granted"
publish = "granted"
[limits]
messages = "0"
)");
    write("0123456789abcdef0123456789abcdef\n", "secret");
    server_ = serve("", "HEARTH_SERVER_LISTEN=127.0.0.1:0");
    url_ = "ws://" + address_of(*server_) + "/ws";
  }

  CommandEnd bench(const std::string& arguments) const {
    return run("bench fanout " + url_ + " --clients 20 --window 4 --messages 100 " + arguments);
  }

  std::unique_ptr<ChildProcess> server_;
  std::string url_;
};

TEST_F(GuardedBench, GivesEachClientATokenOfItsOwn) {
  const CommandEnd end = bench(
      R"(--key secret --alg HS256 --claims '{"aud":"hearth","hearth":{"join":["bench-*"],"publish":["bench-*"]}}')");
  EXPECT_EQ(end.status, 0) << end.output;
  EXPECT_THAT(end.output, HasSubstr("2000 messages"));
}

TEST_F(GuardedBench, FailsWithoutWhatTheServerWants) {
  EXPECT_THAT(bench("").output, HasSubstr("Authentication failed"));
  EXPECT_THAT(bench("--key secret --alg HS256").output, HasSubstr("Authentication failed")) << "no aud";
}

TEST(Bench, KeysThatCannotBeUsedAreErrors) {
  const auto said = [](const std::string& arguments) {
    const CommandEnd end = run_command("bench echo ws://127.0.0.1:1/ws " + arguments, "timeout 30");
    EXPECT_EQ(end.status, 2) << arguments;
    return end.output;
  };
  EXPECT_THAT(said("--key /no/such/file --alg HS256"), HasSubstr("--key: /no/such/file cannot be read"));
  EXPECT_THAT(said("--key /dev/null"), HasSubstr("--key needs --alg"));
  EXPECT_THAT(said("--key /dev/null --alg HS256"), HasSubstr("hearth bench: "));
  EXPECT_THAT(said("--key /dev/null --alg HS256 --token x"), HasSubstr("give one of them"));
  EXPECT_THAT(said("--claims '{\"a\":1}'"), HasSubstr("--alg and --claims go with --key"));
}

TEST(Bench, WhatIsOfNoUseToAScenarioIsAnError) {
  for (const std::string arguments : {"echo URL --missed 5", "recover URL --members 5", "recover URL --rate 5",
                                      "recover URL --send application", "recover URL --clients 1"}) {
    std::string words = arguments;
    words.replace(words.find("URL"), 3, "ws://127.0.0.1:1/ws");
    const CommandEnd end = run_command("bench " + words, "timeout 30");
    EXPECT_EQ(end.status, 2) << arguments << end.output;
    EXPECT_THAT(end.output, HasSubstr("recover")) << arguments;
  }
}

}  // namespace
}  // namespace hearth::test
