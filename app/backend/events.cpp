#include "backend/events.hpp"

#include "backend/trace.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <random>
#include <utility>

namespace hearth::app {

namespace asio = boost::asio;

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kFirstRetry{100};
constexpr milliseconds kLongestRetry{30'000};
constexpr milliseconds kLongestRetryAtTheEnd{1'000};

// RFC 3339, with milliseconds, in UTC.
std::string now_as_text() {
  const auto now = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> date{};
  std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 8> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%03dZ", static_cast<int>(now.time_since_epoch().count() % 1000));
  return std::string(date.data()) + fraction.data();
}

// Half of it to all of it, so that instances that failed together do not come back together.
milliseconds jittered(milliseconds delay) {
  static thread_local std::minstd_rand random{std::random_device{}()};
  return milliseconds(std::uniform_int_distribution<std::int64_t>(delay.count() / 2, delay.count())(random));
}

}  // namespace

Events::Events(asio::any_io_executor executor, NodeName node, std::size_t most_bytes, Deliver deliver, Log log)
    : executor_(std::move(executor)),
      node_(std::move(node)),
      deliver_(std::move(deliver)),
      log_(std::move(log)),
      timer_(executor_),
      queue_(most_bytes) {}

void Events::tell(QuestionBody event) { add(std::move(event), std::nullopt, {}); }

// The queue calls it under the mutex.
void Events::tell(QuestionBody event, std::string_view id, EventQueue::Outcome outcome) {
  add(std::move(event), id, [executor = executor_, outcome = std::move(outcome)](bool has_arrived) {
    asio::post(executor, [outcome, has_arrived] { outcome(has_arrived); });
  });
}

void Events::add(QuestionBody event, std::optional<std::string_view> id, EventQueue::Outcome outcome) {
  event.add("time", now_as_text());
  bool is_due = false;
  {
    const std::lock_guard lock(mutex_);
    event.add("id", id ? std::string(*id) : node_.id + "-" + std::to_string(++last_id_));
    const EventQueue::Time before = queue_.due();
    queue_.add(std::move(event).take(), Clock::now(), std::move(outcome));
    is_due = queue_.due() < before;
  }
  if (is_due) wake();
}

void Events::wake() {
  asio::post(executor_, [this] { timer_.cancel(); });
}

void Events::start() {
  has_started_ = true;
  asio::co_spawn(executor_, run(), asio::detached);
}

bool Events::finish(milliseconds patience) {
  if (!has_started_) return true;
  auto finished = finished_.get_future();
  asio::post(executor_, [this] {
    is_finishing_ = true;
    timer_.cancel();
  });
  return finished.wait_for(patience) == std::future_status::ready;
}

void Events::close() {
  is_closed_ = true;
  timer_.cancel();
}

Awaitable<void> Events::run() {
  while (!is_closed_) {
    EventQueue::Time due;
    EventBatch batch;
    {
      const std::lock_guard lock(mutex_);
      due = queue_.due();
      if (due <= Clock::now() || (is_finishing_ && !queue_.is_empty())) batch = queue_.take();
    }
    if (!batch.events.empty()) {
      co_await send(batch);
    } else if (is_finishing_) {
      break;
    } else {
      co_await wait_until(due);
    }
  }
  if (!is_closed_) finished_.set_value();
}

Awaitable<void> Events::send(const EventBatch& batch) {
  const std::string id = "msg_" + random_hex(16);
  milliseconds delay = kFirstRetry;
  for (bool has_failed = false; !is_closed_; has_failed = true) {
    const std::string why = co_await deliver_(batch, id);
    if (why.empty()) {
      if (has_failed) log_(LogLevel::info, "events are taken again");
      co_return note_arrival();
    }
    if (is_closed_) co_return;
    note_failure(why);
    if (!has_failed) log_(LogLevel::warning, "events are not taken; they wait, and are sent again: " + why);
    // Others may wake it meanwhile, for the next batch.
    const auto until = Clock::now() + jittered(delay);
    while (Clock::now() < until && !is_closed_) {
      if (is_finishing_ && until - Clock::now() > kLongestRetryAtTheEnd) break;
      co_await wait_until(until);
    }
    delay = std::min(delay * 2, is_finishing_ ? kLongestRetryAtTheEnd : kLongestRetry);
  }
}

void Events::note_failure(const std::string& why) {
  constexpr std::size_t kMostError = 500;  // bytes
  const std::lock_guard lock(mutex_);
  ++retries_;
  is_failing_ = true;
  last_error_ = why.substr(0, kMostError);
  // It may be somebody else's text, in whatever encoding.
  std::replace_if(
      last_error_.begin(), last_error_.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  last_error_at_ = std::chrono::system_clock::now();
}

void Events::note_arrival() {
  const std::lock_guard lock(mutex_);
  queue_.done();
  is_failing_ = false;
}

Awaitable<void> Events::wait_until(EventQueue::Time time) {
  timer_.expires_at(time);
  boost::system::error_code ignored;
  co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

EventStatistics Events::statistics() const {
  const std::lock_guard lock(mutex_);
  const EventQueue::State& state = queue_.state();
  EventStatistics statistics{state.events, state.bytes, 0,           state.sent, state.dropped,
                             retries_,     is_failing_, last_error_, 0};
  const std::chrono::duration<double> failed_at = last_error_at_.time_since_epoch();
  statistics.last_error_at = failed_at.count();
  if (state.events > 0) {
    statistics.oldest_age = std::chrono::duration<double>(Clock::now() - state.oldest).count();
  }
  return statistics;
}

}  // namespace hearth::app
