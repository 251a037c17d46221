#pragma once

#include "broker/log_limiter.hpp"
#include "broker/redis_logs.hpp"
#include "broker/redis_presence.hpp"
#include "broker/redis_publisher.hpp"
#include "broker/redis_subscriber.hpp"
#include "hearth/redis_broker.hpp"
#include "protocol/broker_envelope.hpp"
#include "protocol/client_id.hpp"
#include "redis/cluster_map.hpp"
#include "redis/io_thread.hpp"

#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

namespace hearth::broker {

/// Links to Redis, to publish, to subscribe, and for the logs of rooms if there are any, and a thread that they run on.
/// The thread keeps the object until it ends, so that the last reference to the broker may be dropped in a call of its
/// sink.
class RedisBroker final : public Broker, public std::enable_shared_from_this<RedisBroker> {
 public:
  explicit RedisBroker(RedisOptions options);

  void start(BrokerSink& sink) override;
  void cancel_start() override;
  void stop() override;
  void publish(const BrokerMessage& message) override;
  bool control(JsonView message) override;
  void keep_block(const Block& block) override;
  void forget_block(std::string_view user, std::string_view token) override;
  std::string_view instance_id() const override { return server_id_; }
  bool subscribe(std::span<const BrokerAddress> addresses, std::function<void()> done) override;
  void unsubscribe(std::span<const BrokerAddress> addresses) override;
  BrokerState state() const override { return state_; }
  BrokerStatistics statistics() const override;
  History* history() noexcept override;
  Presence* presence() noexcept override;

 private:
  RedisPublisher::Events publisher_events();
  RedisSubscriber::Events subscriber_events();
  RedisLogs::Events logs_events();
  RedisPresence::Events presence_events();
  void logs_are_up(bool is_back);
  void active(std::span<const std::string> channels);
  void reconnect_after(const std::string& what);
  void received(std::string_view channel, std::string_view payload);
  void received_control(std::string_view payload);
  void received_presence(std::string_view channel, std::string_view payload);
  void malformed(std::string_view channel);
  void read_blocks(RedisSubscriber::Time whole_until);
  /// Calls the sink; what that throws costs what it was called for.
  template <class Call>
  void call_sink(Call call);
  void gap(RedisSubscriber::Time from, RedisSubscriber::Time to);
  void look_at_links(const std::string& reason);
  void warn(std::string_view kind, std::string line);
  void log_held_back();
  void log(LogLevel level, std::string_view line) const;

  const RedisOptions options_;
  const std::shared_ptr<redis::Tls> tls_;
  const std::string server_id_ = protocol::ClientIdSource(0).next().str();

  redis::IoThread io_;
  RedisPublisher publisher_;
  RedisSubscriber subscriber_;
  const std::unique_ptr<redis::ClusterMap> map_;  // null if there is no Cluster
  RedisLogs logs_;
  RedisPresence presence_;

  std::atomic<BrokerState> state_{BrokerState::stopped};
  std::atomic<BrokerSink*> sink_{nullptr};  // from start to stop
  std::atomic<bool> has_logs_{false};       // somebody wants them
  std::atomic<std::uint64_t> received_{0};
  std::atomic<std::uint64_t> malformed_{0};
  std::atomic<std::uint64_t> gaps_{0};
  std::atomic<std::uint64_t> times_ready_{0};
  broker::LogLimiter limiter_;

  mutable std::mutex mutex_;  // of those below
  std::condition_variable changed_;
  std::string last_reason_;
  bool started_ = false;
  bool cancelled_ = false;
  bool stopped_ = false;

  // the thread's own
  protocol::BrokerEnvelopeReader reader_;
  protocol::ControlEnvelopeReader control_reader_;
  boost::asio::steady_timer held_back_;
  bool has_blocks_ = false;             // of those that are kept, if Redis tells them
  RedisSubscriber::Time last_whole_{};  // when both links were last known to be up
};

}  // namespace hearth::broker
