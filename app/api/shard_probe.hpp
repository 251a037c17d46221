#pragma once

#include "hearth/server.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <thread>

namespace hearth::app {

/// Asks every shard a question, on a thread of its own, since a shard that hangs would hang who asks. One thread uses
/// it, that of its executor.
class ShardProbe {
 public:
  /// How long the shards may take.
  static constexpr std::chrono::seconds kPatience{10};

  ShardProbe(const Server& server, boost::asio::any_io_executor executor);
  /// Waits for a question under way; a server that has been shut down answers at once.
  ~ShardProbe();
  ShardProbe(const ShardProbe&) = delete;
  ShardProbe& operator=(const ShardProbe&) = delete;

  /// Whether all have answered in time. Those who ask while a question is under way wait for that one.
  boost::asio::awaitable<bool> ask();

 private:
  /// A question; it ends when its timer is cancelled.
  struct Question {
    explicit Question(const boost::asio::any_io_executor& executor) : answered(executor) {}
    boost::asio::steady_timer answered;
    bool is_answered = false;
  };

  void begin();

  const Server& server_;
  boost::asio::any_io_executor executor_;
  std::shared_ptr<Question> question_;  // under way, or none
  std::thread thread_;
};

}  // namespace hearth::app
