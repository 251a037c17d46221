#pragma once

#include "redis/link.hpp"
#include "redis/slots.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace hearth::redis {

/// Knows who is the master of which slot of a Cluster: asks a node, over a link of its own, when it is started, at
/// every ping, and soon after somebody has found that it is not so any more. For one thread; outlives all that runs on
/// its executor.
class ClusterMap final : private Link::Owner {
 public:
  struct Events {
    /// There is an answer, or somebody was told of a move; whether the table is another one than before.
    std::function<void(bool is_another)> told{};
    std::function<void(const std::string& reason)> down{};
  };

  ClusterMap(const boost::asio::any_io_executor& executor, const RedisOptions& options, Tls* tls)
      : link_(executor, options, tls, "slots", *this), pause_(executor) {}

  /// Before `start`.
  void listen(Events events) { listeners_.push_back(std::move(events)); }
  /// Once more is nothing.
  void start();
  void stop();

  /// Whether there has been an answer.
  bool is_known() const noexcept { return known_; }
  const SlotTable& table() const noexcept { return table_; }

  /// A node has said that another is the slot's master.
  void moved(std::uint16_t slot, const RedisEndpoint& master);
  /// A master cannot be reached, or does not know what to say: perhaps another is it by now.
  void doubt();

 private:
  /// Between questions.
  static constexpr std::chrono::milliseconds kPause{100};
  /// After so many answers that were doubted another node is asked: this one may be cut off from the others.
  static constexpr std::size_t kMostDoubts = 20;

  void link_up() override { ask(); }
  void link_down(const std::string& reason) override;
  void link_reply(const RespReply& reply) override;
  void link_ping() override;

  void ask();
  void tell(bool is_another);

  Link link_;
  boost::asio::steady_timer pause_;
  std::vector<Events> listeners_;
  SlotTable table_;
  std::size_t asked_ = 0;   // and not answered
  std::size_t doubts_ = 0;  // since the last answer that nobody doubted
  bool pausing_ = false;
  bool known_ = false;
  bool started_ = false;
  bool leaving_ = false;  // for another node
};

/// Null if the options are not those of a Cluster.
std::unique_ptr<ClusterMap> make_cluster_map(const boost::asio::any_io_executor& executor, const RedisOptions& options,
                                             Tls* tls);

}  // namespace hearth::redis
