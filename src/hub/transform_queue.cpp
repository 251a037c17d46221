#include "hub/transform_queue.hpp"

#include "hub/invoke.hpp"
#include "hub/server_core.hpp"

#include <boost/asio/co_spawn.hpp>

#include <utility>

namespace hearth::hub {

void TransformQueue::add(std::shared_ptr<Transformation> message,
                         std::function<void(std::shared_ptr<Transformation>)> done) {
  {
    const std::lock_guard lock(mutex_);
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
    if (ready_.empty() || running_ >= core_.options().encrypted_batch_limit) return;
    const ClientId client = ready_.front();
    ready_.pop_front();
    std::deque<Job>& jobs = waiting_.at(client);
    Job job = std::move(jobs.front());
    jobs.pop_front();
    ++running_;
    lock.unlock();
    run(client, std::move(job));
  }
}

void TransformQueue::run(const ClientId& client, Job job) {
  const auto core = core_.shared_from_this();
  auto coroutine =
      await_handler(core, core_.options().outbound_transformer, std::shared_ptr<const Transformation>(job.message));
  const auto strand = boost::asio::make_strand(core_.executor());
  boost::asio::co_spawn(strand, std::move(coroutine),
                        [this, core, client, job = std::move(job)](std::exception_ptr error, OutboundResult result) {
                          job.message->outcome = error ? Outcome<OutboundResult>(std::move(error))
                                                       : Outcome<OutboundResult>(std::move(result));
                          job.done(job.message);
                          finished(client);
                        });
}

void TransformQueue::finished(const ClientId& client) {
  {
    const std::lock_guard lock(mutex_);
    --running_;
    const auto place = waiting_.find(client);
    if (place->second.empty()) {
      waiting_.erase(place);
    } else {
      ready_.push_back(client);
    }
  }
  start_more();
}

}  // namespace hearth::hub
