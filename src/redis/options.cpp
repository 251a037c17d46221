#include "hearth/redis_options.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace hearth {

namespace {

[[noreturn]] void bad_url(const std::string& what) { throw std::invalid_argument("hearth: Redis URL: " + what); }
[[noreturn]] void bad_option(const std::string& what) { throw std::invalid_argument("hearth: Redis options: " + what); }

struct Scheme {
  std::string_view name;
  RedisTopology topology;
  bool tls;
  bool unix_socket;
};

constexpr std::array kSchemes{
    Scheme{"redis", RedisTopology::single, false, false},
    Scheme{"rediss", RedisTopology::single, true, false},
    Scheme{"unix", RedisTopology::single, false, true},
    Scheme{"redis+unix", RedisTopology::single, false, true},
    Scheme{"redis-sentinel", RedisTopology::sentinel, false, false},
    Scheme{"rediss-sentinel", RedisTopology::sentinel, true, false},
    Scheme{"redis-cluster", RedisTopology::cluster, false, false},
    Scheme{"rediss-cluster", RedisTopology::cluster, true, false},
};

constexpr std::uint16_t kSentinelPort = 26379;
constexpr unsigned kMostReplicas = 1000;
constexpr std::chrono::hours kLongest{24 * 365};  // so that no clock overflows

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Undoes percent-encoding. `part` names where it stands.
std::string decoded(std::string_view text, std::string_view part) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned value = 0;
    const std::string_view digits = text.substr(i + 1, 2);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() != 2 || error != std::errc() || end != digits.data() + 2) {
      bad_url("the " + std::string(part) + " has a `%` that two hexadecimal digits do not follow; write %25 for it");
    }
    out += static_cast<char>(value);
    i += 2;
  }
  return out;
}

/// What stands before the first `separator`, which is taken out of `rest` together with it; all if there is none.
std::string_view take_until(std::string_view& rest, char separator) {
  const std::size_t at = rest.find(separator);
  const std::string_view taken = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
  return taken;
}

RedisEndpoint endpoint(std::string_view text, std::uint16_t default_port) {
  std::string_view host = text;
  std::optional<std::string_view> port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) bad_url("the host `" + std::string(text) + "` has no closing `]`");
    host = text.substr(1, end - 1);
    const std::string_view rest = text.substr(end + 1);
    if (!rest.empty() && rest.front() != ':') bad_url("after `]` comes `" + std::string(rest) + "`; a `:port` may");
    if (!rest.empty()) port = rest.substr(1);
  } else if (const std::size_t colon = text.rfind(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
    if (host.find(':') != std::string_view::npos) {
      bad_url("the host `" + std::string(host) + "` is an IPv6 address; put it in brackets");
    }
  }
  if (host.empty()) bad_url("a host is missing, such as in redis://127.0.0.1:6379");
  RedisEndpoint result{decoded(host, "host"), default_port, {}};
  if (port) {
    const auto value = number(*port);
    if (!value || *value == 0 || *value > 65535) {
      bad_url("the port `" + std::string(*port) + "` is no number from 1 to 65535");
    }
    result.port = static_cast<std::uint16_t>(*value);
  }
  return result;
}

void read_authority(RedisOptions& options, std::string_view authority) {
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    std::string_view credentials = authority.substr(0, at);
    authority.remove_prefix(at + 1);
    if (credentials.find(':') == std::string_view::npos) {
      bad_url("before the `@` stands a user without a password; write user:password@ or :password@");
    }
    options.user = decoded(take_until(credentials, ':'), "user");
    options.password = decoded(credentials, "password");
  }
  const std::uint16_t default_port = options.topology == RedisTopology::sentinel ? kSentinelPort : 6379;
  options.endpoints.clear();
  do {
    options.endpoints.push_back(endpoint(take_until(authority, ','), default_port));
  } while (!authority.empty());
  if (options.topology == RedisTopology::single && options.endpoints.size() > 1) {
    bad_url("several hosts are for redis-sentinel:// and redis-cluster://; redis:// takes one");
  }
}

void read_database(RedisOptions& options, std::string_view text) {
  const auto value = number(text);
  if (!value || *value > 1'000'000) bad_url("the database `" + std::string(text) + "` is no number");
  options.database = static_cast<unsigned>(*value);
}

