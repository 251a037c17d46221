#include "commands/commands.hpp"
#include "commands/redis_flag.hpp"
#include "commands/token_claims.hpp"
#include "hearth/jwt_signer.hpp"
#include "load/bench_run.hpp"
#include "load/sockets.hpp"
#include "usage_error.hpp"

#include <CLI/App.hpp>
#include <CLI/Validators.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::app {

namespace {

/// What was said of the load. What was not, the scenario decides.
struct LoadArguments {
  std::optional<std::int64_t> clients;
  std::int64_t threads = 1;
  std::optional<std::int64_t> window;
  std::optional<double> rate;
  std::int64_t bytes = 64;
  double duration = 10;  ///< seconds
  std::optional<std::int64_t> messages;
  double warm_up = 2;  ///< seconds
  std::optional<std::int64_t> rooms;
  std::optional<std::int64_t> members;
  std::optional<double> zipf;
  std::optional<double> churn;
  std::optional<double> reconnects;
  std::optional<std::int64_t> missed;
};

/// What `hearth bench` was told on the command line.
struct BenchArguments {
  std::string scenario;
  std::string url{"ws://127.0.0.1:8080/ws"};
  std::string ca;
  bool insecure = false;
  LoadArguments load;
  bool since = false;
  bool encrypt = false;
  bool deflate = false;
  std::string token;
  std::string key;
  std::string algorithm;
  std::string claims{"{}"};
  std::string send{"publish"};
  std::string via{"client"};
  std::string redis;
  std::vector<std::int64_t> pids;
  bool json = false;
};

using load::Plan;
using load::Scenario;

constexpr std::chrono::hours kWeek{24 * 7};
constexpr std::int64_t kMostAtOnce = 1'000'000;
constexpr std::int64_t kMostBytes = std::int64_t{16} * 1024 * 1024;
constexpr std::int64_t kMostClients = 1'000'000;
constexpr std::int64_t kMostMessages = 1'000'000'000'000;
constexpr std::int64_t kMostRooms = 10'000'000;
constexpr std::int64_t kMostRecovered = 50;    // in one join
constexpr std::int64_t kMostMissed = 100'000;  // a history has no more
constexpr std::int64_t kMostThreads = 64;
constexpr double kMostARate = 1e9;

/// What a scenario does if nothing else is asked for.
struct Defaults {
  Scenario scenario;
  std::int64_t clients;
  std::int64_t window;
  std::int64_t rooms;  ///< for `connect` and `idle` those that each client joins, otherwise those that there are
  std::int64_t members;
  double zipf;
  double churn;
  double reconnects;
};

constexpr Defaults kDefaults[] = {
    {Scenario::connect, 1000, 64, 4, 10, 0, 0, 0},  {Scenario::echo, 50, 1, 0, 0, 0, 0, 0},
    {Scenario::fanout, 1000, 1, 0, 0, 0, 0, 0},     {Scenario::rooms, 1000, 1, 100, 20, 1, 100, 0},
    {Scenario::mixed, 1000, 4, 100, 20, 1, 50, 10}, {Scenario::idle, 1000, 64, 4, 10, 0, 0, 0},
    {Scenario::recover, 1000, 1000, 3, 0, 0, 0, 0}};

constexpr std::int64_t kMissed = 50;

const Defaults& defaults_of(const std::string& scenario) {
  for (const Defaults& defaults : kDefaults) {
    if (scenario == load::name_of(defaults.scenario)) return defaults;
  }
  throw UsageError("there is no scenario `" + scenario + "`");
}

std::int64_t number(const char* name, std::int64_t value, std::int64_t least, std::int64_t most) {
  if (value < least || value > most) {
    throw UsageError(std::string(name) + " is " + std::to_string(value) + "; it goes from " + std::to_string(least) +
                     " to " + std::to_string(most));
  }
  return value;
}

std::size_t size(const char* name, std::int64_t value, std::int64_t least, std::int64_t most) {
  return static_cast<std::size_t>(number(name, value, least, most));
}

double rate(const char* name, double value) {
  if (!(value >= 0 && value <= kMostARate)) {
    throw UsageError(std::string(name) + " is no number from 0 to " + std::to_string(std::llround(kMostARate)));
  }
  return value;
}

std::chrono::milliseconds time(const char* name, double seconds, double least) {
  if (!(seconds >= least && seconds <= std::chrono::duration<double>(kWeek).count())) {
    throw UsageError(std::string(name) + " is no time in seconds between " + (least > 0 ? "0.1" : "0") + " and a week");
  }
  return std::chrono::milliseconds(std::llround(seconds * 1000));
}

load::SocketTls read_tls(const BenchArguments& arguments, std::string host) {
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  try {
    return load::make_socket_tls(std::move(host), arguments.ca, arguments.insecure);
  } catch (const std::invalid_argument& error) {
    throw UsageError("--ca: " + std::string(error.what()));
  }
}

void read_url(const BenchArguments& arguments, Plan& plan) {
  const std::string& url = arguments.url;
  const bool is_tls = url.starts_with("wss://");
  const std::string_view scheme = is_tls ? "wss://" : "ws://";
  if (!url.starts_with(scheme)) throw UsageError("the URL `" + url + "` does not begin with ws:// or wss://");
  if (!is_tls && (arguments.insecure || !arguments.ca.empty())) throw UsageError("--ca and --insecure are for wss://");
  if (arguments.insecure && !arguments.ca.empty()) throw UsageError("--insecure trusts anybody; --ca has no use then");
  const std::string rest = url.substr(scheme.size());
  const std::size_t slash = rest.find('/');
  plan.url = url;
  plan.host = rest.substr(0, slash);
  plan.path = slash == std::string::npos ? "/" : rest.substr(slash);
  const std::size_t colon = plan.host.find(':', plan.host.rfind(']') + 1);
  const bool has_port = colon != std::string::npos;
  try {
    plan.addresses = net::resolve(has_port ? plan.host : plan.host + (is_tls ? ":443" : ":80"));
  } catch (const std::invalid_argument& error) {
    throw UsageError("the URL `" + url + "`: " + error.what());
  }
  if (is_tls) plan.tls = read_tls(arguments, plan.host.substr(0, colon));
}

/// With a key each client has a token of its own.
std::shared_ptr<const load::ClientTokens> read_tokens(const BenchArguments& arguments, const Plan& plan) {
  if (arguments.key.empty()) {
    if (!arguments.algorithm.empty() || arguments.claims != "{}") throw UsageError("--alg and --claims go with --key");
    return nullptr;
  }
  if (!arguments.token.empty()) throw UsageError("--token is one for all, --key makes one for each; give one of them");
  const auto algorithm = jwt_algorithm(arguments.algorithm);
  if (!algorithm) throw UsageError("--key needs --alg, the algorithm to sign with, such as HS256 or ES256");
  std::ifstream file(arguments.key, std::ios::binary);
  if (!file.is_open()) throw UsageError("--key: " + arguments.key + " cannot be read");
  std::string key{std::istreambuf_iterator<char>(file), {}};
  const bool is_secret = arguments.algorithm.starts_with("HS");
  if (is_secret && key.ends_with('\n')) key.pop_back();
  try {
    return std::make_shared<load::ClientTokens>(JwtSigner(*algorithm, key), TokenClaims(arguments.claims).object(),
                                                plan.duration);
  } catch (const std::invalid_argument& error) {
    throw UsageError(error.what());
  }
}

void check_sense(const BenchArguments& arguments, const Plan& plan) {
  const bool has_rooms = plan.scenario == Scenario::rooms || plan.scenario == Scenario::mixed;
  if (!has_rooms && (arguments.load.zipf || arguments.load.churn)) {
    throw UsageError("--zipf and --churn are for `rooms` and `mixed`");
  }
  if (plan.scenario != Scenario::mixed && arguments.load.reconnects) throw UsageError("--reconnects is for `mixed`");
  if ((plan.scenario == Scenario::echo || plan.scenario == Scenario::fanout) &&
      (arguments.load.rooms || arguments.load.members)) {
    throw UsageError("--rooms and --members are for `rooms`, `mixed`, `connect` and `idle`, --rooms for `recover` too");
  }
  const bool recovers = plan.scenario == Scenario::recover;
  if (recovers && plan.clients < 2) throw UsageError("`recover` needs 2 clients: one publishes, the others come back");
  if (recovers && plan.send_by != load::SendBy::publish) throw UsageError("`recover` is for servers with `publish`");
  if (recovers && (plan.rate > 0 || plan.messages != 0))
    throw UsageError("--rate and --messages are not for `recover`");
  if (recovers && arguments.load.members) throw UsageError("--members is not for `recover`: everybody is in all rooms");
  if (!recovers && arguments.load.missed) throw UsageError("--missed is for `recover`");
  const bool leaves = plan.churn > 0 || plan.reconnects > 0;
  if (plan.since && (plan.scenario == Scenario::echo || leaves)) {
    throw UsageError("--since is for rooms whose members stay: for fanout, connect and idle, and rooms with --churn 0");
  }
  if (arguments.via == "redis" && plan.scenario != Scenario::fanout) throw UsageError("--via redis is for `fanout`");
  if ((arguments.via == "redis") == arguments.redis.empty()) {
    throw UsageError("--via redis and the --redis URL go together");
  }
  if (plan.rate > 0 && arguments.load.window) {
    throw UsageError("--window is for the closed loop, --rate for the open one; give one of them");
  }
  if (plan.messages != 0 && !plan.has_traffic()) throw UsageError("--messages is for scenarios that send some");
  if (plan.threads > plan.clients) throw UsageError("there are more threads than clients");
}

void read_rooms(const LoadArguments& arguments, const Defaults& defaults, Plan& plan) {
  const bool has_rooms = defaults.members > 0;
  const std::int64_t clients = arguments.clients.value_or(defaults.members);
  const bool recovers = plan.scenario == Scenario::recover;
  plan.rooms = recovers ? size("--rooms", arguments.rooms.value_or(defaults.rooms), 1, kMostRecovered)
                        : size("--rooms", arguments.rooms.value_or(defaults.rooms), 0, kMostRooms);
  plan.members = size("--members", arguments.members.value_or(std::min(defaults.members, clients)), has_rooms ? 1 : 0,
                      kMostClients);
  if (recovers) plan.missed = size("--missed", arguments.missed.value_or(kMissed), 0, kMostMissed);
  plan.zipf = rate("--zipf", arguments.zipf.value_or(defaults.zipf));
  plan.churn = rate("--churn", arguments.churn.value_or(defaults.churn));
  plan.reconnects = rate("--reconnects", arguments.reconnects.value_or(defaults.reconnects));
}

Plan read_plan(const BenchArguments& arguments) {
  const Defaults& defaults = defaults_of(arguments.scenario);
  Plan plan;
  plan.scenario = defaults.scenario;
  plan.clients = size("--clients", arguments.load.clients.value_or(defaults.clients), 1, kMostClients);
  plan.threads = static_cast<unsigned>(number("--threads", arguments.load.threads, 1, kMostThreads));
  plan.window = size("--window", arguments.load.window.value_or(defaults.window), 1, kMostAtOnce);
  plan.rate = rate("--rate", arguments.load.rate.value_or(0));
  plan.bytes = size("--bytes", arguments.load.bytes, 0, kMostBytes);
  if (arguments.load.messages) plan.messages = size("--messages", *arguments.load.messages, 1, kMostMessages);
  plan.duration = time("--duration", arguments.load.duration, 0.1);
  plan.warm_up = time("--warm-up", arguments.load.warm_up, 0);
  if (plan.messages != 0) {
    plan.warm_up = std::chrono::milliseconds(0);
    plan.duration = kWeek;
  }
  read_rooms(arguments.load, defaults, plan);
  plan.since = arguments.since || plan.scenario == Scenario::recover;
  plan.encrypt = arguments.encrypt;
  plan.deflate = arguments.deflate;
  plan.token = arguments.token;
  plan.tokens = read_tokens(arguments, plan);
  plan.send_by = arguments.send == "application" ? load::SendBy::application : load::SendBy::publish;
  plan.redis = arguments.redis;
  for (const std::int64_t pid : arguments.pids) {
    plan.pids.push_back(static_cast<int>(number("--pid", pid, 1, std::numeric_limits<int>::max())));
  }
  read_url(arguments, plan);
  check_sense(arguments, plan);
  return plan;
}

std::vector<std::string> scenarios() {
  std::vector<std::string> names;
  for (const Defaults& defaults : kDefaults) names.emplace_back(load::name_of(defaults.scenario));
  return names;
}

void describe_load(CLI::App& bench, LoadArguments& arguments) {
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
  bench.add_option("--missed", arguments.missed,
                   "For recover: messages of each room that are sent while nobody is there");
}

void describe(CLI::App& bench, BenchArguments& arguments) {
  bench.add_option("scenario", arguments.scenario, "connect, echo, fanout, rooms, mixed, idle or recover")
      ->required()
      ->check(CLI::IsMember(scenarios()));
  bench.add_option("url", arguments.url, "The server")->capture_default_str();
  bench.add_option("--ca", arguments.ca, "For wss://: authorities to trust, a PEM file, in place of the system's");
  bench.add_flag("--insecure", arguments.insecure, "For wss://: takes any certificate");
  describe_load(bench, arguments.load);
  bench.add_flag("--since", arguments.since, "Clients join rooms with positions; those have to remember");
  bench.add_flag("--encrypt", arguments.encrypt, "Clients have keys, and encrypt");
  bench.add_flag("--deflate", arguments.deflate, "Clients offer permessage-deflate");
  bench.add_option("--token", arguments.token, "`token` in every client's auth data; otherwise one for each");
  bench.add_option(
      "--key", arguments.key,
      "Sign a token for each client, of the user bench-<number>, with the secret or private key in this file");
  bench.add_option("--alg", arguments.algorithm, "Algorithm to sign with, for --key: HS256, ES256, ...");
  bench.add_option("--claims", arguments.claims, "More claims of these tokens, a JSON object")->capture_default_str();
  bench.add_option("--send", arguments.send, "How clients send: publish, or events that the application answers")
      ->capture_default_str()
      ->check(CLI::IsMember({"publish", "application"}));
  bench.add_option("--via", arguments.via, "Who publishes in fanout: a client, or redis")
      ->capture_default_str()
      ->check(CLI::IsMember({"client", "redis"}));
  bench.add_option("--redis", arguments.redis, "URL of the cluster's Redis, for --via redis")
      ->check(CLI::Validator(check_redis, ""));
  bench.add_option("--pid", arguments.pids,
                   "Process of the server on this machine, whose CPU time and memory to measure; several: their sum");
  bench.add_flag("--json", arguments.json, "Print JSON");
  bench.footer(R"(Examples:
  hearth bench echo ws://127.0.0.1:8080/ws --clients 200 --duration 5
  hearth bench fanout --clients 1000 --window 16 --pid 4711
  hearth bench mixed --clients 2000 --rate 500 --json
  hearth bench recover --clients 10000 --missed 50 --pid 4711
  hearth bench echo --key secret.txt --alg HS256 --claims '{"aud":"hearth","hearth":{"join":["bench-*"]}}'
Exit code: 0; 1 if anything was missing, doubled, out of order or failed; 2 if the arguments are wrong.)");
}

// Throws std::runtime_error if there was nothing to measure.
int run(const BenchArguments& arguments) {
  Plan plan;
  try {
    plan = read_plan(arguments);
  } catch (const UsageError& error) {
    std::cerr << "hearth bench: " << error.what() << '\n';
    return 2;
  }
  const load::Results results = load::run(plan);
  if (arguments.json) {
    load::print_json(std::cout, plan, results);
  } else {
    load::print_table(std::cout, plan, results);
  }
  return results.good() ? 0 : 1;
}

}  // namespace

void add_bench(CommandList& commands) {
  commands.add<BenchArguments>("bench", "Put load on a server, check what it delivers, and measure", describe, run);
}

}  // namespace hearth::app
