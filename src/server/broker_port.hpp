#pragma once

#include "hearth/broker.hpp"
#include "server/cluster.hpp"
#include "server/feed_thread.hpp"
#include "server/presence_thread.hpp"
#include "shard/control_plane.hpp"
#include "shard/remembering.hpp"
#include "shard/shard.hpp"
#include "shard/switchboard.hpp"
#include "shard/watches.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::server {

/// Those of the texts that are client ids.
std::vector<protocol::ClientId> parse_ids(std::span<const std::string> texts);

/// Where a server and its broker meet. Does nothing if there is no broker.
class BrokerPort final : public BrokerSink, public shard::Outward {
 public:
  BrokerPort(std::shared_ptr<shard::ControlPlane> plane, const shard::Switchboard& switchboard, shard::Blocks& blocks,
             FeedThread& feeds, PresenceThread& presence, const shard::Remembering& remembering,
             shard::Watches& watches, Cluster& cluster)
      : plane_(std::move(plane)),
        switchboard_(switchboard),
        blocks_(blocks),
        feeds_(feeds),
        presence_(presence),
        remembering_(remembering),
        watches_(watches),
        cluster_(cluster) {}

  /// Throws what the broker throws.
  void start();
  void stop();
  /// Has a `start` that is under way end soon.
  void cancel_start();
  /// From any thread: to the other instances. What the broker throws costs the message, and is counted.
  void publish(const BrokerMessage& message) noexcept;
  /// From any thread: has every instance do it, this one included. False if the others are not told, since the broker
  /// cannot do that or threw, or if it is a block too many.
  bool carry_out(const shard::Order& order);
  BrokerState state() const;
  BrokerStatistics statistics() const;
  /// Messages of other instances that were handed on.
  std::uint64_t messages() const noexcept { return messages_; }
  HistoryMetrics history_metrics() const;
  /// A log has lost what this instance had appended: tells the application. On the feeds' thread.
  void rolled_back(const history::Rollback& lost);

  /// Whether this thread is a broker's, of whatever server, at work in a sink: what waits for the broker would wait for
  /// itself.
  static bool is_here() noexcept;

  // shard::Outward
  void publish(const shard::Publication& publication, std::string_view event) noexcept override;

  // BrokerSink
  void message(const BrokerMessage& message) override;
  void control(const BrokerControl& control) override;
  void blocks(std::span<const Block> blocks, std::chrono::system_clock::time_point known_since) override;
  void gap(std::chrono::system_clock::time_point from, std::chrono::system_clock::time_point to) override;
  void log(LogLevel level, std::string_view line) override;
  void publication(const PublicationPtr& publication) override;
  void subscribed(std::span<const BrokerAddress> addresses) override { feeds_.subscribed(addresses); }
  void lost() override {
    feeds_.lost();
    presence_.lost();
  }
  void store_changed() override { feeds_.store_changed(); }
  void presence(std::string_view instance, const PresenceReport& report) override {
    presence_.report(instance, report);
  }
  void presence_watched(std::string_view room) override { presence_.watched(room); }

 private:
  /// Has this instance do it. False: it is a block too many.
  bool carry_out_here(shard::Order order);
  Broker* broker() const noexcept { return plane_->options().broker.get(); }

  const std::shared_ptr<shard::ControlPlane> plane_;
  const shard::Switchboard& switchboard_;
  shard::Blocks& blocks_;
  FeedThread& feeds_;
  PresenceThread& presence_;
  const shard::Remembering& remembering_;
  std::atomic<std::uint64_t> unrecorded_{0};
  std::atomic<std::uint64_t> messages_{0};
  shard::Watches& watches_;
  Cluster& cluster_;
  std::atomic<bool> started_{false};
};

}  // namespace hearth::server