void read_path(RedisOptions& options, std::string_view path) {
  if (options.topology == RedisTopology::sentinel) {
    options.master_name = decoded(take_until(path, '/'), "name of the master");
    if (options.master_name.empty()) bad_url("the path names no master, as in redis-sentinel://host:26379/mymaster");
  }
  if (!path.empty()) read_database(options, path);
}

using Texts = std::pair<std::string_view, std::string RedisOptions::*>;
using Times = std::pair<std::string_view, std::chrono::milliseconds RedisOptions::*>;
constexpr std::array kTexts{Texts{"name", &RedisOptions::client_name}, Texts{"user", &RedisOptions::user},
                            Texts{"password", &RedisOptions::password},
                            Texts{"sentinel_user", &RedisOptions::sentinel_user},
                            Texts{"sentinel_password", &RedisOptions::sentinel_password}};
constexpr std::array kTimes{Times{"ready_timeout", &RedisOptions::ready_timeout},
                            Times{"connect_timeout", &RedisOptions::connect_timeout},
                            Times{"dead_peer_timeout", &RedisOptions::dead_peer_timeout},
                            Times{"unsubscribe_delay", &RedisOptions::unsubscribe_delay},
                            Times{"resubscribe_time", &RedisOptions::resubscribe_time},
                            Times{"wait_timeout", &RedisOptions::wait_timeout},
                            Times{"history_meta_ttl", &RedisOptions::history_meta_ttl}};

bool read_text(RedisOptions& options, std::string_view key, const std::string& value) {
  for (const auto& [name, member] : kTexts) {
    if (key == name) return options.*member = value, true;
  }
  if (key == "ca") return options.tls.ca_file = value, true;
  if (key == "cert") return options.tls.certificate_file = value, true;
  if (key == "key") return options.tls.key_file = value, true;
  if (key == "server_name") return options.tls.server_name = value, true;
  return false;
}

bool read_number(RedisOptions& options, std::string_view key, const std::string& value) {
  const auto parsed = [&] {
    const auto result = number(value);
    if (!result || *result > 1'000'000'000'000) bad_url("the option " + std::string(key) + " is no number");
    return *result;
  };
  for (const auto& [name, member] : kTimes) {
    if (key == name) return options.*member = std::chrono::milliseconds(parsed()), true;
  }
  if (key == "queue_limit") return options.queue_limit = parsed(), true;
  if (key == "wait_replicas") {
    options.wait_replicas = static_cast<unsigned>(std::min<std::uint64_t>(parsed(), kMostReplicas + 1));
    return true;
  }
  return false;
}

void read_option(RedisOptions& options, std::string_view key, const std::string& value) {
  if (read_text(options, key, value) || read_number(options, key, value)) return;
  if (key == "database") return read_database(options, value);
  if (key == "run_id_guard") {
    if (value != "true" && value != "false") {
      bad_url("the option run_id_guard is `" + value + "`; it may be true or false");
    }
    options.run_id_guard = value == "true";
    return;
  }
  if (key != "subscriptions") bad_url("there is no option `" + std::string(key) + "`");
  if (value != "interest" && value != "pattern") {
    bad_url("the option subscriptions is `" + value + "`; it may be interest or pattern");
  }
  options.subscriptions = value == "pattern" ? RedisSubscriptions::pattern : RedisSubscriptions::interest;
}

void read_socket(RedisOptions& options, std::string_view path) {
  if (!path.starts_with('/')) bad_url("a Unix socket needs its whole path, as in redis+unix:///run/redis.sock");
  options.endpoints = {{.host = {}, .port = 0, .unix_path = decoded(path, "path")}};
}

void read_query(RedisOptions& options, std::string_view query) {
  while (!query.empty()) {
    std::string_view value = take_until(query, '&');
    const std::string_view key = take_until(value, '=');
    read_option(options, key, decoded(value, "option " + std::string(key)));
  }
}

/// A `/` or `?` in a password ends it too early, and pieces of it then stand in other parts, which no complaint may
/// show. What tells is an `@` after it.
bool may_show_password(std::string_view authority, std::string_view rest) {
  return authority.find('@') == std::string_view::npos && rest.find('@') != std::string_view::npos;
}

