#include "broker/redis_publisher.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace hearth::broker {

namespace {

// What is under way is lost when the link breaks; what waits is not. So not much is under way at a time.
constexpr std::size_t kMaxUnanswered = std::size_t{1} << 20;
constexpr std::size_t kBatch = std::size_t{256} * 1024;

}  // namespace

RedisPublisher::RedisPublisher(boost::asio::any_io_executor executor, const RedisOptions& options, redis::Tls* tls,
                               Events events)
    : executor_(executor),
      options_(options),
      events_(std::move(events)),
      link_(std::move(executor), options, tls, "publish", *this) {}

void RedisPublisher::publish(redis::RespCommand command, Done done) {
  std::deque<Waiting> dropped;
  bool post = false;
  bool warn = false;
  bool refused = false;
  {
    const std::lock_guard lock(mutex_);
    refused = stopped_;
    queued_ += command.size();
    ++unfinished_;
    queue_.push_back({std::move(command), std::move(done), Clock::now()});
    while ((queued_ > options_.queue_limit && queue_.size() > 1) || (refused && !queue_.empty())) {
      queued_ -= queue_.front().command.size();
      dropped.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    if (!dropped.empty() && !refused) warn = !std::exchange(overflowed_, true);
    if (!refused) post = !std::exchange(pump_posted_, true);
  }
  if (post) boost::asio::post(executor_, [this] { pump(); });
  if (warn) {
    events_.warn("more waits to be published than may (" + std::to_string(options_.queue_limit) +
                 " bytes); the oldest messages are dropped");
  }
  if (!dropped.empty()) drop(dropped, refused ? "shut down" : "too much waits to be published");
}

void RedisPublisher::drop(const std::deque<Waiting>& dropped, const std::string& why) {
  {
    const std::lock_guard lock(mutex_);
    unfinished_ -= dropped.size();
  }
  counters_.dropped += dropped.size();
  for (const Waiting& waiting : dropped) {
    if (waiting.done) waiting.done(why, 0);
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

void RedisPublisher::stop() {
  std::deque<Waiting> dropped;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    queued_ = 0;
    dropped.swap(queue_);
  }
  drop(dropped, "shut down");
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
    if (!link_.is_writable()) return;
    while (!queue_.empty() && batch.size() < kBatch && unanswered_bytes_ < kMaxUnanswered) {
      Waiting& next = queue_.front();
      const std::size_t size = next.command.size();
      batch += next.command.bytes();
      unanswered_.push_back({size, std::move(next.done), false});
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
  events_.up();
  pump();
}

void RedisPublisher::link_down(const std::string& reason) {
  std::deque<Unanswered> lost;
  lost.swap(unanswered_);
  unanswered_bytes_ = 0;
  for (const Unanswered& sent : lost) {
    if (sent.is_ping) continue;
    ++counters_.unconfirmed;
    finish(sent, "the connection broke before Redis confirmed the message: " + reason, 0);
  }
  events_.down(reason);
}

void RedisPublisher::link_ping() {
  const bool is_role = options_.topology != RedisTopology::cluster;
  const redis::RespCommand ping = redis::RespCommand::of({is_role ? "ROLE" : "PING"});
  unanswered_.push_back({0, {}, true});
  link_.send(ping.bytes());
}

void RedisPublisher::link_reply(const redis::RespReply& reply) {
  if (unanswered_.empty()) return link_.fail("Redis answered what it was not asked: " + std::string(reply.text()));
  const Unanswered sent = std::move(unanswered_.front());
  unanswered_.pop_front();
  unanswered_bytes_ -= sent.size;
  if (sent.is_ping) {
    if (!redis::may_be_master(reply)) link_.fail(redis::kNoMasterAnyMore);
    return;
  }
  if (reply.is_error()) {
    ++counters_.refused;
    finish(sent, std::string(reply.text()), 0);
    if (counters_.refused == 1) events_.warn("Redis refused a message: " + std::string(reply.text()));
  } else {
    ++counters_.published;
    finish(sent, {}, reply.integer());
  }
  // Enough at a time to be worth a write.
  if (unanswered_bytes_ < kMaxUnanswered / 2) pump();
}

void RedisPublisher::finish(const Unanswered& sent, const std::string& error, std::int64_t receivers) {
  {
    const std::lock_guard lock(mutex_);
    --unfinished_;
  }
  if (sent.done) sent.done(error, receivers);
}

}  // namespace hearth::broker
