#include "hearth/emitter.hpp"

#include "broker/redis_logs.hpp"
#include "broker/redis_publisher.hpp"
#include "protocol/broker_envelope.hpp"
#include "redis/cluster_map.hpp"
#include "redis/io_thread.hpp"

#include <boost/asio/post.hpp>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace hearth {

namespace {

constexpr std::chrono::seconds kFarewell{1};  // for what waits to go out at the end

// As for the rules of rooms (hearth/room_rule.hpp).
constexpr std::uint32_t kMostHistory = 100'000;
constexpr std::chrono::milliseconds kLeastTtl = std::chrono::seconds(1);
constexpr std::chrono::milliseconds kMostTtl = std::chrono::hours(24 * 30);

void check(const Retention& retention) {
  if (retention.size == 0 || retention.size > kMostHistory) {
    throw std::invalid_argument("hearth: a history of " + std::to_string(retention.size) +
                                " publications cannot be kept; give 1 to 100000");
  }
  if (retention.ttl < kLeastTtl || retention.ttl > kMostTtl) {
    throw std::invalid_argument("hearth: a history cannot be kept for " + std::to_string(retention.ttl.count()) +
                                " ms; give 1 s to 30 days");
  }
}

void check(const Target& target, std::string_view event) {
  if (event.empty()) throw std::invalid_argument("hearth: a message needs an event name; it is empty");
  if (target.kind != Target::Kind::everybody && target.name.empty()) {
    throw std::invalid_argument("hearth: a message needs a target; it is empty");
  }
}

}  // namespace

