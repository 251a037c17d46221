#include "broker/redis_publisher.hpp"

#include "log/quoted.hpp"
#include "protocol/broker_envelope.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace hearth::broker {

namespace {

// What is under way is lost when the link breaks; what waits is not. So not much is under way at a time.
constexpr std::size_t kMaxUnanswered = std::size_t{1} << 20;
constexpr std::size_t kBatch = std::size_t{256} * 1024;
constexpr const char* kShutDown = "shut down";
constexpr std::chrono::milliseconds kCountPause{50};  // between questions how many have subscribed again

}  // namespace

RedisPublisher::RedisPublisher(boost::asio::any_io_executor executor, const RedisOptions& options, redis::Tls* tls,
                               std::int64_t own_subscriptions, Events events)
    : executor_(executor),
      options_(options),
      events_(std::move(events)),
      link_(executor, options, tls, "publish", *this),
      hold_({.notice = options.dead_peer_timeout / redis::Pulse::kPings, .resubscribe = options.resubscribe_time},
            own_subscriptions),
      hold_timer_(executor),
      patience_(std::move(executor)) {}

void RedisPublisher::publish(redis::RespCommand command, Done done) {
  std::deque<Waiting> dropped;
  bool post = false;
  bool warn = false;
  bool refused = false;
  {
    const std::lock_guard lock(mutex_);
    refused = stopped_;
    if (!refused) {
      queued_ += command.size();
      ++unfinished_;
      queue_.push_back({std::move(command), std::move(done), Clock::now()});
      while (queued_ > options_.queue_limit && queue_.size() > 1) {
        queued_ -= queue_.front().command.size();
        dropped.push_back(std::move(queue_.front()));
        queue_.pop_front();
      }
      warn = !dropped.empty() && !std::exchange(overflowed_, true);
      post = !std::exchange(pump_posted_, true);
    }
  }
  if (refused) {
    ++counters_.dropped;
    return call(done, kShutDown, 0);
  }
  if (post) boost::asio::post(executor_, [this] { pump(); });
  if (warn) {
    events_.warn("overflow", "more waits to be published than may (" + std::to_string(options_.queue_limit) +
                                 " bytes); the oldest messages are dropped");
  }
  if (!dropped.empty()) drop(dropped, "too much waits to be published");
}

void RedisPublisher::drop(const std::deque<Waiting>& dropped, const std::string& why) {
  {
    const std::lock_guard lock(mutex_);
    unfinished_ -= dropped.size();
  }
  counters_.dropped += dropped.size();
  for (const Waiting& waiting : dropped) call(waiting.done, why, 0);
}

void RedisPublisher::call(const Done& done, const std::string& error, std::int64_t receivers) const {
  if (!done) return;
  try {
    done(error, receivers);
  } catch (...) {
    events_.warn("callback", "whoever was told what became of a message threw an exception");
  }
}

bool RedisPublisher::has_unfinished() const {
  const std::lock_guard lock(mutex_);
  return unfinished_ > 0;
}

std::uint64_t RedisPublisher::queued_bytes() const {
  const std::lock_guard lock(mutex_);
  return queued_;
}

void RedisPublisher::finish(std::chrono::milliseconds patience) {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  finishing_ = true;
  if (patience == patience.zero() || !has_unfinished()) return stop();
  hold_.give_up();  // better to some than to nobody
  patience_.expires_after(patience);
  patience_.async_wait([this](const boost::system::error_code& error) {
    if (!error) stop();
  });
  pump();
}

void RedisPublisher::stop() {
  patience_.cancel();
  hold_timer_.cancel();
  std::deque<Waiting> dropped;
  {
    const std::lock_guard lock(mutex_);
    queued_ = 0;
    dropped.swap(queue_);
  }
  drop(dropped, kShutDown);
  link_.stop();
}

