#include "broker/envelope.hpp"
#include "broker/redis_publisher.hpp"
#include "broker/redis_subscriber.hpp"
#include "hearth/redis_broker.hpp"
#include "protocol/client_id.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

namespace hearth {

namespace broker {

namespace {

constexpr std::chrono::seconds kFarewell{1};        // for what waits to go out when stopping
constexpr std::chrono::seconds kComplaintPause{1};  // between log lines about bad envelopes

}  // namespace

/// Two links to Redis, one to publish and one to subscribe, and a thread that both run on.
class RedisBroker final : public Broker {
 public:
  explicit RedisBroker(RedisOptions options);
  ~RedisBroker() override {
    try {
      RedisBroker::stop();
    } catch (const std::exception&) {
      // A link that cannot even be stopped in order has nobody left to be told.
    }
  }
  RedisBroker(const RedisBroker&) = delete;
  RedisBroker& operator=(const RedisBroker&) = delete;

  void start(BrokerSink& sink) override;
  void cancel_start() override;
  void stop() override;
  void publish(const BrokerMessage& message) override;
  bool subscribe(std::span<const BrokerAddress> addresses, std::function<void()> done) override;
  void unsubscribe(std::span<const BrokerAddress> addresses) override;
  BrokerState state() const override { return state_; }
  BrokerStatistics statistics() const override;

 private:
  RedisPublisher::Events publisher_events();
  RedisSubscriber::Events subscriber_events();
  void received(std::string_view channel, std::string_view payload);
  void malformed(std::string_view channel);
  void look_at_links(const std::string& reason);
  void log(LogLevel level, std::string_view line) const;
  void wait_until_sent();

  const RedisOptions options_;
  const std::shared_ptr<redis::Tls> tls_;
  const std::string server_id_ = protocol::ClientIdSource(0).next().str();

  boost::asio::io_context io_{1};
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_;
  RedisPublisher publisher_;
  RedisSubscriber subscriber_;
  std::thread thread_;

  std::atomic<BrokerState> state_{BrokerState::stopped};
  std::atomic<BrokerSink*> sink_{nullptr};
  std::atomic<std::uint64_t> received_{0};
  std::atomic<std::uint64_t> malformed_{0};
  std::atomic<std::uint64_t> gaps_{0};

  mutable std::mutex mutex_;  // of those below
  std::condition_variable changed_;
  std::string last_reason_;
  bool cancelled_ = false;

  // the thread's own
  protocol::BrokerEnvelopeReader reader_;
  std::chrono::steady_clock::time_point complained_{};
  std::uint64_t complained_at_ = 0;  // malformed_ then
  bool was_ready_ = false;
};

RedisBroker::RedisBroker(RedisOptions options)
    : options_((options.check(), std::move(options))),
      tls_(redis::make_tls(options_.tls)),
      publisher_(io_.get_executor(), options_, tls_.get(), publisher_events()),
      subscriber_(io_.get_executor(), options_, tls_.get(), subscriber_events()) {}

RedisPublisher::Events RedisBroker::publisher_events() {
  return {.up = [this] { look_at_links({}); },
          .down = [this](const std::string& reason) { look_at_links(reason); },
          .warn = [this](const std::string& line) { log(LogLevel::warning, line); }};
}

RedisSubscriber::Events RedisBroker::subscriber_events() {
  return {.message = [this](std::string_view channel, std::string_view payload) { received(channel, payload); },
          .ready = [this] { look_at_links({}); },
          .down = [this](const std::string& reason) { look_at_links(reason); },
          .gap =
              [this](RedisSubscriber::Time from, RedisSubscriber::Time to) {
                ++gaps_;
                if (BrokerSink* sink = sink_) sink->gap(from, to);
              },
          .warn = [this](const std::string& line) { log(LogLevel::warning, line); }};
}

void RedisBroker::start(BrokerSink& sink) {
  if (thread_.joinable() || sink_ != nullptr) throw std::logic_error("hearth: a broker can be started only once");
  sink_ = &sink;
  state_ = BrokerState::degraded;
  work_.emplace(io_.get_executor());
  boost::asio::post(io_, [this] {
    publisher_.start();
    subscriber_.start();
  });
  thread_ = std::thread([this] { io_.run(); });
  std::string reason;
  {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, options_.ready_timeout, [this] { return state_ == BrokerState::ready || cancelled_; });
    if (state_ == BrokerState::ready) return;
    reason = last_reason_.empty() ? "no answer" : last_reason_;
  }
  stop();
  if (cancelled_) throw std::runtime_error("Redis client was stopped before it became ready (" + reason + ')');
  throw std::runtime_error("Redis client did not become ready within " +
                           std::to_string(options_.ready_timeout.count()) + "ms (" + reason + ')');
}

void RedisBroker::cancel_start() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  changed_.notify_all();
}

