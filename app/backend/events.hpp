#pragma once

#include "backend/event_queue.hpp"
#include "backend/question.hpp"
#include "backend/statistics.hpp"
#include "hearth/handler.hpp"
#include "hearth/log.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::app {

/// Tells the backend what happens, in batches, one after the other: so the events of a client arrive in their order. A
/// batch is sent until it has been taken.
class Events {
 public:
  using Log = std::function<void(LogLevel, std::string_view line)>;
  /// Sends a batch, under an id that stays the same however often it is sent. Why it has not been taken; empty if it
  /// has.
  using Deliver = std::function<Awaitable<std::string>(const EventBatch& batch, const std::string& id)>;

  Events(boost::asio::any_io_executor executor, NodeName node, std::size_t most_bytes, Deliver deliver, Log log);

  /// From any thread: tells of this, whose `id` and `time` are added.
  void tell(QuestionBody event);
  /// The same with an `id` of the caller's. `outcome` is called on the executor, once; not at all if the process ends
  /// before.
  void tell(QuestionBody event, std::string_view id, EventQueue::Outcome outcome);
  /// What is told is sent from now on. Any thread, once.
  void start();
  /// From any thread but that of the executor: what is told up to now is sent, and nothing any more when it returns.
  /// False if it was not all taken within `patience`. Without start() before, nothing is.
  bool finish(std::chrono::milliseconds patience);
  /// On the thread of the executor: sends nothing any more.
  void close();

  /// From any thread.
  EventStatistics statistics() const;

 private:
  Awaitable<void> run();
  Awaitable<void> send(const EventBatch& batch);
  Awaitable<void> wait_until(EventQueue::Time time);
  void add(QuestionBody event, std::optional<std::string_view> id, EventQueue::Outcome outcome);
  void wake();
  void note_failure(const std::string& why);
  void note_arrival();

  boost::asio::any_io_executor executor_;
  const NodeName node_;
  const Deliver deliver_;
  const Log log_;
  boost::asio::steady_timer timer_;
  std::promise<void> finished_{};
  std::atomic<bool> has_started_{false};
  bool is_finishing_ = false;
  bool is_closed_ = false;
  mutable std::mutex mutex_{};
  // guarded by mutex_
  EventQueue queue_;
  std::uint64_t last_id_ = 0;
  std::uint64_t retries_ = 0;
  bool is_failing_ = false;
  std::string last_error_;
  std::chrono::system_clock::time_point last_error_at_{};
};

}  // namespace hearth::app
