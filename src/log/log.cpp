#include "log/log.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace hearth::log {

namespace {

/// A line on its way to the log's thread.
struct Line {
  LogLevel level;
  std::chrono::system_clock::time_point time;
  std::string_view event;
  std::string message;
  std::vector<std::pair<std::string_view, std::string>> fields;

  std::size_t size() const noexcept {
    std::size_t bytes = sizeof(Line) + message.size();
    for (const auto& [key, value] : fields) bytes += sizeof(fields.front()) + value.size();
    return bytes;
  }
};

// What is longer than this is of no use in a log.
constexpr std::size_t kLongestField = 4096;

}  // namespace

class Log::Queue {
 public:
  Queue(Sink sink, LogLevel least) : sink_(std::move(sink)), least_(least) {}
  ~Queue() { close(); }
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  bool wants(LogLevel level) const noexcept { return level >= least_.load(std::memory_order_relaxed); }
  void set_level(LogLevel least) noexcept { least_ = least; }

  void add(Line line, bool is_limited) {
    const std::size_t bytes = line.size();
    const std::lock_guard lock(mutex_);
    if (closed_ || (is_limited && !is_among_the_first(line.event))) return;
    if (bytes_ + bytes > kQueueLimit) {
      ++dropped_;
      return;
    }
    bytes_ += bytes;
    lines_.push_back(std::move(line));
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
    something_.notify_one();
  }

  void flush(std::chrono::milliseconds most) {
    std::unique_lock lock(mutex_);
    if (thread_.get_id() == std::this_thread::get_id()) return;
    const std::uint64_t left = taken_ + lines_.size();
    written_.wait_for(lock, most, [&] { return written_lines_ >= left || closed_; });
  }

  void close() {
    std::thread thread;
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
      thread = std::move(thread_);
      something_.notify_one();
    }
    if (!thread.joinable()) return;
    if (thread.get_id() == std::this_thread::get_id()) {
      thread.detach();  // closed from within the sink: it ends when that returns
    } else {
      thread.join();
    }
  }

  std::uint64_t dropped() const noexcept { return dropped_; }
  std::uint64_t suppressed() const noexcept { return suppressed_; }

 private:
  using Steady = std::chrono::steady_clock;

  /// Lines of one event in the second that has begun.
  struct Kind {
    unsigned written = 0;
    std::uint64_t more = 0;
  };

  bool is_among_the_first(std::string_view event) {
    Kind& kind = kinds_[event];
    if (kind.written < kMostASecond) {
      ++kind.written;
      return true;
    }
    ++kind.more;
    ++suppressed_;
    return false;
  }

  void run() {
    std::unique_lock lock(mutex_);
    Steady::time_point next_second = Steady::now() + std::chrono::seconds(1);
    for (;;) {
      something_.wait_until(lock, next_second, [this] { return closed_ || !lines_.empty(); });
      if (closed_) return;
      while (!lines_.empty() && !closed_) write_first(lock);
      if (Steady::now() >= next_second) {
        sum_up(lock);
        next_second = Steady::now() + std::chrono::seconds(1);
      }
    }
  }

  void write_first(std::unique_lock<std::mutex>& lock) {
    const Line line = std::move(lines_.front());
    lines_.pop_front();
    bytes_ -= line.size();
    ++taken_;
    write(line, lock);
    ++written_lines_;
    written_.notify_all();
  }

  // A second is over: how many more there were of each kind.
  void sum_up(std::unique_lock<std::mutex>& lock) {
    for (const auto& [event, kind] : std::exchange(kinds_, {})) {
      if (kind.more == 0 || closed_) continue;
      write({LogLevel::warning,
             std::chrono::system_clock::now(),
             "log_suppressed",
             "more lines of the same kind in the last second are left out",
             {{"of", std::string(event)}, {"count", std::to_string(kind.more)}}},
            lock);
    }
  }

  void write(const Line& line, std::unique_lock<std::mutex>& lock) {
    lock.unlock();
    try {
      std::vector<LogField> fields;
      for (const auto& [key, value] : line.fields) fields.push_back({key, value});
      sink_({line.level, line.time, line.event, line.message, fields});
    } catch (...) {
      // A log that fails must not take the server with it, and there is nowhere to say so.
    }
    lock.lock();
  }

  const Sink sink_;
  std::atomic<LogLevel> least_;
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<std::uint64_t> suppressed_{0};

  std::mutex mutex_;  // of all below
  std::condition_variable something_;
  std::condition_variable written_;
  std::deque<Line> lines_;
  std::size_t bytes_ = 0;
  std::uint64_t taken_ = 0;
  std::uint64_t written_lines_ = 0;
  boost::unordered_flat_map<std::string_view, Kind> kinds_;
  bool closed_ = false;
  std::thread thread_;  // begins with the first line
};

Log::Log(Sink sink, LogLevel least) : queue_(std::make_shared<Queue>(std::move(sink), least)) {}

bool Log::wants(LogLevel level) const noexcept { return queue_ && queue_->wants(level); }

void Log::set_level(LogLevel least) const noexcept {
  if (queue_) queue_->set_level(least);
}

void Log::operator()(LogLevel level, std::string_view event, std::string_view message,
                     std::initializer_list<LogField> fields) const noexcept {
  if (!wants(level)) return;
  try {
    Line line{level, std::chrono::system_clock::now(), event, std::string(message), {}};
    for (const LogField& field : fields) line.fields.emplace_back(field.key, field.value.substr(0, kLongestField));
    queue_->add(std::move(line), true);
  } catch (const std::exception&) {
    // No memory for a line.
  }
}

void Log::application(LogLevel level, std::string_view line) const noexcept {
  if (!wants(level)) return;
  try {
    queue_->add({level, std::chrono::system_clock::now(), "application", std::string(line), {}}, false);
  } catch (const std::exception&) {
    // As above.
  }
}

void Log::flush(std::chrono::milliseconds most) const {
  if (queue_) queue_->flush(most);
}

void Log::close() const {
  if (queue_) queue_->close();
}

std::uint64_t Log::dropped() const noexcept { return queue_ ? queue_->dropped() : 0; }
std::uint64_t Log::suppressed() const noexcept { return queue_ ? queue_->suppressed() : 0; }

}  // namespace hearth::log