void RedisBroker::stop() {
  if (!thread_.joinable()) return;
  wait_until_sent();
  sink_ = nullptr;
  boost::asio::post(io_, [this] {
    publisher_.stop();
    subscriber_.stop();
  });
  work_.reset();
  thread_.join();
  state_ = BrokerState::stopped;
}

void RedisBroker::wait_until_sent() {
  const auto until = std::chrono::steady_clock::now() + kFarewell;
  while (state_ == BrokerState::ready && publisher_.has_unfinished() && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

// Any thread.
void RedisBroker::publish(const BrokerMessage& message) {
  if (sink_ == nullptr || message.event.empty()) return;
  const std::string channel = protocol::channel_of(message.address);
  const std::string envelope = envelope_of(server_id_, message);
  publisher_.publish(redis::RespCommand::of({"PUBLISH", channel, envelope}), {});
}

bool RedisBroker::subscribe(std::span<const BrokerAddress> addresses, std::function<void()> done) {
  std::vector<std::string> channels;
  for (const BrokerAddress& address : addresses) {
    if (address.kind != BrokerAddress::Kind::everybody) channels.push_back(protocol::channel_of(address));
  }
  return subscriber_.subscribe(std::move(channels), std::move(done));
}

void RedisBroker::unsubscribe(std::span<const BrokerAddress> addresses) {
  std::vector<std::string> channels;
  for (const BrokerAddress& address : addresses) {
    if (address.kind != BrokerAddress::Kind::everybody) channels.push_back(protocol::channel_of(address));
  }
  subscriber_.unsubscribe(channels);
}

BrokerStatistics RedisBroker::statistics() const {
  const RedisPublisher::Counters& sent = publisher_.counters();
  return {.published = sent.published,
          .dropped = sent.dropped,
          .unconfirmed = sent.unconfirmed,
          .refused = sent.refused,
          .received = received_,
          .malformed = malformed_,
          .gaps = gaps_,
          .queued_bytes = publisher_.queued_bytes(),
          .subscriptions = subscriber_.subscriptions()};
}

// The broker's thread.
void RedisBroker::received(std::string_view channel, std::string_view payload) {
  using Result = protocol::BrokerEnvelopeReader::Result;
  const Result result = reader_.read(payload);
  if (result == Result::malformed) return malformed(channel);
  const protocol::BrokerEnvelope& envelope = reader_.envelope();
  if (result != Result::envelope || envelope.server_id == server_id_) return;
  ++received_;
  BrokerSink* sink = sink_;
  if (sink == nullptr) return;
  sink->message({.address = envelope.target,
                 .event = envelope.event,
                 .data = JsonView::trusted(envelope.data),
                 .from = JsonView::trusted(envelope.from),
                 .exclude = envelope.exclude});
}

void RedisBroker::malformed(std::string_view channel) {
  const std::uint64_t count = ++malformed_;
  const auto now = std::chrono::steady_clock::now();
  if (now - complained_ < kComplaintPause) return;
  log(LogLevel::warning, "dropped " + std::to_string(count - complained_at_) +
                             " messages from Redis that were no envelopes, the last on channel " +
                             std::string(channel.substr(0, 200)));
  complained_ = now;
  complained_at_ = count;
}

void RedisBroker::look_at_links(const std::string& reason) {
  if (sink_ == nullptr) return;  // stopping
  const bool ready = publisher_.is_up() && subscriber_.is_ready();
  const bool changed = ready != (state_ == BrokerState::ready);
  {
    const std::lock_guard lock(mutex_);
    if (!reason.empty() && reason != last_reason_) log(LogLevel::warning, "Redis: " + reason);
    if (!reason.empty()) last_reason_ = reason;
    state_ = ready ? BrokerState::ready : BrokerState::degraded;
    if (ready) last_reason_.clear();
  }
  if (ready && changed) {
    log(LogLevel::info, was_ready_ ? "Redis: connected again, all subscriptions are active" : "Redis: connected");
    was_ready_ = true;
  }
  changed_.notify_all();
}

void RedisBroker::log(LogLevel level, std::string_view line) const {
  if (BrokerSink* sink = sink_) sink->log(level, line);
}

}  // namespace broker

std::shared_ptr<Broker> make_redis_broker(RedisOptions options) {
  return std::make_shared<broker::RedisBroker>(std::move(options));
}

std::shared_ptr<Broker> make_redis_broker(std::string_view url) {
  return make_redis_broker(RedisOptions::from_url(url));
}

}  // namespace hearth
