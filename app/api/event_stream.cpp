#include "api/event_stream.hpp"

#include "api/answer.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/system/error_code.hpp>

#include <algorithm>

namespace hearth::app {

namespace asio = boost::asio;

namespace {

std::string text_of(std::string_view event, std::string_view data) {
  std::string text("event: ");
  return text.append(event).append("\ndata: ").append(data).append("\n\n");
}

}  // namespace

bool EventStream::send(std::string_view event, std::string_view data) {
  return put(text_of(event, data), State::open, Unfit::cuts);
}

bool EventStream::offer(std::string_view event, std::string_view data) {
  return put(text_of(event, data), State::open, Unfit::stays_out);
}

void EventStream::end(std::string_view detail) {
  const boost::json::object why{{"detail", detail}};
  put(text_of("ended", boost::json::serialize(why)), State::ending, Unfit::cuts);
}

void EventStream::cut() {
  {
    const std::lock_guard lock(mutex_);
    state_ = State::over;
    waiting_.clear();
  }
  wake();
}

bool EventStream::is_over() const {
  const std::lock_guard lock(mutex_);
  return state_ != State::open;
}

void EventStream::close() {
  cut();
  beat_ = nullptr;
}

bool EventStream::put(std::string_view text, State after, Unfit unfit) {
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::open) return false;
    const bool fits = waiting_.size() + text.size() <= kMostWaiting;
    if (!fits && unfit == Unfit::stays_out) return false;
    state_ = after;
    if (fits) {
      waiting_ += text;
    } else {
      state_ = State::over;
      waiting_.clear();
    }
  }
  wake();
  return !is_over();
}

// Whoever waits does so on the executor's thread, so that this comes after it has begun to.
void EventStream::wake() {
  asio::post(executor_, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->ready_.cancel();
  });
}

std::string EventStream::take(State& state) {
  const std::lock_guard lock(mutex_);
  state = state_;
  if (state_ == State::ending) state_ = State::over;
  return std::exchange(waiting_, {});
}

void EventStream::beat_if_due() {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_beat_) return;
  next_beat_ = now + std::chrono::seconds(1);
  if (beat_) beat_(*this);
}

asio::awaitable<std::string> EventStream::next() {
  for (;;) {
    beat_if_due();
    State state = State::open;
    std::string bytes = take(state);
    const auto now = std::chrono::steady_clock::now();
    if (bytes.empty() && state == State::open && now - last_bytes_ >= kSilence) bytes = ":\n\n";
    if (!bytes.empty() || state != State::open) {
      last_bytes_ = now;
      co_return bytes;
    }
    ready_.expires_at(next_beat_);
    boost::system::error_code ignored;
    co_await ready_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

std::shared_ptr<EventStream> EventStreams::open() {
  std::erase_if(streams_, [](const auto& stream) { return stream.expired(); });
  if (streams_.size() >= kMost) {
    throw ApiProblem{503, "too_many_streams", "64 streams are open, which is as many as there may be", {}};
  }
  auto stream = std::make_shared<EventStream>(executor_);
  streams_.push_back(stream);
  return stream;
}

std::size_t EventStreams::count() const {
  return static_cast<std::size_t>(
      std::count_if(streams_.begin(), streams_.end(), [](const auto& stream) { return !stream.expired(); }));
}

void EventStreams::close() {
  for (const auto& weak : streams_) {
    if (const auto stream = weak.lock()) stream->close();
  }
}

}  // namespace hearth::app
