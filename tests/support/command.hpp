#pragma once

#include <string>

namespace hearth::test {

/// The command `hearth`: where the build puts it, or where the variable TEST_COMMAND says.
std::string command_path();

struct CommandEnd {
  int status;          ///< its exit status, or 128 and the signal that ended it
  std::string output;  ///< standard output and standard error
};

/// Runs a line of a shell to its end.
CommandEnd run_line(const std::string& line);

/// Runs it to its end, through a shell, in which `before` stands before it: variables, or what its input comes from.
CommandEnd run_command(const std::string& arguments, const std::string& before = {});

}  // namespace hearth::test
