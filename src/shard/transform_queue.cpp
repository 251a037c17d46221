#include "shard/transform_queue.hpp"

#include "shard/control_plane.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include <utility>

namespace hearth::shard {

namespace {

Awaitable<OutboundResult> transform(std::shared_ptr<ControlPlane> plane, std::shared_ptr<Transformation> job) {
  if (plane->slots().is_closed()) throw Unavailable();
  const OutboundMessage request = job->message.request();
  co_return co_await plane->options().outbound_transformer.start(request);
}

}  // namespace

/// A coroutine that can be told to end early, on its strand.
struct TransformQueue::Running {
  explicit Running(const boost::asio::any_io_executor& executor) : strand(boost::asio::make_strand(executor)) {}

  boost::asio::strand<boost::asio::any_io_executor> strand;
  boost::asio::cancellation_signal signal;
};

void TransformQueue::add(std::shared_ptr<Transformation> message, Done done) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    const ClientId client = message->client;
    const auto [place, is_first] = waiting_.try_emplace(client);
    place->second.push_back({std::move(message), std::move(done)});
    if (is_first) ready_.push_back(client);
  }
  start_more();
}

void TransformQueue::start_more() {
  for (;;) {
    std::unique_lock lock(mutex_);
    if (ready_.empty() || running_.size() >= plane_.options().encrypted_batch_limit) return;
    const ClientId client = ready_.front();
    ready_.pop_front();
    std::deque<Job>& jobs = waiting_.at(client);
    Job job = std::move(jobs.front());
    jobs.pop_front();
    const auto running = running_.emplace_back(std::make_shared<Running>(plane_.executor()));
    lock.unlock();
    run(client, std::move(job), running);
  }
}

void TransformQueue::run(const ClientId& client, Job job, const std::shared_ptr<Running>& running) {
  const auto plane = plane_.shared_from_this();
  auto coroutine = transform(plane, job.message);
  boost::asio::co_spawn(
      running->strand, std::move(coroutine),
      boost::asio::bind_cancellation_slot(running->signal.slot(), [this, plane, client, running, job = std::move(job)](
                                                                      std::exception_ptr error, OutboundResult result) {
        job.message->outcome =
            error ? Outcome<OutboundResult>(std::move(error)) : Outcome<OutboundResult>(std::move(result));
        job.done(job.message);
        finished(client, running);
      }));
}

void TransformQueue::finished(const ClientId& client, const std::shared_ptr<Running>& running) {
  {
    const std::lock_guard lock(mutex_);
    std::erase(running_, running);
    if (running_.empty()) idle_.notify_all();
    const auto place = waiting_.find(client);
    if (place == waiting_.end()) return;  // closed meanwhile
    if (place->second.empty()) {
      waiting_.erase(place);
    } else {
      ready_.push_back(client);
    }
  }
  start_more();
}

void TransformQueue::open() {
  const std::lock_guard lock(mutex_);
  closed_ = false;
}

void TransformQueue::close() {
  boost::unordered_flat_map<ClientId, std::deque<Job>, std::hash<ClientId>> dropped;  // outside of the lock
  const std::lock_guard lock(mutex_);
  closed_ = true;
  dropped.swap(waiting_);
  ready_.clear();
  for (const auto& running : running_) {
    boost::asio::post(running->strand, [running] { running->signal.emit(boost::asio::cancellation_type::terminal); });
  }
}

void TransformQueue::await_idle(std::chrono::steady_clock::time_point until) {
  std::unique_lock lock(mutex_);
  idle_.wait_until(lock, until, [this] { return running_.empty(); });
}

}  // namespace hearth::shard
