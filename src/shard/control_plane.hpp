#pragma once

#include "crypto/key_pair_pool.hpp"
#include "hearth/options.hpp"
#include "log/log.hpp"
#include "shard/handler_slots.hpp"
#include "shard/transform_queue.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <memory>
#include <optional>
#include <thread>

namespace hearth::shard {

/// Where a server's coroutines run: on a thread of its own, or on the executor in the options. What they refer to lives
/// on with them: they hold on to this object, and it to the options.
class ControlPlane : public std::enable_shared_from_this<ControlPlane> {
 public:
  ControlPlane(std::shared_ptr<const Options> options, log::Log log);
  ~ControlPlane();
  ControlPlane(const ControlPlane&) = delete;
  ControlPlane& operator=(const ControlPlane&) = delete;

  const Options& options() const noexcept { return *options_; }
  const log::Log& log() const noexcept { return log_; }
  const boost::asio::any_io_executor& executor() const noexcept { return executor_; }
  HandlerSlots& slots() noexcept { return slots_; }
  TransformQueue& transforms() noexcept { return transforms_; }

  /// A fresh key pair for a handshake; sees to it that there are more, made ahead.
  crypto::KeyPair take_key_pair();

  void start();
  /// Has key pairs made ahead of the handshakes that need them, if these need any.
  void prepare_key_pairs();
  /// Coroutines that have not begun never do. Those on the thread of the server's own are dropped; those on an executor
  /// of the application's go on to the next thing that they wait for, and touch nothing of the server's any more.
  void stop();
  /// Whether coroutine handlers run on this thread, so that nothing that waits for them may be done on it. Of executors
  /// that the options give, it knows Asio's io_context and thread_pool.
  bool is_here() const noexcept;

 private:
  void run_thread();
  void fill_key_pairs();

  const std::shared_ptr<const Options> options_;
  const log::Log log_;
  crypto::KeyPairPool key_pairs_;
  HandlerSlots slots_;
  TransformQueue transforms_;
  std::unique_ptr<boost::asio::io_context> own_;
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_;
  std::thread thread_;
  boost::asio::any_io_executor executor_;
};

}  // namespace hearth::shard
