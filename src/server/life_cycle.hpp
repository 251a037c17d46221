#pragma once

#include "hearth/options.hpp"
#include "hearth/settings.hpp"
#include "log/log.hpp"
#include "net/listener.hpp"
#include "server/broker_port.hpp"
#include "server/cluster.hpp"
#include "server/feed_thread.hpp"
#include "server/presence_thread.hpp"
#include "shard/blocks.hpp"
#include "shard/control_plane.hpp"
#include "shard/doorkeeper.hpp"
#include "shard/limit_hits.hpp"
#include "shard/remembering.hpp"
#include "shard/switchboard.hpp"
#include "shard/watches.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

namespace hearth::tls {
class CurrentContext;
}

namespace hearth::server {

/// What a server is made of, and how that is started and ended. From any thread.
class LifeCycle {
 public:
  /// The options have been checked.
  explicit LifeCycle(Options options);
  /// After `shutdown` and `finish`.
  ~LifeCycle();
  LifeCycle(const LifeCycle&) = delete;
  LifeCycle& operator=(const LifeCycle&) = delete;

  /// Throws as Server::start; after that it may be called again, unless it was a shard that could not be started.
  void start();
  /// As Server::shutdown.
  void shutdown(std::chrono::milliseconds deadline);
  /// As Server::drain.
  void drain(std::chrono::milliseconds delay, std::chrono::milliseconds time);
  bool is_draining() const noexcept { return draining_; }
  /// Waits for what `shutdown` has begun.
  void finish();

  const Options& options() const noexcept { return *options_; }
  const log::Log& log() const noexcept { return log_; }
  const boost::asio::any_io_executor& executor() const noexcept { return plane_->executor(); }
  const shard::Switchboard& switchboard() const noexcept { return switchboard_; }
  shard::Blocks& blocks() noexcept { return blocks_; }
  Cluster& cluster() noexcept { return *cluster_; }
  shard::Watches& watches() noexcept { return *watches_; }
  const shard::LimitHits& hits() const noexcept { return hits_; }
  BrokerPort& port() noexcept { return port_; }
  const BrokerPort& port() const noexcept { return port_; }
  std::span<const net::Address> addresses() const;
  /// As Server::settings and Server::update.
  Settings settings() const;
  void update(const Settings& settings);
  /// As Server::reload_tls.
  void reload_tls(const TlsOptions& options);
  const shard::Remembering& remembering() const noexcept { return remembering_; }
  FeedThread& feeds() noexcept { return feeds_; }
  PresenceThread& presence() noexcept { return presence_; }
  /// Only if some room remembers.
  History& history() const noexcept { return *options_->broker->history(); }

 private:
  enum class Phase : std::uint8_t { fresh, cancelled, starting, running, ending, ended };

  NodeReport report() const;
  void start_parts();
  void start_shards();
  void begin_shutdown(std::chrono::milliseconds deadline);
  void check_settings(const Settings& settings) const;
  /// Whether this thread may be held up until shards and handlers have finished.
  bool may_wait() const noexcept;

  const std::shared_ptr<const Options> options_;
  const log::Log log_;
  const std::shared_ptr<shard::ControlPlane> plane_;
  shard::Blocks blocks_;
  shard::LimitHits hits_;
  shard::Doorkeeper door_;
  const std::shared_ptr<tls::CurrentContext> tls_;  // null: plain
  shard::Remembering remembering_;
  FeedThread feeds_;         // outlives the shards
  PresenceThread presence_;  // the same
  const std::shared_ptr<shard::Watches> watches_;
  shard::Switchboard switchboard_;
  const std::shared_ptr<Cluster> cluster_;
  BrokerPort port_;
  std::unique_ptr<net::ListenerSet> listeners_;

  const std::chrono::system_clock::time_point started_at_ = std::chrono::system_clock::now();
  std::atomic<bool> draining_{false};
  mutable std::mutex mutex_;  // of the members below
  std::condition_variable changed_;
  Phase phase_ = Phase::fresh;
  std::optional<std::chrono::milliseconds> stop_wanted_;  // within this time; while it is starting
  Settings settings_;
};

}  // namespace hearth::server
