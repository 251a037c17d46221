#include "commands/commands.hpp"
#include "commands/config_flags.hpp"
#include "config/load.hpp"
#include "config/print.hpp"
#include "config/starter.hpp"
#include "serve/access.hpp"

#include <fmt/format.h>

#include <iostream>
#include <optional>
#include <string>

namespace hearth::app {

namespace {

struct InitArguments {
  std::string file{"hearth.toml"};
  bool api_key = false;
};

struct FileArguments {
  std::optional<std::string> file;
};

struct NoArguments {};

void describe_init(CLI::App& init, InitArguments& arguments) {
  init.add_option("file", arguments.file, "Where to; nothing may be there yet")->capture_default_str();
  init.add_flag("--api-key", arguments.api_key, "Also a fresh key for the API, which then answers nobody without it");
}

int run_init(const InitArguments& arguments) {
  const std::string key = arguments.api_key ? config::starter_api_key(config::make_secret()) : "";
  config::write_new_file(arguments.file, config::starter(config::make_secret()) + key);
  std::cout << "wrote " << arguments.file << ", with a fresh secret" << (arguments.api_key ? ", a key for the API" : "")
            << " and three rules; it is for your eyes alone (mode 0600)\n";
  return 0;
}

std::string count_of(std::size_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

int run_check(const FileArguments& arguments) {
  const config::Loaded loaded = config::load({.file = arguments.file, .variables = config::environment()});
  config::print(std::cerr, loaded.problems);
  if (!loaded.is_good()) return 2;
  std::cout << *loaded.file << " is good: " << count_of(loaded.config.auth.jwt.size(), "issuer") << ", "
            << count_of(loaded.config.rooms.size(), "rule") << '\n';
  if (!Access::is_guarded(loaded.config)) {
    std::cout << "nobody could connect but with --dev: there is no [[auth.jwt]], and neither auth.anonymous nor "
                 "auth.ask_backend is true\n";
  }
  return 0;
}

int run_print(const FileArguments& arguments) {
  const config::Loaded loaded = config::load({.file = arguments.file, .variables = config::environment()});
  config::print(std::cerr, loaded.problems);
  if (!loaded.is_good()) return 2;
  config::print_effective(std::cout, loaded);
  return 0;
}

int run_keys(const NoArguments&) {
  config::print_keys(std::cout);
  return 0;
}

}  // namespace

void add_config(CommandList& commands) {
  const auto take_file = [](CLI::App& command, FileArguments& arguments) { add_config_flag(command, arguments.file); };
  CLI::App& config = commands.group("config", "Write, check and show the configuration of hearth serve");
  commands.add_below<InitArguments>(config, "init", "Write a first configuration", describe_init, run_init);
  commands.add_below<FileArguments>(config, "check", "Say everything that is wrong with the configuration", take_file,
                                    run_check);
  commands.add_below<FileArguments>(config, "print", "Show the values that hold, and where each comes from", take_file,
                                    run_print);
  commands.add_below<NoArguments>(
      config, "keys", "Show every key there is", [](CLI::App&, NoArguments&) {}, run_keys);
}

}  // namespace hearth::app
