#pragma once

#include "hearth/log.hpp"

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace hearth::app {

/// Says why clients are refused, at most 20 times a second: whoever wants in without a right to it must not fill the
/// disk. How many more there were is said with the next line. Any thread.
class RefusalLog {
 public:
  using Write = std::function<void(LogLevel, std::string_view line)>;
  using Clock = std::chrono::steady_clock;
  static constexpr unsigned kMostASecond = 20;

  explicit RefusalLog(Write write) : write_(std::move(write)) {}

  void operator()(std::string_view line, Clock::time_point now = Clock::now()) {
    const Count count = take(now);
    if (count.left_out > 0) write_(LogLevel::info, std::to_string(count.left_out) + " more clients were refused");
    if (count.has_place) write_(LogLevel::info, line);
  }

 private:
  struct Count {
    bool has_place;
    unsigned left_out;  ///< before it, which nobody has been told of
  };

  Count take(Clock::time_point now) {
    const std::lock_guard lock(mutex_);
    unsigned left_out = 0;
    if (now - since_ >= std::chrono::seconds(1)) {
      since_ = now;
      lines_ = 0;
      left_out = std::exchange(left_out_, 0);
    }
    const bool has_place = lines_ < kMostASecond;
    ++(has_place ? lines_ : left_out_);
    return {has_place, left_out};
  }

  const Write write_;
  std::mutex mutex_;
  // guarded by mutex_
  Clock::time_point since_{};
  unsigned lines_ = 0;
  unsigned left_out_ = 0;
};

}  // namespace hearth::app
