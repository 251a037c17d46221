#include "broker/envelope.hpp"
#include "broker/log_limiter.hpp"
#include "broker/redis_blocks.hpp"
#include "broker/redis_publisher.hpp"
#include "broker/redis_subscriber.hpp"
#include "hearth/redis_broker.hpp"
#include "log/quoted.hpp"
#include "protocol/client_id.hpp"
#include "redis/io_thread.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace hearth {

namespace broker {

namespace {

constexpr std::chrono::seconds kFarewell{1};  // for what waits to go out when stopping
// What this instance has said less long before the links broke may not have arrived.
constexpr std::chrono::seconds kUnconfirmed{30};
constexpr RedisPublisher::Settings kPublishing{.own_subscriptions = 1, .max_wait = {}};

}  // namespace

/// Two links to Redis, one to publish and one to subscribe, and a thread that both run on. The thread keeps the object
/// until it ends, so that the last reference to the broker may be dropped in a call of its sink.
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

 private:
  RedisPublisher::Events publisher_events();
  RedisSubscriber::Events subscriber_events();
  void reconnect_after(const std::string& what);
  void received(std::string_view channel, std::string_view payload);
  void received_control(std::string_view payload);
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

  std::atomic<BrokerState> state_{BrokerState::stopped};
  std::atomic<BrokerSink*> sink_{nullptr};  // from start to stop
  std::atomic<std::uint64_t> received_{0};
  std::atomic<std::uint64_t> malformed_{0};
  std::atomic<std::uint64_t> gaps_{0};
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
  bool was_ready_ = false;
  bool has_blocks_ = false;             // of those that are kept, if Redis tells them
  RedisSubscriber::Time last_whole_{};  // when both links were last known to be up
};

RedisBroker::RedisBroker(RedisOptions options)
    : options_((options.check(), std::move(options))),
      tls_(redis::make_tls(options_.tls)),
      io_([this](const std::string& what) { reconnect_after(what); }),
      publisher_(io_.executor(), options_, tls_.get(), kPublishing, publisher_events()),
      subscriber_(io_.executor(), options_, tls_.get(), subscriber_events()),
      held_back_(io_.executor()) {}

RedisPublisher::Events RedisBroker::publisher_events() {
  return {.connected = [this] { read_blocks(last_whole_); },
          .up = [this] { look_at_links({}); },
          .down = [this](const std::string& reason) { look_at_links(reason); },
          .warn = [this](std::string_view kind, std::string line) { warn(kind, std::move(line)); }};
}

RedisSubscriber::Events RedisBroker::subscriber_events() {
  return {.message = [this](std::string_view channel, std::string_view payload) { received(channel, payload); },
          .ready =
              [this] {
                publisher_.count_again();
                look_at_links({});
              },
          .down = [this](const std::string& reason) { look_at_links(reason); },
          .gap = [this](RedisSubscriber::Time from, RedisSubscriber::Time to) { gap(from, to); },
          .warn = [this](std::string_view kind, std::string line) { warn(kind, std::move(line)); }};
}

void RedisBroker::start(BrokerSink& sink) {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(started_, true)) throw std::logic_error("hearth: a broker can be started only once");
    sink_ = &sink;
    state_ = BrokerState::degraded;
  }
  boost::asio::post(io_.executor(), [this] {
    publisher_.start();
    subscriber_.start();
  });
  try {
    io_.start(shared_from_this());
  } catch (...) {
    stop();
    throw;
  }
  std::string reason;
  bool cancelled = false;
  {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, options_.ready_timeout,
                      [this] { return cancelled_ || stopped_ || state_ == BrokerState::ready; });
    if (state_ == BrokerState::ready) return;
    reason = last_reason_.empty() ? "no answer" : last_reason_;
    cancelled = cancelled_ || stopped_;
  }
  stop();
  if (cancelled) throw std::runtime_error("Redis client was stopped before it became ready (" + reason + ')');
  throw std::runtime_error("Redis client did not become ready within " +
                           std::to_string(options_.ready_timeout.count()) + "ms (" + reason + ')');
}