void RedisPublisher::expire(std::chrono::milliseconds age) {
  std::deque<Waiting> expired;
  const auto before = Clock::now() - age;
  {
    const std::lock_guard lock(mutex_);
    while (!queue_.empty() && queue_.front().since < before) {
      queued_ -= queue_.front().command.size();
      expired.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
  }
  if (!expired.empty()) {
    drop(expired, "there was no connection to Redis for " + std::to_string(age.count()) + "ms");
  }
}

void RedisPublisher::pump() {
  std::string batch;
  {
    const std::lock_guard lock(mutex_);
    pump_posted_ = false;
    if (!link_.is_writable() || !is_up()) return;
    while (!queue_.empty() && batch.size() < kBatch && unanswered_bytes_ < kMaxUnanswered) {
      Waiting& next = queue_.front();
      const std::size_t size = next.command.size();
      batch += next.command.bytes();
      unanswered_.push_back({Unanswered::Kind::message, size, std::move(next.done)});
      unanswered_bytes_ += size;
      queued_ -= size;
      queue_.pop_front();
    }
  }
  if (!batch.empty()) link_.send(batch);
}

void RedisPublisher::link_up() {
  {
    const std::lock_guard lock(mutex_);
    overflowed_ = false;
  }
  tells_role_ = true;
  // A Cluster's node knows of its own subscribers alone.
  tells_count_ = options_.topology != RedisTopology::cluster;
  counted_ = !tells_count_;
  hold_.link_up(OutageHold::Clock::now());
  if (finishing_) hold_.give_up();
  ask_count();
  if (hold_.holds()) watch_hold();
  go_on();
}

void RedisPublisher::go_on() {
  if (!is_up()) return;
  events_.up();
  pump();
}

void RedisPublisher::watch_hold() {
  hold_timer_.expires_after(kCountPause);
  hold_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error || !link_.is_up()) return;
    hold_.look(OutageHold::Clock::now());
    if (!hold_.holds()) return go_on();
    ask_count();
    watch_hold();
  });
}

void RedisPublisher::link_down(const std::string& reason) {
  hold_timer_.cancel();
  hold_.link_down(OutageHold::Clock::now());
  std::deque<Unanswered> lost;
  lost.swap(unanswered_);
  unanswered_bytes_ = 0;
  for (const Unanswered& sent : lost) {
    if (sent.kind != Unanswered::Kind::message) continue;
    ++counters_.unconfirmed;
    settle(sent, "the connection broke before Redis confirmed the message: " + reason, 0);
  }
  events_.down(reason);
  if (finishing_ && !has_unfinished()) stop();
}

void RedisPublisher::ask(Unanswered::Kind kind, const redis::RespCommand& command) {
  unanswered_.push_back({.kind = kind});
  link_.send(command.bytes());
}

void RedisPublisher::link_ping() {
  // A Cluster's nodes pass on what is published, replicas too.
  const bool role = tells_role_ && options_.topology != RedisTopology::cluster;
  if (role) {
    ask(Unanswered::Kind::role, redis::RespCommand::of({"ROLE"}));
  } else {
    ask(Unanswered::Kind::ping, redis::RespCommand::of({"PING"}));
  }
  ask_count();
}

void RedisPublisher::ask_count() {
  if (!tells_count_) return;
  ask(Unanswered::Kind::count, redis::RespCommand::of({"PUBSUB", "NUMSUB", protocol::channel_of(Target::everybody())}));
}

void RedisPublisher::counted(const redis::RespReply& reply) {
  tells_count_ = !reply.is_error();
  const bool was_up = is_up();
  counted_ = true;
  hold_.subscribers(reply.is_array() ? std::optional(reply.integer(2)) : std::nullopt);
  if (!was_up) go_on();
}

void RedisPublisher::link_reply(const redis::RespReply& reply) {
  if (unanswered_.empty()) {
    return link_.fail("Redis answered what it was not asked: " + log::quoted(reply.text()));
  }
  const Unanswered sent = std::move(unanswered_.front());
  unanswered_.pop_front();
  unanswered_bytes_ -= sent.size;
  switch (sent.kind) {
    case Unanswered::Kind::ping:
      return;
    case Unanswered::Kind::role:
      tells_role_ = !reply.is_error();
      if (!redis::may_be_master(reply)) link_.fail(redis::kNoMasterAnyMore);
      return;
    case Unanswered::Kind::count:
      return counted(reply);
    case Unanswered::Kind::message:
      return taken(sent, reply);
  }
}

void RedisPublisher::taken(const Unanswered& sent, const redis::RespReply& reply) {
  if (reply.is_error()) {
    ++counters_.refused;
    settle(sent, std::string(reply.text()), 0);
    events_.warn("refused", "Redis refused a message: " + log::quoted(reply.text()));
  } else {
    ++counters_.published;
    settle(sent, {}, reply.integer());
  }
  if (finishing_ && !has_unfinished()) return stop();
  // Enough at a time to be worth a write.
  if (unanswered_bytes_ < kMaxUnanswered / 2) pump();
}

void RedisPublisher::settle(const Unanswered& sent, const std::string& error, std::int64_t receivers) {
  {
    const std::lock_guard lock(mutex_);
    --unfinished_;
  }
  call(sent.done, error, receivers);
}

}  // namespace hearth::broker
