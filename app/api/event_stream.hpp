#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::app {

/// Server-sent events (HTML Living Standard, 9.2) on their way to one reader, who may be slow: what waits has a bound,
/// past which the stream is cut off.
class EventStream : public std::enable_shared_from_this<EventStream> {
 public:
  static constexpr std::size_t kMostWaiting = std::size_t{1} << 20;
  /// Without events for so long, a comment shows that it lives.
  static constexpr std::chrono::seconds kSilence{15};

  explicit EventStream(boost::asio::any_io_executor executor) : executor_(std::move(executor)), ready_(executor_) {}

  /// From any thread. `data` is a line of JSON. False if the stream has ended, or ends by this.
  bool send(std::string_view event, std::string_view data);
  /// The same of what may as well be left out: false, and nothing ends, if there is no place for it.
  bool offer(std::string_view event, std::string_view data);
  /// From any thread: an `ended` that says why, and no more.
  void end(std::string_view detail);
  /// From any thread: no more, and nothing of what waits.
  void cut();
  bool is_over() const;

  /// Called once a second for as long as somebody reads, on the executor's thread. Before anybody does.
  void set_beat(std::function<void(EventStream&)> beat) { beat_ = std::move(beat); }
  /// On the executor's thread: takes no more, and lets go what feeds it.
  void close();

  /// The next bytes for the reader, on the executor's thread; none: it has ended.
  boost::asio::awaitable<std::string> next();

 private:
  enum class State : std::uint8_t { open, ending, over };

  enum class Unfit : std::uint8_t { cuts, stays_out };

  bool put(std::string_view text, State after, Unfit unfit);
  void wake();
  std::string take(State& state);
  void beat_if_due();

  boost::asio::any_io_executor executor_;
  boost::asio::steady_timer ready_;
  std::function<void(EventStream&)> beat_{};
  std::chrono::steady_clock::time_point next_beat_ = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  std::chrono::steady_clock::time_point last_bytes_ = std::chrono::steady_clock::now();
  mutable std::mutex mutex_;
  // guarded by mutex_
  std::string waiting_;
  State state_ = State::open;
};

/// The streams that are open.
class EventStreams {
 public:
  /// At a time.
  static constexpr std::size_t kMost = 64;

  explicit EventStreams(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  /// Throws ApiProblem if there are too many.
  std::shared_ptr<EventStream> open();
  std::size_t count() const;
  /// Ends all of them.
  void close();

 private:
  boost::asio::any_io_executor executor_;
  std::vector<std::weak_ptr<EventStream>> streams_;
};

}  // namespace hearth::app
