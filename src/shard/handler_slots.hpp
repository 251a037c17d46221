#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>

namespace hearth::shard {

/// How many coroutine handlers are at work, of all shards: a limited number at a time, the others in the order in which
/// they came. From any thread.
class HandlerSlots {
 public:
  using Clock = std::chrono::steady_clock;
  /// How long one that may be refused waits.
  static constexpr std::chrono::seconds kLongestWait{10};

  /// Begins what waited; false: it has waited too long. Called once, or not at all if the server is gone before.
  using Begin = std::function<void(bool admitted)>;

  /// 0: any number.
  HandlerSlots(std::size_t running, std::size_t waiting) : most_running_(running), most_waiting_(waiting) {}

  /// Calls `begin` now, or when its turn comes. False if too many wait, or none are taken any more: it is not called.
  /// `may_be_refused`: its client can be told to try again; others wait as long as it takes.
  bool enter(Begin begin, bool may_be_refused);
  /// One that had entered has finished.
  void leave();

  /// Other limits. Those that wait begin with `go_on`, if there is room for them now.
  void limit(std::size_t running, std::size_t waiting);
  void go_on();
  /// Takes handlers again after `close`.
  void open();
  /// Nothing begins any more; what waits is dropped.
  void close();
  bool is_closed() const;
  /// Waits until nobody is at work any more, but no longer than until then.
  void await_idle(Clock::time_point until);

 private:
  struct Waiting {
    Begin begin;
    Clock::time_point since;
    bool may_be_refused;
  };

  mutable std::mutex mutex_;  // of those below
  std::size_t most_running_;
  std::size_t most_waiting_;
  std::condition_variable idle_;
  std::deque<Waiting> waiting_;
  std::size_t running_ = 0;
  bool closed_ = false;
};

}  // namespace hearth::shard
