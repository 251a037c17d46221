// The command line of `hearth bench`.

#include "support/command.hpp"

#include <gmock/gmock.h>

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

}  // namespace
}  // namespace hearth::test