void RedisBroker::cancel_start() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  changed_.notify_all();
}

// Also on the broker's own thread, which then ends by itself, and while start() waits.
void RedisBroker::stop() {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    if (!started_) return;
    first = !std::exchange(stopped_, true);
    sink_ = nullptr;
    state_ = BrokerState::stopped;
  }
  if (first) {
    changed_.notify_all();
    boost::asio::post(io_.executor(), [this] {
      held_back_.cancel();
      subscriber_.stop();
      publisher_.finish(publisher_.is_connected() ? kFarewell : kFarewell.zero());
    });
    io_.end();
  }
  io_.join();
}

// The broker's thread.
void RedisBroker::reconnect_after(const std::string& what) {
  publisher_.fail("an exception on the broker's thread: " + what);
  subscriber_.fail("an exception on the broker's thread: " + what);
}

// Any thread.
void RedisBroker::publish(const BrokerMessage& message) {
  if (sink_ == nullptr || message.event.empty()) return;
  const std::string channel = protocol::channel_of(message.address);
  const std::string envelope = envelope_of(server_id_, message);
  publisher_.publish(channel, envelope, {});
}

bool RedisBroker::control(JsonView message) {
  if (sink_ == nullptr || message.text().size() > kMaxControlSize) return false;
  const std::string envelope = protocol::control_envelope(server_id_, message.text());
  if (envelope.empty()) return false;
  publisher_.publish(protocol::kControlChannel, envelope, {});
  return true;
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
  const redis::Pipeline::Counters& sent = publisher_.counters();
  return {.published = sent.answered - publisher_.commands_answered(),
          .dropped = sent.not_sent,
          .unconfirmed = sent.unconfirmed,
          .refused = sent.refused - publisher_.commands_refused(),
          .received = received_,
          .malformed = malformed_,
          .gaps = gaps_,
          .queued_bytes = publisher_.queued_bytes(),
          .subscriptions = subscriber_.subscriptions(),
          .control = subscriber_.hears_control()};
}

// The broker's thread.
void RedisBroker::received(std::string_view channel, std::string_view payload) {
  if (channel == protocol::kControlChannel) return received_control(payload);
  using Result = protocol::BrokerEnvelopeReader::Result;
  const Result result = reader_.read(payload);
  if (result == Result::malformed) return malformed(channel);
  const protocol::BrokerEnvelope& envelope = reader_.envelope();
  if (result != Result::envelope || envelope.server_id == server_id_) return;
  ++received_;
  call_sink([&](BrokerSink& sink) {
    sink.message({.address = envelope.target,
                  .event = envelope.event,
                  .data = JsonView::trusted(envelope.data),
                  .from = JsonView::trusted(envelope.from),
                  .exclude = envelope.exclude});
  });
}

void RedisBroker::received_control(std::string_view payload) {
  // With what the sender's broker has added to it.
  constexpr std::size_t kLongest = kMaxControlSize + 1024;
  if (payload.size() > kLongest || !control_reader_.read(payload)) return malformed(protocol::kControlChannel);
  const protocol::ControlEnvelope& envelope = control_reader_.envelope();
  if (envelope.server_id == server_id_) return;
  ++received_;
  call_sink([&](BrokerSink& sink) {
    sink.control({.sender = envelope.server_id, .op = envelope.op, .message = JsonView::trusted(envelope.message)});
  });
}

void RedisBroker::malformed(std::string_view channel) {
  ++malformed_;
  warn("malformed", "dropped a message from Redis that is no envelope, on channel " + log::quoted(channel));
}

void RedisBroker::gap(RedisSubscriber::Time from, RedisSubscriber::Time to) {
  ++gaps_;
  call_sink([&](BrokerSink& sink) { sink.gap(from, to); });
  read_blocks(from);
}

// A node of a Cluster has the keys of its slots alone.
void RedisBroker::keep_block(const Block& block) {
  if (sink_ == nullptr || options_.topology == RedisTopology::cluster) return;
  publisher_.command(
      redis::RespCommand::of({"HSET", kBlocksKey, block_field(block.user, block.token), block_value(block)}));
}