class Emitter::Impl {
 public:
  explicit Impl(RedisOptions options);
  ~Impl() {
    try {
      shutdown();
    } catch (const std::exception&) {
      // A link that cannot even be stopped in order has nobody left to be told.
    }
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void wait_until_ready();
  std::future<EmitResult> emit(const Target& target, std::string_view event, const Json& data,
                               std::span<const std::string> exclude);
  std::future<EmitResult> append(const Publication& publication, const Retention& retention,
                                 std::string_view idempotency_key);
  void shutdown();

 private:
  broker::RedisPublisher::Events events();
  broker::RedisLogs::Events logs_events();
  EmitResult result_of(const Result<Appended>& appended);

  const RedisOptions options_;
  const std::shared_ptr<redis::Tls> tls_;
  redis::IoThread io_;
  broker::RedisPublisher publisher_;
  const std::unique_ptr<redis::ClusterMap> map_;  // null if there is no Cluster
  broker::RedisLogs logs_;

  std::mutex mutex_;  // of those below
  std::condition_variable changed_;
  bool up_ = false;
  std::string reason_;
  std::string complaint_;  // of Redis, about the last append that it refused
  std::once_flag shut_down_;
};

Emitter::Impl::Impl(RedisOptions options)
    : options_((options.check(), std::move(options))),
      tls_(redis::make_tls(options_.tls)),
      io_([this](const std::string& what) { publisher_.fail("an exception on the emitter's thread: " + what); }),
      publisher_(io_.executor(), options_, tls_.get(), {.own_subscriptions = 0, .max_wait = options_.ready_timeout},
                 events()),
      map_(redis::make_cluster_map(io_.executor(), options_, tls_.get())),
      logs_(io_.executor(), options_, tls_.get(), map_.get(), std::string(protocol::kEmitterId), logs_events()) {
  logs_.open();
  boost::asio::post(io_.executor(), [this] { publisher_.start(); });
  io_.start();
}

broker::RedisPublisher::Events Emitter::Impl::events() {
  const auto note = [this](bool up, const std::string& reason) {
    const std::lock_guard lock(mutex_);
    up_ = up;
    reason_ = reason;
    changed_.notify_all();
  };
  return {.up = [note] { note(true, {}); },
          .down = [note](const std::string& reason) { note(false, reason); },
          .warn = [](std::string_view /*kind*/, const std::string& /*line*/) {}};  // each message's result says it
}

void Emitter::Impl::wait_until_ready() {
  std::unique_lock lock(mutex_);
  if (changed_.wait_for(lock, options_.ready_timeout, [this] { return up_; })) return;
  throw std::runtime_error("Redis client did not become ready within " +
                           std::to_string(options_.ready_timeout.count()) + "ms (" +
                           (reason_.empty() ? "no answer" : reason_) + ')');
}

std::future<EmitResult> Emitter::Impl::emit(const Target& target, std::string_view event, const Json& data,
                                            std::span<const std::string> exclude) {
  check(target, event);
  std::string envelope;
  protocol::append_broker_envelope(envelope, {protocol::kEmitterId, target, event, data.view().text(), {}, exclude});
  auto promise = std::make_shared<std::promise<EmitResult>>();
  std::future<EmitResult> result = promise->get_future();
  publisher_.publish(protocol::channel_of(target), envelope, [promise](std::string_view error, std::int64_t receivers) {
    promise->set_value({std::string(error), receivers});
  });
  return result;
}

broker::RedisLogs::Events Emitter::Impl::logs_events() {
  return {.up = [](bool /*is_back*/) {},
          .down = [](const std::string& /*reason*/) {},
          .warn =
              [this](std::string_view /*kind*/, std::string line) {
                const std::lock_guard lock(mutex_);
                complaint_ = std::move(line);
              }};
}

std::future<EmitResult> Emitter::Impl::append(const Publication& publication, const Retention& retention,
                                              std::string_view idempotency_key) {
  check(Target::room(publication.room), publication.event);
  check(retention);
  const std::string once = idempotency_key.empty() ? std::string() : "server:" + std::string(idempotency_key);
  auto promise = std::make_shared<std::promise<EmitResult>>();
  std::future<EmitResult> result = promise->get_future();
  logs_.append(publication, retention, once,
               [this, promise](const Result<Appended>& appended) { promise->set_value(result_of(appended)); });
  return result;
}

EmitResult Emitter::Impl::result_of(const Result<Appended>& appended) {
  if (appended) return {.position = appended->position, .duplicate = appended->duplicate};
  EmitResult failed{.error = appended.error().message()};
  const std::lock_guard lock(mutex_);
  if (appended.error() == HistoryError::refused && !complaint_.empty()) failed.error += ": " + complaint_;
  return failed;
}

void Emitter::Impl::shutdown() {
  std::call_once(shut_down_, [this] {
    boost::asio::post(io_.executor(), [this] {
      logs_.finish(kFarewell);
      if (map_) map_->stop();
      publisher_.finish(kFarewell);
    });
    io_.end();
    io_.join();
  });
}

Emitter::Emitter(RedisOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Emitter::Emitter(std::string_view url) : Emitter(RedisOptions::from_url(url)) {}
Emitter::~Emitter() = default;

void Emitter::wait_until_ready() { impl_->wait_until_ready(); }

std::future<EmitResult> Emitter::to_client(std::string_view client_id, std::string_view event, const Json& data) {
  return impl_->emit(Target::client(client_id), event, data, {});
}

std::future<EmitResult> Emitter::to_user(std::string_view user_id, std::string_view event, const Json& data) {
  return impl_->emit(Target::user(user_id), event, data, {});
}

std::future<EmitResult> Emitter::to_room(std::string_view room, std::string_view event, const Json& data,
                                         std::span<const std::string> exclude) {
  return impl_->emit(Target::room(room), event, data, exclude);
}

std::future<EmitResult> Emitter::to_room(std::string_view room, std::string_view event, const Json& data,
                                         const Retention& retention, std::string_view idempotency_key,
                                         std::string_view key, std::span<const std::string> exclude) {
  return impl_->append({.room = room, .event = event, .data = data.view(), .key = key, .exclude = exclude}, retention,
                       idempotency_key);
}

std::future<EmitResult> Emitter::broadcast(std::string_view event, const Json& data,
                                           std::span<const std::string> exclude) {
  return impl_->emit(Target::everybody(), event, data, exclude);
}

void Emitter::shutdown() { impl_->shutdown(); }

}  // namespace hearth
