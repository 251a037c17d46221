#include "serve/reload.hpp"

#include "config/changes.hpp"
#include "config/retention.hpp"
#include "config/text_checks.hpp"
#include "process/descriptor_limit.hpp"
#include "serve/options.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <string_view>
#include <utility>

namespace hearth::app {

namespace {

bool is_within(std::string_view path, std::string_view section) {
  return path.starts_with(section) && (path.size() == section.size() || path[section.size()] == '.');
}

void check_origins(const std::vector<std::string>& origins, config::Problems& problems) {
  const config::Origin flag(config::Origin::Source::flag, "--allow-origin");
  for (const std::string& origin : origins) {
    if (const config::Wrong wrong = config::check_origin(origin)) problems.push_back({flag, "the value " + *wrong});
  }
}

void check_clients(config::Loaded& loaded, bool is_dev) {
  if (is_dev || Access::is_guarded(loaded.config) || !loaded.is_good()) return;
  loaded.problems.push_back({{config::Origin::Source::file, *loaded.file},
                             "nobody could connect: there is no [[auth.jwt]], and auth.anonymous is false. `hearth "
                             "config init other.toml` shows how the first is written; with --dev everybody can"});
}

std::string listed(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

bool remembers(const config::Config& config) {
  return std::any_of(config.rooms.begin(), config.rooms.end(),
                     [](const config::RoomConfig& room) { return room.history_size > 0; });
}

bool has_memory(const config::Config& config) {
  return std::any_of(config.rooms.begin(), config.rooms.end(), [](const config::RoomConfig& room) {
    return room.history_size > 0 || room.slow_consumer.has_value();
  });
}

bool has_presence(const config::Config& config) {
  return std::any_of(config.rooms.begin(), config.rooms.end(),
                     [](const config::RoomConfig& room) { return room.has_presence(); });
}

bool has_key_urls(const config::AuthConfig& auth) {
  return std::any_of(auth.jwt.begin(), auth.jwt.end(), [](const auto& jwt) { return jwt.jwks_url.has_value(); });
}

bool changes_issuers(const std::vector<config::Change>& changes) {
  return std::any_of(changes.begin(), changes.end(),
                     [](const config::Change& change) { return is_within(change.path, "auth.jwt"); });
}

/// Whether nobody has to leave a room that everybody is in.
bool has_all(const std::vector<std::string>& fresh, const std::vector<std::string>& running) {
  return std::all_of(running.begin(), running.end(), [&](const std::string& room) {
    return std::find(fresh.begin(), fresh.end(), room) != fresh.end();
  });
}

double unix_time() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// Sockets that were handed in take the place of those of the configuration, also of one that is read anew.
void take_sockets(const HandedSockets& sockets, config::Loaded& loaded) {
  if (!sockets.ws.empty()) loaded.config.server.listen = sockets.ws;
  if (sockets.api.empty()) return;
  loaded.config.api.listen = sockets.api;
  if (!loaded.config.api.keys.empty()) return;
  loaded.problems.push_back({{config::Origin::Source::environment, "LISTEN_FDNAMES"},
                             "hands in a socket for the API, and there are no [[api.keys]]: anybody who reaches it "
                             "could publish to everybody; give keys"});
}

/// Whether what is said of every room may stand there: a flag, what is wrong with its value, if anything is, and the
/// key of rules in whose place it stands.
void check_of_all_rooms(const ServeArguments& arguments, config::Loaded& loaded, const std::string& name,
                        const std::string& wrong, const std::string& key) {
  const config::Origin flag(config::Origin::Source::flag, name);
  if (!wrong.empty()) {
    loaded.problems.push_back({flag, "the value " + wrong});
  } else if (!arguments.dev || !loaded.config.rooms.empty()) {
    loaded.problems.push_back({flag, "is for development mode without [[rooms]]; give the rules " + key});
  }
}

void check_all_rooms(const ServeArguments& arguments, config::Loaded& loaded) {
  if (arguments.history) {
    const auto read = config::parse_retention(*arguments.history);
    const auto* wrong = std::get_if<std::string>(&read);
    check_of_all_rooms(arguments, loaded, "--history", wrong != nullptr ? *wrong : "", "a history_size");
  }
  if (arguments.presence) {
    const bool is_right = parse_presence(*arguments.presence).has_value();
    check_of_all_rooms(arguments, loaded, "--presence",
                       is_right ? "" : "is `" + *arguments.presence + "`; it has to be `members` or `count`",
                       "presence");
  }
}

}  // namespace

config::Loaded load_for(const ServeArguments& arguments) {
  config::Loaded loaded = config::load({arguments.config, arguments.flags, config::environment(), arguments.dev});
  check_origins(arguments.allow_origins, loaded.problems);
  std::vector<std::string>& origins = loaded.config.server.allowed_origins;
  origins.insert(origins.end(), arguments.allow_origins.begin(), arguments.allow_origins.end());
  check_all_rooms(arguments, loaded);
  check_clients(loaded, arguments.dev);
  take_sockets(arguments.sockets, loaded);
  return loaded;
}

Reload::Reload(ServeArguments arguments, config::Loaded loaded)
    : arguments_(std::move(arguments)),
      remembers_(remembers(loaded.config)),
      has_memory_(has_memory(loaded.config)),
      has_presence_(has_presence(loaded.config)),
      loaded_(std::make_shared<const config::Loaded>(std::move(loaded))) {
  figures_.finished_at = unix_time();
}

std::shared_ptr<const config::Loaded> Reload::loaded() const {
  const std::lock_guard lock(mutex_);
  return loaded_;
}

ReloadFigures Reload::figures() const {
  const std::lock_guard lock(mutex_);
  return figures_;
}

void Reload::note(bool was_successful) {
  const std::lock_guard lock(mutex_);
  figures_.was_successful = was_successful;
  if (was_successful) figures_.finished_at = unix_time();
}

ReloadOutcome Reload::run() {
  const std::lock_guard one(running_);
  ReloadOutcome outcome;
  try {
    outcome = attempt();
  } catch (const std::exception& error) {
    outcome.problems = {error.what()};
  }
  note(outcome.is_done());
  Server& server = parts_->server;
  if (outcome.is_done()) {
    server.log(LogLevel::info,
               "the configuration is reloaded; " + (outcome.changed.empty() ? std::string("nothing has changed")
                                                                            : "changed: " + listed(outcome.changed)));
  }
  for (const std::string& problem : outcome.problems) {
    server.log(LogLevel::error, "the configuration is not reloaded, and all stays as it was: " + problem);
  }
  return outcome;
}

std::vector<std::string> Reload::obstacles(const config::Config& fresh) const {
  const config::Config& running = loaded()->config;
  std::vector<std::string> found;
  const auto changes = config::changes_between(running, fresh);
  for (const config::Change& change : changes) {
    if (change.needs_restart) found.push_back(change.path + " has changed, which needs a restart");
  }
  if (!remembers_ && remembers(fresh)) {
    found.emplace_back("rooms.history_size: a server that began without any room that remembers needs a restart");
  }
  if (!has_memory_ && has_memory(fresh) && !remembers(fresh)) {
    found.emplace_back("rooms.slow_consumer: a server that began without any room that has one needs a restart");
  }
  if (!has_presence_ && has_presence(fresh)) {
    found.emplace_back("rooms.presence: a server that began without any room that has presence needs a restart");
  }
  if (running.server.tls.certificates.empty() != fresh.server.tls.certificates.empty()) {
    found.emplace_back("server.tls.certificates: whether the server speaks TLS needs a restart");
  }
  if (running.api.tls.certificates.empty() != fresh.api.tls.certificates.empty()) {
    found.emplace_back("api.tls.certificates: whether the API speaks TLS needs a restart");
  }
  if (arguments_.dev && running.rooms.empty() != fresh.rooms.empty()) {
    found.emplace_back("rooms: whether there are rules at all needs a restart in development mode");
  }
  return found;
}

// Both or none.
void Reload::change_server(const config::Config& fresh) {
  Server& server = parts_->server;
  const Settings before = server.settings();
  Settings settings = settings_of(options_from(fresh, raise_descriptor_limit()));
  // The one rule of all rooms is the command line's.
  if (arguments_.history || arguments_.presence) settings.room_rules = before.room_rules;
  server.update(settings);
  if (fresh.server.tls.certificates.empty()) return;
  try {
    server.reload_tls(tls_options_from(fresh.server.tls));
  } catch (...) {
    server.update(before);
    throw;
  }
}

// What can fail comes first: what follows cannot.
ReloadOutcome Reload::attempt() {
  ReloadOutcome outcome;
  auto fresh = std::make_shared<const config::Loaded>(load_for(arguments_));
  for (const config::Problem& problem : fresh->problems) {
    if (!problem.is_warning) outcome.problems.push_back(problem.str());
  }
  if (!outcome.is_done()) return outcome;
  outcome.problems = obstacles(fresh->config);
  if (!outcome.is_done()) return outcome;

  const auto changes = config::changes_between(loaded()->config, fresh->config);
  // Keys that were fetched are kept; a `jwks_file` may have another content.
  const bool keeps = has_key_urls(fresh->config.auth) && !changes_issuers(changes);
  const auto kept = keeps ? parts_->access.get()->verifier() : nullptr;
  auto access =
      std::make_shared<const Access>(fresh->config, arguments_.dev, parts_->say, parts_->counts, parts_->put, kept);
  if (!has_all(access->rooms_of_everybody(), parts_->put)) {
    outcome.problems.emplace_back("auth.auto_join: a room that everybody is in can be left out only by a restart");
    return outcome;
  }
  ApiGate gate(fresh->config.api.keys);
  auto api_tls = api_tls_from(fresh->config);
  change_server(fresh->config);

  for (const config::Change& change : changes) {
    outcome.changed.push_back(change.path);
  }
  // The verifier is given the keys that are there, before it is asked.
  parts_->backend.update(fresh->config, access->verifier());
  parts_->access.set(std::move(access));
  parts_->api.set_gate(std::move(gate));
  if (api_tls) parts_->api.set_tls(*std::move(api_tls));
  parts_->certificates.watch(fresh->config);
  const std::lock_guard lock(mutex_);
  loaded_ = std::move(fresh);
  return outcome;
}

}  // namespace hearth::app
