#include "serve/serve.hpp"

#include "api/listener.hpp"
#include "backend/backend_thread.hpp"
#include "backend/question.hpp"
#include "config/load.hpp"
#include "config/retention.hpp"
#include "config/text_checks.hpp"
#include "hearth/log.hpp"
#include "hearth/redis_broker.hpp"
#include "hearth/server.hpp"
#include "process/descriptor_limit.hpp"
#include "process/shutdown_signals.hpp"
#include "revision.hpp"
#include "serve/access.hpp"
#include "serve/access_counts.hpp"
#include "serve/asking.hpp"
#include "serve/certificate_ends.hpp"
#include "serve/certificate_watch.hpp"
#include "serve/course.hpp"
#include "serve/current_access.hpp"
#include "serve/embedded_pages.hpp"
#include "serve/entering.hpp"
#include "serve/exposure.hpp"
#include "serve/handlers.hpp"
#include "serve/log_output.hpp"
#include "serve/options.hpp"
#include "serve/refusal_log.hpp"
#include "serve/reload.hpp"
#include "serve/service_protocol.hpp"
#include "serve/telling.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
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
  std::optional<Retention> history;           // of every room
  RoomPresence presence = RoomPresence::off;  // the same

  bool takes_anybody() const { return is_dev && !Access::is_guarded(config); }
  bool allows_any_room() const { return is_dev && config.rooms.empty(); }
  bool rules_all_rooms() const { return history || presence != RoomPresence::off; }
  bool any_presence() const {
    return presence != RoomPresence::off ||
           std::any_of(config.rooms.begin(), config.rooms.end(), [](const auto& room) { return room.has_presence(); });
  }
};

Plan plan_of(const ServeArguments& arguments, const config::Config& config) {
  Plan plan{config, arguments.dev, std::nullopt};
  if (arguments.history) plan.history = std::get<Retention>(config::parse_retention(*arguments.history));
  if (arguments.presence) plan.presence = *parse_presence(*arguments.presence);
  return plan;
}

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
  write_patiently(STDOUT_FILENO, lines);
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

Options options_of(const ServeArguments& arguments, const CurrentAccess& access, const Asking& asking, const Plan& plan,
                   BackendThread& backend) {
  Options options = options_from(plan.config, raise_descriptor_limit());
  add_handlers(options, access, asking, plan.allows_any_room());
  options.executor = backend.executor();
  if (plan.config.broker.url) options.broker = make_redis_broker(*plan.config.broker.url);
  if (plan.rules_all_rooms()) options.room_rules = rules_for_all(plan.history, plan.presence);
  options.history_rolled_back = [](const HistoryRolledBack&) {};  // the server's log says it
  if (plan.is_dev) {
    options.allowed_hosts = hosts_of(arguments.allow_origins);
    options.pages = playground_pages({options.path, name_of(options.encryption), plan.any_presence()});
  }
  return options;
}

std::unique_ptr<const Telling> telling_of(const CurrentAccess& access, BackendThread& backend, const Entered& entered) {
  if (backend.events() == nullptr) return nullptr;
  return std::make_unique<const Telling>(*backend.events(), access, entered.node, entered.list != nullptr);
}

void warn_of_name(const Server& server, const std::string& wanted, const std::string& name) {
  if (name == wanted) return;
  server.log(LogLevel::warning, "an instance named " + wanted + " lives (server.name); this one is " + name);
}

// If it could not say who has gone, another instance says that all have.
void finish_events(BackendThread& backend) {
  constexpr std::chrono::seconds kPatience{10};
  if (backend.events() == nullptr || backend.events()->finish(kPatience)) return;
  backend.stay_listed();
  say_error("hearth: " + std::to_string(backend.events()->statistics().queued) +
            " events were not taken within 10 s, and are lost");
}

ApiSources sources_of(const config::Config& config, BackendThread& backend, const Reload& reload,
                      const CertificateEnds& ends, const AccessCounts& counts) {
  ApiSources sources;
  if (!config.server.tls.certificates.empty() || !config.api.tls.certificates.empty()) {
    sources.certificates = [&ends] { return ends.list(); };
  }
  sources.access = [&counts] { return counts.statistics(); };
  sources.reload = [&reload] { return reload.figures(); };
  sources.backend = [&asked = backend.backend()] { return asked.statistics(); };
  sources.key_sets = [&sets = backend.key_sets()] { return sets.statistics(); };
  if (backend.events() != nullptr) {
    sources.events = [told = backend.events()] { return told->statistics(); };
    sources.events_to = config.events.to == config::EventsTo::redis ? "stream" : "webhook";
  }
  return sources;
}

