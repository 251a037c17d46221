#include "serve/serve.hpp"
#include "commands/commands.hpp"

#include <CLI/App.hpp>
#include <CLI/Validators.hpp>

#include <string>

namespace hearth::app {

namespace {

// Empty if it is one.
std::string check_log_level(const std::string& name) {
  for (const auto& [known, level] : kLogLevels) {
    if (known == name) return {};
  }
  return "`" + name + "` is no log level; give trace, debug, info, warning, error or off";
}

std::string check_encryption(const std::string& name) {
  for (const auto& [known, encryption] : kEncryptions) {
    if (known == name) return {};
  }
  return "`" + name + "` is no kind of encryption; give off, optional or required";
}

void describe(CLI::App& serve, ServeArguments& arguments) {
  serve.add_flag("--dev", arguments.dev,
                 "Development mode: accept every client, allow every room, let members publish, serve the playground");
  serve.add_option("--listen", arguments.listen, "host:port, [v6 address]:port or unix:/path; may be repeated")
      ->capture_default_str();
  serve.add_option("--path", arguments.path, "Path of the WebSocket endpoint")->capture_default_str();
  serve.add_option("--threads", arguments.threads, "Threads that hold connections; 0: one a core")
      ->capture_default_str()
      ->check(CLI::Range(0, 256));
  serve.add_flag("--deflate", arguments.deflate, "Agree to permessage-deflate with clients that offer it");
  serve.add_option("--encryption", arguments.encryption, "Payload encryption of clients: off, optional or required")
      ->capture_default_str()
      ->check(CLI::Validator(check_encryption, ""));
  serve.add_option("--log-level", arguments.log_level, "trace, debug, info, warning, error or off")
      ->capture_default_str()
      ->check(CLI::Validator(check_log_level, ""));
  serve.add_option("--redis", arguments.redis, "URL of the Redis that joins several servers to one cluster");
  serve.add_option("--allow-origin", arguments.allow_origins,
                   "Web pages that may connect besides those of this host and of this machine; may be repeated");
  serve.footer(R"(Examples:
  hearth serve --dev
      listens on 127.0.0.1:8080 and shows the playground at http://127.0.0.1:8080/
  hearth serve --dev --listen '[::1]:9000' --listen unix:/tmp/hearth.sock --threads 2
      listens on two addresses, with two threads
  hearth serve --dev --path /realtime --log-level debug
      takes WebSocket connections at /realtime and says more
  hearth serve --dev --listen 127.0.0.1:8081 --redis redis://127.0.0.1:6379
      one of several servers whose clients reach each other)");
}

}  // namespace

void add_serve(CommandList& commands) { commands.add<ServeArguments>("serve", "Run a server", describe, serve); }

}  // namespace hearth::app
