#include "hearth/version.hpp"
#include "serve.hpp"

#include <CLI/CLI.hpp>

#include <exception>
#include <iostream>
#include <string>

namespace {

// Empty if it is one.
std::string check_log_level(const std::string& name) {
  for (const auto& [known, level] : hearth::app::kLogLevels) {
    if (known == name) return {};
  }
  return "`" + name + "` is no log level; give trace, debug, info, warning, error or off";
}

std::string check_encryption(const std::string& name) {
  for (const auto& [known, encryption] : hearth::app::kEncryptions) {
    if (known == name) return {};
  }
  return "`" + name + "` is no kind of encryption; give off, optional or required";
}

void add_serve(CLI::App& app, hearth::app::ServeArguments& arguments) {
  CLI::App* serve = app.add_subcommand("serve", "Run a server");
  serve->add_flag("--dev", arguments.dev,
                  "Development mode: accept every client, allow every room, let members publish, serve the playground");
  serve->add_option("--listen", arguments.listen, "host:port, [v6 address]:port or unix:/path; may be repeated")
      ->capture_default_str();
  serve->add_option("--path", arguments.path, "Path of the WebSocket endpoint")->capture_default_str();
  serve->add_option("--threads", arguments.threads, "Threads that hold connections; 0: one a core")
      ->capture_default_str()
      ->check(CLI::Range(0, 256));
  serve->add_flag("--deflate", arguments.deflate, "Agree to permessage-deflate with clients that offer it");
  serve->add_option("--encryption", arguments.encryption, "Payload encryption of clients: off, optional or required")
      ->capture_default_str()
      ->check(CLI::Validator(check_encryption, ""));
  serve->add_option("--log-level", arguments.log_level, "trace, debug, info, warning, error or off")
      ->capture_default_str()
      ->check(CLI::Validator(check_log_level, ""));
  serve->footer(R"(Examples:
  hearth serve --dev
      listens on 127.0.0.1:8080 and shows the playground at http://127.0.0.1:8080/
  hearth serve --dev --listen '[::1]:9000' --listen unix:/tmp/hearth.sock --threads 2
      listens on two addresses, with two threads
  hearth serve --dev --path /realtime --log-level debug
      takes WebSocket connections at /realtime and says more)");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Hearth: a real-time server");
  app.name("hearth");
  app.set_version_flag("--version", "hearth " + std::string(hearth::kVersion));
  app.require_subcommand(0, 1);
  hearth::app::ServeArguments serve;
  add_serve(app, serve);
  CLI11_PARSE(app, argc, argv);
  if (app.get_subcommands().empty()) {
    std::cerr << app.help();
    return 2;
  }
  try {
    return hearth::app::serve(serve);
  } catch (const std::exception& error) {
    std::cerr << "hearth serve: " << error.what() << '\n';
    return 1;
  }
}