void RedisBroker::forget_block(std::string_view user, std::string_view token) {
  if (sink_ == nullptr || options_.topology == RedisTopology::cluster) return;
  publisher_.command(redis::RespCommand::of({"HDEL", kBlocksKey, block_field(user, token)}));
}

// What this instance has had since before the links broke, and somebody has taken back meanwhile, is not there any
// more.
void RedisBroker::read_blocks(RedisSubscriber::Time whole_until) {
  if (options_.topology == RedisTopology::cluster) {
    has_blocks_ = true;
    return;
  }
  const auto known_since = whole_until - options_.dead_peer_timeout - kUnconfirmed;
  publisher_.ask(redis::RespCommand::of({"HGETALL", kBlocksKey}), [this, known_since](const redis::RespReply& reply) {
    if (reply.is_error()) {
      warn("blocks", "Redis does not tell the blocks that are kept there: " + log::quoted(reply.text()));
    } else {
      const KeptBlocks kept = broker::read_blocks(reply, RedisSubscriber::Time::clock::now());
      for (const std::string& field : kept.ended) {
        publisher_.command(redis::RespCommand::of({"HDEL", kBlocksKey, field}));
      }
      call_sink([&](BrokerSink& sink) { sink.blocks(kept.blocks, known_since); });
    }
    has_blocks_ = true;
    look_at_links({});
  });
}

template <class Call>
void RedisBroker::call_sink(Call call) {
  BrokerSink* sink = sink_;
  if (sink == nullptr) return;
  try {
    call(*sink);
  } catch (...) {
    warn("sink", "what came from Redis was lost to an exception of whoever was given it");
  }
}

void RedisBroker::look_at_links(const std::string& reason) {
  const bool ready = publisher_.is_up() && subscriber_.is_ready() && has_blocks_;
  bool changed = false;
  bool is_new = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
    is_new = !reason.empty() && reason != last_reason_;
    if (!reason.empty()) last_reason_ = reason;
    if (ready) last_reason_.clear();
    if (state_ == BrokerState::ready) last_whole_ = RedisSubscriber::Time::clock::now();
    changed = ready != (state_ == BrokerState::ready);
    state_ = ready ? BrokerState::ready : BrokerState::degraded;
  }
  changed_.notify_all();
  if (is_new) warn("link", "Redis: " + reason);
  if (!ready || !changed) return;
  log(LogLevel::info,
      std::exchange(was_ready_, true) ? "Redis: connected again, all subscriptions are active" : "Redis: connected");
}

// Any thread.
void RedisBroker::warn(std::string_view kind, std::string line) {
  if (const auto admitted = limiter_.admit(kind, std::move(line))) return log(LogLevel::warning, *admitted);
  boost::asio::post(io_.executor(), [this] { log_held_back(); });
}

void RedisBroker::log_held_back() {
  const auto next = limiter_.next_overdue();
  if (!next || sink_ == nullptr) return;
  held_back_.expires_at(*next);
  held_back_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    for (const std::string& line : limiter_.overdue()) log(LogLevel::warning, line);
    log_held_back();
  });
}

void RedisBroker::log(LogLevel level, std::string_view line) const {
  BrokerSink* sink = sink_;
  if (sink == nullptr) return;
  try {
    sink->log(level, line);
  } catch (...) {
    // A log that fails must not take the broker with it, and there is nowhere to say so.
  }
}

}  // namespace broker

std::shared_ptr<Broker> make_redis_broker(RedisOptions options) {
  const auto broker = std::make_shared<broker::RedisBroker>(std::move(options));
  // Who drops the last of these stops it. The thread has one that does not count.
  return {broker.get(), [broker](Broker* last) { last->stop(); }};
}

std::shared_ptr<Broker> make_redis_broker(std::string_view url) {
  return make_redis_broker(RedisOptions::from_url(url));
}

}  // namespace hearth
