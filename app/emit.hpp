#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace hearth::app {

/// What `hearth emit` was told on the command line.
struct EmitArguments {
  std::string kind;  ///< client, user, room or broadcast
  /// [target] event [json]; those that are not there are nothing.
  std::array<std::optional<std::string>, 3> words;
  std::string redis;  ///< URL
  std::string file;   ///< to read the JSON from; `-`: standard input
  bool lines = false;  ///< one message a line
  std::vector<std::string> exclude;
};

/// Sends one message, or one for each line. Returns the exit code: 0 if Redis has taken all of them, 1 if not, 2 if the
/// arguments make no sense; says on standard error what was wrong.
int emit(const EmitArguments& arguments);

}  // namespace hearth::app
