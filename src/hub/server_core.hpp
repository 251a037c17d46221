#pragma once

#include "crypto/key_pair_pool.hpp"
#include "hearth/options.hpp"
#include "hub/broker_port.hpp"
#include "hub/delivery.hpp"
#include "hub/log.hpp"
#include "hub/mailbox.hpp"
#include "hub/transform_queue.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <thread>
#include <vector>

namespace hearth::hub {

class Shard;

/// What the shards of one server share: its options, its log, where coroutine handlers run, and each other.
class ServerCore : public std::enable_shared_from_this<ServerCore> {
 public:
  explicit ServerCore(Options options);
  ~ServerCore();
  ServerCore(const ServerCore&) = delete;
  ServerCore& operator=(const ServerCore&) = delete;

  const Options& options() const noexcept { return options_; }
  const Log& log() const noexcept { return log_; }
  const boost::asio::any_io_executor& executor() const noexcept { return executor_; }
  Congestion& congestion() noexcept { return congestion_; }
  TransformQueue& transforms() noexcept { return transforms_; }
  /// A fresh key pair for a handshake; sees to it that there are more, made on the control plane.
  crypto::KeyPair take_key_pair();
  BrokerPort& port() noexcept { return port_; }

  std::vector<std::unique_ptr<Shard>>& shards() noexcept { return shards_; }
  const std::vector<std::unique_ptr<Shard>>& shards() const noexcept { return shards_; }
  /// The shard whose thread this is, if it is one of this server's.
  Shard* this_shard() const noexcept;
  /// Where a client with this id lives, if it is of this server; null for a shard number there is none of.
  Shard* shard_of(const protocol::ClientId& id) const noexcept;

  /// Delivers a message here and on all other shards concerned, in the caller's order. `pieces` is the envelope.
  void deliver(const Destination& destination, std::span<const std::string_view> pieces);

  /// Runs coroutine handlers until `stop_control_plane`, which drops those that wait then, if the options name no
  /// executor.
  void start_control_plane();
  void stop_control_plane();
  /// Whether coroutine handlers run on this thread, so that nothing that waits for them may be done on it. Of executors
  /// that the options give, it knows Asio's io_context and thread_pool.
  bool is_handler_thread() const noexcept;

 private:
  void run_control_plane();
  void wake_shards();
  void fill_key_pairs();

  const Options options_;
  const Log log_;
  Congestion congestion_;
  crypto::KeyPairPool key_pairs_;
  TransformQueue transforms_;
  BrokerPort port_{*this};
  std::unique_ptr<boost::asio::io_context> control_plane_;
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_;
  std::thread control_thread_;
  boost::asio::any_io_executor executor_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace hearth::hub