const Scheme& scheme_of(std::string_view url, std::size_t colon) {
  const std::string_view name = url.substr(0, colon);
  for (const Scheme& scheme : kSchemes) {
    if (colon != std::string_view::npos && scheme.name == name) return scheme;
  }
  if (url.empty()) bad_url("it is empty; write redis://127.0.0.1:6379");
  bad_url(colon == std::string_view::npos
              ? std::string("it has no scheme; write redis://127.0.0.1:6379")
              : "the scheme `" + std::string(name) +
                    "` is none of redis, rediss, redis+unix, redis-sentinel, rediss-sentinel, redis-cluster, "
                    "rediss-cluster");
}

}  // namespace

std::string RedisEndpoint::str() const {
  if (!unix_path.empty()) return "unix:" + unix_path;
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

RedisOptions RedisOptions::from_url(std::string_view url) {
  const std::size_t colon = url.find("://");
  const Scheme& scheme = scheme_of(url, colon);
  RedisOptions options;
  options.topology = scheme.topology;
  options.tls.enabled = scheme.tls;
  std::string_view query = url.substr(colon + 3);
  std::string_view path = take_until(query, '?');
  const std::string_view authority = scheme.unix_socket ? std::string_view() : take_until(path, '/');
  try {
    if (scheme.unix_socket) {
      read_socket(options, path);
    } else {
      read_authority(options, authority);
      read_path(options, path);
    }
    read_query(options, query);
  } catch (const std::invalid_argument&) {
    if (!may_show_password(authority, url.substr(colon + 3 + authority.size()))) throw;
    bad_url("an `@` comes after a `/` or `?`; in a user or password write %2F for a `/` and %3F for a `?`");
  }
  options.check();
  return options;
}

void RedisOptions::check() const {
  using std::chrono::milliseconds;
  if (endpoints.empty()) bad_option("endpoints is empty; give at least one");
  if (topology == RedisTopology::sentinel && master_name.empty()) bad_option("master_name is empty; Sentinels need it");
  if (topology == RedisTopology::cluster && database != 0) bad_option("database must be 0: a Cluster has no other");
  if (!user.empty() && password.empty()) bad_option("user is set and password is empty");
  if (client_name.find_first_of(" \n") != std::string::npos) bad_option("client_name must have no spaces");
  if (tls.certificate_file.empty() != tls.key_file.empty()) {
    bad_option("tls.certificate_file and tls.key_file belong together; one of them is missing");
  }
  if (!tls.enabled && !(tls.ca_file.empty() && tls.certificate_file.empty() && tls.server_name.empty())) {
    bad_option(
        "there are settings for TLS, which is off; switch it on (rediss://, rediss-sentinel://, "
        "rediss-cluster://), or leave them out");
  }
  if (wait_replicas > kMostReplicas) {
    bad_option("wait_replicas is more than " + std::to_string(kMostReplicas) + "; no Redis has so many");
  }
  if (wait_timeout < milliseconds(1) || wait_timeout > std::chrono::seconds(5)) {
    bad_option("wait_timeout must be from 1 ms to 5 s: what comes after waits too");
  }
  if (history_meta_ttl < std::chrono::hours(1) || history_meta_ttl > std::chrono::hours(24 * 3650)) {
    bad_option("history_meta_ttl must be from 1 h to 10 years");
  }
  if (queue_limit == 0) bad_option("queue_limit is 0; nothing could be published");
  for (const auto time : {ready_timeout, connect_timeout, backoff_min, backoff_max, dead_peer_timeout}) {
    if (time <= milliseconds::zero()) bad_option("timeouts and back-offs must be longer than 0");
    if (time > kLongest) bad_option("timeouts and back-offs must be no longer than a year");
  }
  for (const auto& [name, time] :
       {std::pair("unsubscribe_delay", unsubscribe_delay), std::pair("resubscribe_time", resubscribe_time)}) {
    if (time < milliseconds::zero()) bad_option(std::string(name) + " is negative");
    if (time > kLongest) bad_option(std::string(name) + " is longer than a year");
  }
}

}  // namespace hearth
