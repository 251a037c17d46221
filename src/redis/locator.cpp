#include "redis/locator.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

namespace hearth::redis {

namespace {

constexpr std::size_t kMaxNodes = 1000;

std::uint16_t port_of(std::string_view text) {
  std::uint16_t port = 0;
  std::from_chars(text.data(), text.data() + text.size(), port);
  return port;
}

}  // namespace

bool may_be_master(const RespReply& role) { return !role.is_array() || role.text(1) == "master"; }

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
  if (asking_) asking_->close();
}

Awaitable<RedisEndpoint> Locator::ask_sentinels() {
  std::string failures;
  const std::vector<RedisEndpoint> sentinels = nodes_;
  for (std::size_t i = 0; i < sentinels.size() && !cancelled_; ++i) {
    const RedisEndpoint& sentinel = sentinels[next_ % sentinels.size()];
    try {
      RedisEndpoint master = co_await ask_sentinel(sentinel);
      co_return master;
    } catch (const std::exception& error) {
      failures += (failures.empty() ? "" : "; ") + sentinel.str() + ": " + error.what();
    }
    ++next_;
  }
  throw Error("no Sentinel tells where the master `" + options_.master_name + "` is (" + failures + ')');
}

Awaitable<RedisEndpoint> Locator::ask_sentinel(RedisEndpoint sentinel) {
  const auto connection = std::make_shared<Connection>(executor_, tls_);
  asking_ = connection;
  connection->arm(std::min(options_.connect_timeout, std::chrono::milliseconds(1'000)));
  co_await connection->connect(sentinel);
  co_await connection->greet(options_.sentinel_user, options_.sentinel_password, 0, {});
  RespCommand ask = RespCommand::of({"SENTINEL", "get-master-addr-by-name", options_.master_name});
  const RespReply reply = co_await connection->demand("SENTINEL", std::move(ask));
  if (!reply.is_array() || reply.size() < 3) throw Error("it knows no such master");
  RedisEndpoint master{std::string(reply.text(1)), port_of(reply.text(2)), {}};
  co_await learn_sentinels(connection);
  connection->close();
  asking_.reset();
  co_return master;
}

// The reply is an array of arrays, each of keys and values by turns.
Awaitable<void> Locator::learn_sentinels(std::shared_ptr<Connection> connection) {
  RespCommand ask = RespCommand::of({"SENTINEL", "sentinels", options_.master_name});
  const RespReply reply = co_await connection->command(std::move(ask));
  RedisEndpoint found;
  bool has_host = false;
  for (std::size_t i = 1; i + 1 < reply.size(); ++i) {
    if (reply.is(i, RespReply::Type::array)) {
      has_host = false;
      continue;
    }
    if (reply.text(i) == "ip") {
      found.host = std::string(reply.text(i + 1));
      has_host = true;
    } else if (reply.text(i) == "port" && has_host) {
      found.port = port_of(reply.text(i + 1));
      learn(found);
    }
    ++i;  // a value follows each key
  }
}

Awaitable<void> Locator::inspect(Connection& connection) {
  if (options_.topology == RedisTopology::sentinel) {
    RespCommand role = RespCommand::of({"ROLE"});
    const RespReply reply = co_await connection.command(std::move(role));
    if (!may_be_master(reply)) throw Error("it is no master any more");
  }
  if (options_.topology != RedisTopology::cluster) co_return;
  RespCommand slots = RespCommand::of({"CLUSTER", "SLOTS"});
  const RespReply reply = co_await connection.command(std::move(slots));
  // A node is an array of host and port, and more; ranges of slots begin with two integers.
  for (std::size_t i = 0; i + 2 < reply.size(); ++i) {
    const bool is_node = reply.is(i, RespReply::Type::array) && reply.is(i + 1, RespReply::Type::string) &&
                         reply.is(i + 2, RespReply::Type::integer);
    const std::int64_t port = reply.integer(i + 2);
    if (is_node && port > 0 && port < 65536) {
      learn({std::string(reply.text(i + 1)), static_cast<std::uint16_t>(port), {}});
    }
  }
}

void Locator::learn(RedisEndpoint node) {
  if (node.host.empty() || node.port == 0 || nodes_.size() >= kMaxNodes) return;
  if (std::find(nodes_.begin(), nodes_.end(), node) == nodes_.end()) nodes_.push_back(std::move(node));
}

}  // namespace hearth::redis
