#include "commands/command_list.hpp"

#include "commands/complaint.hpp"
#include "hearth/version.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <iostream>

namespace hearth::app {

CommandList::CommandList() : app_("Hearth: a real-time server") {
  app_.name("hearth");
  app_.set_version_flag("--version", "hearth " + std::string(kVersion));
  app_.require_subcommand(0, 1);
}

CLI::App& CommandList::group(const std::string& name, const std::string& description) {
  CLI::App* group = app_.add_subcommand(name, description);
  group->require_subcommand(1);
  return *group;
}

int CommandList::run(int argc, const char* const* argv) {
  try {
    app_.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // for --help or --version
    return app_.exit(asked);
  } catch (const CLI::ParseError& error) {
    std::cerr << complaint_of(app_, error) << '\n';
    return 2;
  }
  if (!chosen_) {
    std::cerr << app_.help();
    return 2;
  }
  return chosen_();
}

}  // namespace hearth::app
