#include "bench.hpp"
#include "emit.hpp"
#include "hearth/version.hpp"
#include "serve.hpp"
#include "standard_streams.hpp"

#include <CLI/CLI.hpp>

#include <exception>
#include <iostream>
#include <new>
#include <string>
#include <string_view>
#include <system_error>

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

// Empty if it names one. What is wrong with it otherwise is said by whoever reads it, without the password.
std::string check_redis(const std::string& url) {
  return url.empty() ? "the URL is empty; write redis://127.0.0.1:6379, or leave the option out" : "";
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
  serve->add_option("--redis", arguments.redis, "URL of the Redis that joins several servers to one cluster")
      ->check(CLI::Validator(check_redis, ""));
  serve->add_option("--allow-origin", arguments.allow_origins,
                    "Web pages that may connect besides those of this host and of this machine; may be repeated");
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
  emit->add_option("--redis", arguments.redis, "URL of the cluster's Redis")
      ->required()
      ->envname("HEARTH_REDIS")
      ->check(CLI::Validator(check_redis, ""));
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

void add_bench_load(CLI::App& bench, hearth::app::BenchArguments& arguments) {
  bench.add_option("--clients", arguments.clients, "Connections; 50 for echo, otherwise 1000");
  bench.add_option("--window", arguments.window,
                   "Messages sent at once, the next when all have come; for connect, connections under way");
  bench.add_option("--rate", arguments.rate,
                   "Messages a second at set times, whatever the answers do; latencies count from then");
  bench.add_option("--bytes", arguments.bytes, "Size of a message's data")->capture_default_str();
  bench.add_option("--duration", arguments.duration, "Seconds measured")->capture_default_str();
  bench.add_option("--messages", arguments.messages, "Messages to send, instead of a time, and without warm-up");
  bench.add_option("--warm-up", arguments.warm_up, "Seconds before that")->capture_default_str();
  bench.add_option("--threads", arguments.threads, "Threads of the load")->capture_default_str();
  bench.add_option("--rooms", arguments.rooms, "Rooms there are; for connect and idle, rooms that a client joins");
  bench.add_option("--members", arguments.members, "Members of a room, on average");
  bench.add_option("--zipf", arguments.zipf, "The k-th room has a size that goes with 1/k^ZIPF; 0: all the same");
  bench.add_option("--churn", arguments.churn, "Members a second that leave a room, and that join one");
  bench.add_option("--reconnects", arguments.reconnects, "Clients a second that go and come again");
}

void add_bench(CLI::App& app, hearth::app::BenchArguments& arguments) {
  CLI::App* bench = app.add_subcommand("bench", "Put load on a server, check what it delivers, and measure");
  bench->add_option("scenario", arguments.scenario, "connect, echo, fanout, rooms, mixed or idle")
      ->required()
      ->check(CLI::IsMember(hearth::app::bench_scenarios()));
  bench->add_option("url", arguments.url, "The server")->capture_default_str();
  add_bench_load(*bench, arguments);
  bench->add_flag("--encrypt", arguments.encrypt, "Clients have keys, and encrypt");
  bench->add_flag("--deflate", arguments.deflate, "Clients offer permessage-deflate");
  bench->add_option("--token", arguments.token, "`token` in every client's auth data; otherwise one for each");
  bench->add_option("--send", arguments.send, "How clients send: publish, or events that the application answers")
      ->capture_default_str()
      ->check(CLI::IsMember({"publish", "application"}));
  bench->add_option("--via", arguments.via, "Who publishes in fanout: a client, or redis")
      ->capture_default_str()
      ->check(CLI::IsMember({"client", "redis"}));
  bench->add_option("--redis", arguments.redis, "URL of the cluster's Redis, for --via redis")
      ->check(CLI::Validator(check_redis, ""));
  bench->add_option("--pid", arguments.pid,
                    "Process of the server on this machine, whose CPU time and memory to measure");
  bench->add_flag("--json", arguments.json, "Print JSON");
  bench->footer(R"(Examples:
  hearth bench echo ws://127.0.0.1:8080/ws --clients 200 --duration 5
  hearth bench fanout --clients 1000 --window 16 --pid 4711
  hearth bench mixed --clients 2000 --rate 500 --json
Exit code: 0; 1 if anything was missing, doubled, out of order or failed; 2 if the arguments are wrong.)");
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
  hearth::app::BenchArguments bench;
  add_bench(app, bench);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {  // or --help or --version
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (app.get_subcommands().empty()) {
    std::cerr << app.help();
    return 2;
  }
  if (app.got_subcommand("emit")) return hearth::app::emit(emit);
  return app.got_subcommand("bench") ? hearth::app::bench(bench) : hearth::app::serve(serve);
}

std::string reason(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return "there is not enough memory";
  const auto* of_system = dynamic_cast<const std::system_error*>(&error);
  if (of_system != nullptr && of_system->code() == std::errc::resource_unavailable_try_again) {
    return "a thread could not be started, for want of memory or of processes allowed (ulimit -v, ulimit -u); fewer "
           "threads need less";
  }
  return error.what();
}

}  // namespace

int main(int argc, char** argv) {
  hearth::app::secure_standard_streams();
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    const std::string why = reason(error);
    std::cerr << (why.starts_with("hearth: ") ? "" : "hearth: ") << why << '\n';  // the library's own begin so
    return 1;
  }
}