/// Has a thread log nothing any more, before the log ends.
class Quieting {
 public:
  explicit Quieting(BackendThread& thread) noexcept : thread_(thread) {}
  ~Quieting() { thread_.quiet(); }  // NOLINT(bugprone-exception-escape): for want of memory alone, at the end
  Quieting(const Quieting&) = delete;
  Quieting& operator=(const Quieting&) = delete;

 private:
  BackendThread& thread_;
};

/// Those of the server and of the API: all of them or none.
bool reload_certificates(Server& server, ApiListener& api, CertificateEnds& ends, const config::Config& config) {
  try {
    auto of_api = api_tls_from(config);
    if (!config.server.tls.certificates.empty()) server.reload_tls(tls_options_from(config.server.tls));
    if (of_api) api.set_tls(*std::move(of_api));
  } catch (const std::exception& error) {
    server.log(LogLevel::error, std::string("certificates have changed, and cannot be loaded; the old ones stay, and "
                                            "it is tried again: ") +
                                    error.what());
    return false;
  }
  ends.read(config);
  server.log(LogLevel::info, "certificates have changed, and are loaded");
  return true;
}

}  // namespace

int serve(const ServeArguments& given) {
  ServeArguments arguments = given;
  arguments.sockets = take_handed_sockets();
  Reload reload(arguments, load_for(arguments));
  const auto loaded = reload.loaded();
  config::print(std::cerr, loaded->problems);
  if (!loaded->is_good()) return 2;
  const ShutdownSignals signals;
  const auto entered = enter(loaded->config, signals);
  if (!entered) return 0;
  config::Config config = loaded->config;
  config.server.name = entered->node.name;
  const Plan plan = plan_of(arguments, config);
  Server* running = nullptr;  // before anybody can ask
  RefusalLog refusals([&running](LogLevel level, std::string_view line) { running->log(level, line); });
  const Access::Say say = [&refusals](std::string_view line) { refusals(line); };
  AccessCounts counts;
  CurrentAccess access(std::make_shared<const Access>(loaded->config, plan.is_dev, say, counts));
  CertificateWatch certificates(loaded->config);
  CertificateEnds ends(loaded->config);
  std::unique_ptr<const Asking> asking;  // outlives the thread that it is asked on
  std::unique_ptr<const Telling> telling;
  BackendThread backend(config, entered->node, access.get()->verifier(),
                        [&running](LogLevel level, std::string_view line) { running->log(level, line); });
  asking = std::make_unique<const Asking>(access, backend.backend(), backend.key_sets(), entered->node,
                                          [&running]() -> Server& { return *running; });
  telling = telling_of(access, backend, *entered);
  LogOutput lines(config.log, config.server.name);
  Options options = options_of(arguments, access, *asking, plan, backend);
  options.log_record = [&lines](const LogRecord& record) { lines.write(record); };
  add_messages(options, access, *asking, telling.get());
  if (telling) add_events(options, *telling);
  Server server(std::move(options));
  running = &server;
  const Quieting quieting(backend);
  warn_of_name(server, loaded->config.server.name, config.server.name);
  backend.start();
  if (entered->list) backend.watch_nodes(*entered->list, config.events.lost_after, telling->for_watch());
  ApiListener api(config, {server, [&signals] { signals.wake(); }, [&] { return lines.reopen(), reload.run(); },
                           [&reload] { return reload.loaded(); }, plan.allows_any_room(), revision(),
                           sources_of(config, backend, reload, ends, counts), watchdog_period() / 2,
                           [] { tell_service("WATCHDOG=1"); }, api_tls_from(config), dashboard_pages()});
  reload.attach({server, access, api, certificates, backend, say, counts, access.get()->rooms_of_everybody()});
  Course course(server, api, signals, {reload, certificates, lines});
  certificates.start([&] { return reload_certificates(server, api, ends, reload.loaded()->config); });
  if (telling) telling->node("started");  // before the first client, and sent once it is true
  const int code = course.run(
      [&] {
        warn_of_dev_mode(plan, server.addresses());
        say_where_it_listens(server, api, plan);
        backend.start_events();
        tell_service("READY=1");
      },
      [&telling] {
        if (telling) telling->node("stopping");
      });
  finish_events(backend);
  return code;
}

}  // namespace hearth::app
