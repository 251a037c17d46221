#include "emit.hpp"
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
  serve->add_option("--redis", arguments.redis, "URL of the Redis that joins several servers to one cluster");
  serve->footer(R"(Examples:
  hearth serve --dev
      listens on 127.0.0.1:8080 and shows the playground at http://127.0.0.1:8080/
  hearth serve --dev --listen '[::1]:9000' --listen unix:/tmp/hearth.sock --threads 2
      listens on two addresses, with two threads
  hearth serve --dev --path /realtime --log-level debug
      takes WebSocket connections at /realtime and says more
  hearth serve --dev --listen 127.0.0.1:8081 --redis redis://127.0.0.1:6379
      one of several servers whose clients reach each other)");
}

void add_emit(CLI::App& app, hearth::app::EmitArguments& arguments) {
  CLI::App* emit = app.add_subcommand("emit", "Send to clients of a cluster, through its Redis");
  emit->add_option("kind", arguments.kind, "client, user, room or broadcast")
      ->required()
      ->check(CLI::IsMember({"client", "user", "room", "broadcast"}));
  // Words of their own: a list of words would take the brackets of a JSON array for its own.
  emit->add_option("word1", arguments.words[0], "Client id, user id or room; for broadcast the event")
      ->required()
      ->type_name("TARGET");
  emit->add_option("word2", arguments.words[1], "The event; for broadcast the data")->type_name("EVENT");
  emit->add_option("word3", arguments.words[2], "The data as JSON, if any")->type_name("JSON");
  emit->add_option("--redis", arguments.redis, "URL of the cluster's Redis")->required()->envname("HEARTH_REDIS");
  emit->add_option("--file", arguments.file, "Read the JSON from this file; - is standard input");
  emit->add_flag("--lines", arguments.lines, "Send one message for each line of standard input, or of --file");
  emit->add_option("--exclude", arguments.exclude, "Client that gets nothing; may be repeated")
      ->allow_extra_args(false);
  emit->footer(R"(Examples:
  hearth emit room lobby news '{"text":"hello"}' --redis redis://127.0.0.1:6379
  hearth emit broadcast maintenance --redis redis://127.0.0.1:6379
  tail -f prices.jsonl | hearth emit room prices price --lines --redis redis://127.0.0.1:6379
Exit code: 0 if Redis has taken every message, 1 if not, 2 if the arguments are wrong.)");
}

int run(int argc, char** argv) {
  CLI::App app("Hearth: a real-time server");
  app.name("hearth");
  app.set_version_flag("--version", "hearth " + std::string(hearth::kVersion));
  app.require_subcommand(0, 1);
  hearth::app::ServeArguments serve;
  add_serve(app, serve);
  hearth::app::EmitArguments emit;
  add_emit(app, emit);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {  // or --help or --version
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (app.get_subcommands().empty()) {
    std::cerr << app.help();
    return 2;
  }
  return app.got_subcommand("emit") ? hearth::app::emit(emit) : hearth::app::serve(serve);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "hearth: " << error.what() << '\n';
    return 1;
  }
}
