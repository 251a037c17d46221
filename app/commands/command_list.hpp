#pragma once

#include <CLI/App.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace hearth::app {

/// The subcommands of `hearth`. Each is a file of app/commands that adds itself; reading the command line picks the one
/// to run.
class CommandList {
 public:
  template <class Arguments>
  using Describe = void (*)(CLI::App&, Arguments&);
  template <class Arguments>
  using Perform = int (*)(const Arguments&);

  CommandList();

  /// Adds a subcommand: `describe(CLI::App&, Arguments&)` names its flags, `perform(const Arguments&)` returns the
  /// exit code.
  template <class Arguments>
  CLI::App& add(const std::string& name, const std::string& description, Describe<Arguments> describe,
                Perform<Arguments> perform) {
    return add_below<Arguments>(app_, name, description, describe, perform);
  }
  /// The same below another, for commands of two words; `parent` is what `group` or `add` returned.
  template <class Arguments>
  CLI::App& add_below(CLI::App& parent, const std::string& name, const std::string& description,
                      Describe<Arguments> describe, Perform<Arguments> perform) {
    CLI::App* command = parent.add_subcommand(name, description);
    auto arguments = std::make_shared<Arguments>();
    describe(*command, *arguments);
    command->callback([this, command, arguments, perform] {
      if (!command->get_subcommands().empty()) return;  // which is the one to run
      chosen_ = [arguments, perform] { return perform(*arguments); };
    });
    return *command;
  }
  /// A first word that commands of two begin with.
  CLI::App& group(const std::string& name, const std::string& description);

  /// Runs what the command line asks for. Returns the exit code: 2, and says why on standard error, if it is wrong.
  int run(int argc, const char* const* argv);

 private:
  CLI::App app_;
  std::function<int()> chosen_;
};

}  // namespace hearth::app
