#include "redis/locator.hpp"

#include "log/quoted.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace hearth::redis {

namespace {

constexpr std::size_t kMaxNodes = 1000;
constexpr std::size_t kMaxHostLength = 253;  // of a name in the DNS
constexpr std::chrono::milliseconds kSentinelTimeout{1'000};
constexpr std::size_t kMaxFailures = 8;  // that a complaint about all Sentinels tells

std::uint16_t port_of(std::string_view text) {
  std::uint16_t port = 0;
  std::from_chars(text.data(), text.data() + text.size(), port);
  return port;
}

/// Whether it may be a name or an address. It comes from a Sentinel or a node, and goes into lines of the log.
bool is_host(std::string_view text) {
  constexpr std::string_view kOthers = ".-_:%";
  const auto may_stand = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kOthers.find(c) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= kMaxHostLength && std::all_of(text.begin(), text.end(), may_stand);
}

}  // namespace

bool is_usable(const RedisEndpoint& node) { return is_host(node.host) && node.port != 0; }

bool may_be_master(const RespReply& role) { return !role.is_array() || role.text(1) == "master"; }

std::string not_a_master(const RespReply& role) {
  if (role.text(1) != "slave") return "it is no master, its role is " + log::quoted(role.text(1));
  return "it is a replica of " + log::quoted(role.text(2)) +
         ", and what is published there reaches nobody elsewhere; give the master";
}

std::vector<RedisEndpoint> cluster_nodes(const RespReply& slots) {
  std::vector<RedisEndpoint> nodes;
  // A node is an array of host and port, and more; ranges of slots begin with two integers.
  for (std::size_t i = 0; i + 2 < slots.size(); ++i) {
    const bool is_node = slots.is(i, RespReply::Type::array) && slots.is(i + 1, RespReply::Type::string) &&
                         slots.is(i + 2, RespReply::Type::integer);
    const std::int64_t port = slots.integer(i + 2);
    if (is_node && port > 0 && port < 65536) {
      nodes.push_back({std::string(slots.text(i + 1)), static_cast<std::uint16_t>(port), {}});
    }
  }
  return nodes;
}

// The reply is an array of arrays, each of keys and values by turns.
std::vector<RedisEndpoint> other_sentinels(const RespReply& sentinels) {
  std::vector<RedisEndpoint> found;
  std::string host;
  for (std::size_t i = 1; i + 1 < sentinels.size(); ++i) {
    if (sentinels.is(i, RespReply::Type::array)) {
      host.clear();
      continue;
    }
    if (sentinels.text(i) == "ip") host = sentinels.text(i + 1);
    if (sentinels.text(i) == "port" && !host.empty()) found.push_back({host, port_of(sentinels.text(i + 1)), {}});
    ++i;  // a value follows each key
  }
  return found;
}

std::vector<RedisEndpoint> known_nodes(std::vector<RedisEndpoint> seeds, const std::vector<RedisEndpoint>& named) {
  for (const RedisEndpoint& node : named) {
    const bool usable = is_usable(node) && seeds.size() < kMaxNodes;
    if (usable && std::find(seeds.begin(), seeds.end(), node) == seeds.end()) seeds.push_back(node);
  }
  return seeds;
}

Awaitable<RedisEndpoint> Locator::locate() {
  switch (options_.topology) {
    case RedisTopology::sentinel:
      co_return co_await ask_sentinels();
    case RedisTopology::cluster:
      co_return nodes_[next_++ % nodes_.size()];
    case RedisTopology::single:
      break;
  }
  co_return nodes_.front();
}

void Locator::cancel() {
  cancelled_ = true;
  for (const auto& asking : asking_) {
    if (const auto connection = asking.lock()) connection->close();
  }
}

Awaitable<RedisEndpoint> Locator::ask_sentinels() {
  std::string failures;
  const std::vector<RedisEndpoint> sentinels = nodes_;
  for (std::size_t i = 0; i < sentinels.size() && !cancelled_; ++i) {
    const RedisEndpoint& sentinel = sentinels[next_ % sentinels.size()];
    const auto connection = std::make_shared<Connection>(executor_, tls_);
    std::erase_if(asking_, [](const auto& asking) { return asking.expired(); });
    asking_.push_back(connection);
    std::string failure;
    try {
      RedisEndpoint master = co_await ask_sentinel(connection, sentinel);
      co_return master;
    } catch (const std::exception& error) {
      failure = connection->timed_out() ? "no answer in time" : error.what();
    }
    if (i < kMaxFailures) failures += (i == 0 ? "" : "; ") + sentinel.str() + ": " + failure;
    ++next_;
  }
  throw Error("no Sentinel tells where the master `" + options_.master_name + "` is (" + failures + ')');
}

Awaitable<RedisEndpoint> Locator::ask_sentinel(std::shared_ptr<Connection> connection, RedisEndpoint sentinel) {
  connection->arm(std::min(options_.connect_timeout, kSentinelTimeout));
  co_await connection->connect(sentinel);
  co_await connection->greet(options_.sentinel_user, options_.sentinel_password, 0, {});
  RespCommand ask = RespCommand::of({"SENTINEL", "get-master-addr-by-name", options_.master_name});
  const RespReply reply = co_await connection->demand("SENTINEL", std::move(ask));
  if (!reply.is_array() || reply.size() < 3) throw Error("it knows no such master");
  RedisEndpoint master{std::string(reply.text(1)), port_of(reply.text(2)), {}};
  if (!is_usable(master)) {
    throw Error("it names a master that cannot be, " + log::quoted(reply.text(1)) + " port " +
                log::quoted(reply.text(2)));
  }
  co_await learn_sentinels(connection, std::move(sentinel));
  connection->close();
  co_return master;
}

Awaitable<void> Locator::learn_sentinels(std::shared_ptr<Connection> connection, RedisEndpoint asked) {
  RespCommand ask = RespCommand::of({"SENTINEL", "sentinels", options_.master_name});
  const RespReply reply = co_await connection->command(std::move(ask));
  if (!reply.is_array()) co_return;
  std::vector<RedisEndpoint> named = other_sentinels(reply);
  named.push_back(std::move(asked));
  learn(named);
}

Awaitable<void> Locator::inspect(Connection& connection) {
  if (options_.topology != RedisTopology::cluster) {
    RespCommand ask = RespCommand::of({"ROLE"});
    const RespReply role = co_await connection.command(std::move(ask));
    if (may_be_master(role)) co_return;
    throw Error(options_.topology == RedisTopology::sentinel ? kNoMasterAnyMore : not_a_master(role));
  }
  RespCommand ask = RespCommand::of({"CLUSTER", "SLOTS"});
  std::vector<RedisEndpoint> named = cluster_nodes(co_await connection.command(std::move(ask)));
  if (!named.empty()) learn(named);
}

// Who is not named any more is forgotten, so that nobody looks for it where something else may be by now.
void Locator::learn(const std::vector<RedisEndpoint>& named) { nodes_ = known_nodes(options_.endpoints, named); }

}  // namespace hearth::redis
