#pragma once

#include "backend/node_list.hpp"
#include "backend/question.hpp"
#include "hearth/handler.hpp"
#include "hearth/redis_client.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::app {

/// What Redis has said of the list of instances, or why it has not.
struct NodeAnswer {
  std::optional<NodeLook> look{};
  std::string why{};
};

/// The list of the instances that tell events, which they keep in Redis: the hash `hearth:event-nodes`, with a field
/// for each (docs/redis.md). Knows the scripts.
class NodeRegister {
 public:
  /// Connects. Throws std::invalid_argument for a Redis Cluster.
  explicit NodeRegister(std::string_view url) : redis_(url) {}

  // For a thread that may wait. They throw std::runtime_error, which says what Redis does not do:

  /// Calls `slow` if that takes longer than a second.
  void wait_until_ready(const std::function<void()>& slow);
  NodeLook look();
  /// Enters an instance; false if another one has its name by now, but for those that do not count.
  bool enter(const NodeName& node, std::span<const std::string> dead);

  // On the one thread of an executor:

  /// Says that an instance lives, and looks. If it is not there any more it is entered, with a life more. If somebody
  /// reports it as lost, it stays as it is.
  Awaitable<NodeAnswer> beat(boost::asio::any_io_executor executor, const NodeName& node, std::uint64_t life,
                             bool tells);
  /// From now on `reporter` reports this instance as lost. False if it has changed since it was looked at, or nobody
  /// knows.
  Awaitable<bool> claim(boost::asio::any_io_executor executor, const ListedNode& node, const std::string& reporter);
  /// Puts instances back, as if they had just said that they live, unless they have done so. False if nobody knows
  /// whether they are there.
  Awaitable<bool> put_back(boost::asio::any_io_executor executor, const std::vector<ListedNode>& nodes);
  /// Takes an instance out that `reporter` has reported. False if nobody knows whether it is out.
  Awaitable<bool> remove(boost::asio::any_io_executor executor, const std::string& id, const std::string& reporter);
  /// The same without waiting.
  void let_go(const std::string& id, const std::string& reporter);
  /// Takes an instance out that ends.
  void leave(const std::string& id);

  /// What is under way fails.
  void shutdown() { redis_.shutdown(); }

 private:
  RedisResult ask(std::span<const std::string_view> command) { return redis_.command(command).get(); }

  RedisClient redis_;
};

}  // namespace hearth::app
