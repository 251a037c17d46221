#include "serve/serve.hpp"

#include "api/listener.hpp"
#include "config/load.hpp"
#include "config/text_checks.hpp"
#include "hearth/server.hpp"
#include "log/log.hpp"
#include "net/descriptor_limit.hpp"
#include "net/shutdown_signals.hpp"
#include "serve/access.hpp"
#include "serve/certificate_watch.hpp"
#include "serve/course.hpp"
#include "serve/exposure.hpp"
#include "serve/options.hpp"
#include "serve/playground.hpp"
#include "serve/refusal_log.hpp"

#include <unistd.h>

#include <algorithm>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::app {

namespace {

void warn(const std::string& what) {
  const bool colour = ::isatty(STDERR_FILENO) != 0;
  say_error((colour ? "\033[1;33m" : "") + ("warning: " + what) + (colour ? "\033[0m" : ""));
}

/// What `hearth serve` runs.
struct Plan {
  const config::Config& config;
  bool is_dev;

  bool takes_anybody() const { return is_dev && !Access::is_guarded(config); }
  bool allows_any_room() const { return is_dev && config.rooms.empty(); }
};

void warn_of_dev_mode(const Plan& plan, const std::vector<std::string>& addresses) {
  const std::string clients = plan.takes_anybody() ? "every client is accepted as whoever it says it is" : "";
  const std::string rooms = plan.allows_any_room() ? "every client may join every room and publish there" : "";
  if (clients.empty() && rooms.empty()) return;
  warn("development mode: " + clients + (clients.empty() || rooms.empty() ? "" : ", ") + rooms +
       ". Do not let others reach this server.");
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
std::string page_address(std::string address, std::string_view scheme) {
  for (const std::string_view any : {"0.0.0.0:", "[::]:"}) {
    if (address.starts_with(any)) address = "localhost:" + address.substr(any.size());
  }
  return std::string(scheme) + "://" + address + "/";
}

void say_where_it_listens(const Server& server, const ApiListener& api, const Plan& plan) {
  const auto addresses = server.addresses();
  std::string lines;
  for (const std::string& address : addresses) lines += "listening on " + address + '\n';
  const auto tcp = std::find_if(addresses.begin(), addresses.end(),
                                [](const std::string& address) { return !address.starts_with("unix"); });
  if (plan.is_dev && tcp != addresses.end())
    lines += "playground: " + page_address(*tcp, plan.config.server.tls.certificates.empty() ? "http" : "https") + '\n';
  for (const std::string& address : api.addresses()) lines += "API on " + address + '\n';
  log::write_patiently(STDOUT_FILENO, lines);
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

void add_handlers(Options& options, const Access& access, const Plan& plan) {
  options.client_publish = true;
  options.default_rooms = access.rooms_of_everybody();
  options.authenticate = [&access](const AuthenticateRequest& request) { return access.authenticate(request); };
  if (plan.allows_any_room()) {
    options.validate_room = [](const ValidateRoomRequest& request) {
      return RoomDecisions({request.rooms.begin(), request.rooms.end()});
    };
    return;
  }
  options.publish_to_default_rooms = true;  // the rules decide about them, too
  options.validate_room = [&access](const ValidateRoomRequest& request) { return access.validate_room(request); };
  options.publish = [&access](const PublishRequest& request) { return access.publish(request); };
}

Options options_of(const ServeArguments& arguments, const Access& access, const Plan& plan) {
  Options options = options_from(plan.config, net::raise_descriptor_limit());
  add_handlers(options, access, plan);
  options.allowed_origins.insert(options.allowed_origins.end(), arguments.allow_origins.begin(),
                                 arguments.allow_origins.end());
  if (plan.is_dev) {
    options.allowed_hosts = hosts_of(arguments.allow_origins);
    options.pages = playground_pages(options.path, name_of(options.encryption));
  }
  return options;
}

bool reload_certificates(Server& server, const config::TlsConfig& config) {
  try {
    server.reload_tls(tls_options_from(config));
  } catch (const std::exception& error) {
    server.log(LogLevel::error, std::string("certificates have changed, and cannot be loaded; the old ones stay, and "
                                            "it is tried again: ") +
                                    error.what());
    return false;
  }
  server.log(LogLevel::info, "certificates have changed, and are loaded");
  return true;
}

void check_clients(const config::Loaded& loaded, bool is_dev, config::Problems& problems) {
  if (is_dev || Access::is_guarded(loaded.config) || !loaded.is_good()) return;
  problems.push_back({{config::Origin::Source::file, *loaded.file},
                      "nobody could connect: there is no [[auth.jwt]], and auth.anonymous is false. `hearth config "
                      "init other.toml` shows how the first is written; with --dev everybody can"});
}

}  // namespace

int serve(const ServeArguments& arguments) {
  config::Loaded loaded = config::load({arguments.config, arguments.flags, config::environment(), arguments.dev});
  check_origins(arguments.allow_origins, loaded.problems);
  check_clients(loaded, arguments.dev, loaded.problems);
  config::print(std::cerr, loaded.problems);
  if (!loaded.is_good()) return 2;
  const Plan plan{loaded.config, arguments.dev};
  const net::ShutdownSignals signals;
  const Server* running = nullptr;  // before anybody can ask
  RefusalLog refusals([&running](LogLevel level, std::string_view line) { running->log(level, line); });
  const Access access(loaded.config, plan.is_dev, [&refusals](std::string_view line) { refusals(line); });
  CertificateWatch certificates(loaded.config.server.tls);
  Server server(options_of(arguments, access, plan));
  running = &server;
  ApiListener api(loaded.config, {server, [&signals] { signals.wake(); }});
  Course course(server, api, signals, loaded.config.server, certificates);
  certificates.start([&] { return reload_certificates(server, loaded.config.server.tls); });
  return course.run([&] {
    warn_of_dev_mode(plan, server.addresses());
    say_where_it_listens(server, api, plan);
  });
}

}  // namespace hearth::app
