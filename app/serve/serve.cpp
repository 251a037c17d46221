#include "serve/serve.hpp"

#include "config/load.hpp"
#include "config/text_checks.hpp"
#include "hearth/server.hpp"
#include "log/log.hpp"
#include "net/descriptor_limit.hpp"
#include "net/shutdown_signals.hpp"
#include "serve/exposure.hpp"
#include "serve/options.hpp"
#include "serve/playground.hpp"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace hearth::app {

namespace {

// Takes a client's word for who it is.
AuthenticateResult accept_anybody(const AuthenticateRequest& request) {
  for (const std::string_view key : {"userId", "token"}) {
    const auto member = request.data.member(key);
    auto name = member ? member->string() : std::nullopt;
    if (name && !name->empty()) return Identity{.user_id = std::move(name)};
  }
  return Identity{};
}

std::vector<std::string> allow_all(const ValidateRoomRequest& request) {
  return {request.rooms.begin(), request.rooms.end()};
}

// On standard error, which nobody may be reading.
void say(const std::string& line) { log::write_patiently(STDERR_FILENO, line + '\n'); }

void warn(const std::string& what) {
  const bool colour = ::isatty(STDERR_FILENO) != 0;
  say((colour ? "\033[1;33m" : "") + ("warning: " + what) + (colour ? "\033[0m" : ""));
}

// This version obeys them nowhere.
void warn_of_access(const config::Loaded& loaded) {
  const bool is_given = std::any_of(loaded.origins.begin(), loaded.origins.end(), [](const auto& entry) {
    return entry.first.starts_with("auth.") || entry.first.starts_with("rooms[");
  });
  if (is_given) warn("development mode takes no notice of [auth] and [[rooms]].");
}

void warn_of_dev_mode(const std::vector<std::string>& addresses) {
  warn(
      "development mode: every client is accepted as whoever it says it is, may join every room and publish there. Do "
      "not let others reach this server.");
  for (const std::string& address : addresses) {
    const std::string danger = danger_of(address);
    if (!danger.empty()) warn(danger);
  }
}

std::string_view name_of(Encryption encryption) {
  switch (encryption) {
    case Encryption::off:
      return "off";
    case Encryption::optional:
      return "optional";
    case Encryption::required:
      return "required";
  }
  return {};
}

// A browser can't open 0.0.0.0, nor a Unix socket.
std::string page_address(std::string address) {
  for (const std::string_view any : {"0.0.0.0:", "[::]:"}) {
    if (address.starts_with(any)) address = "localhost:" + address.substr(any.size());
  }
  return "http://" + address + "/";
}

void say_where_it_listens(const Server& server) {
  const auto addresses = server.addresses();
  std::string lines;
  for (const std::string& address : addresses) lines += "listening on " + address + '\n';
  const auto tcp = std::find_if(addresses.begin(), addresses.end(),
                                [](const std::string& address) { return !address.starts_with("unix"); });
  if (tcp != addresses.end()) lines += "playground: " + page_address(*tcp) + '\n';
  log::write_patiently(STDOUT_FILENO, lines);
}

// Signals are heard while it starts, too: that may take as long as Redis is away.
int run(Server& server, const net::ShutdownSignals& signals) {
  std::exception_ptr failure;
  std::thread starting([&] {
    try {
      server.start();
      warn_of_dev_mode(server.addresses());
      say_where_it_listens(server);
    } catch (...) {
      failure = std::current_exception();
      signals.wake();
    }
  });
  int signal = signals.wait();
  while (signal == SIGHUP) {
    say("hearth: SIGHUP: there is nothing to read anew; it is ignored");
    signal = signals.wait();
  }
  if (signal != 0) {
    say(std::string("hearth: ") + (signal == SIGINT ? "SIGINT" : "SIGTERM") + ": shutting down");
    server.shutdown();
  }
  starting.join();
  if (signal == 0) std::rethrow_exception(failure);
  server.shutdown();
  return 0;
}

void check_origins(const std::vector<std::string>& origins, config::Problems& problems) {
  const config::Origin flag(config::Origin::Source::flag, "--allow-origin");
  for (const std::string& origin : origins) {
    if (const config::Wrong wrong = config::check_origin(origin)) problems.push_back({flag, "the value " + *wrong});
  }
}

// A page of such an origin may be served under that name.
std::vector<std::string> hosts_of(const std::vector<std::string>& origins) {
  std::vector<std::string> hosts;
  for (const std::string& origin : origins) {
    const std::size_t scheme = origin.find("://");
    if (scheme == std::string::npos) continue;
    const std::string host = origin.substr(scheme + 3);
    hosts.push_back(host.substr(0, host.rfind(':')));
  }
  return hosts;
}

}  // namespace

int serve(const ServeArguments& arguments) {
  config::Loaded loaded = config::load({arguments.config, arguments.flags, config::environment(), arguments.dev});
  check_origins(arguments.allow_origins, loaded.problems);
  config::print(std::cerr, loaded.problems);
  if (!loaded.is_good()) return 2;
  if (!arguments.dev) {
    std::cerr << "hearth serve: there is no way yet to say who may connect, so that only development mode can be "
                 "started: hearth serve --dev\n";
    return 2;
  }
  warn_of_access(loaded);
  const net::ShutdownSignals signals;
  net::raise_descriptor_limit();
  Options options = options_from(loaded.config);
  options.client_publish = true;
  options.authenticate = accept_anybody;
  options.validate_room = allow_all;
  options.allowed_origins.insert(options.allowed_origins.end(), arguments.allow_origins.begin(),
                                 arguments.allow_origins.end());
  options.allowed_hosts = hosts_of(arguments.allow_origins);
  options.pages = playground_pages(options.path, name_of(options.encryption));
  Server server(std::move(options));
  return run(server, signals);
}

}  // namespace hearth::app
