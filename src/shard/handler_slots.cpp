#include "shard/handler_slots.hpp"

#include <utility>

namespace hearth::shard {

bool HandlerSlots::enter(Begin begin, bool may_be_refused) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return false;
    if (most_running_ != 0 && running_ >= most_running_) {
      if (may_be_refused && most_waiting_ != 0 && waiting_.size() >= most_waiting_) return false;
      waiting_.push_back({std::move(begin), Clock::now(), may_be_refused});
      return true;
    }
    ++running_;
  }
  begin(true);
  return true;
}

// The place of one that leaves goes to the first that still wants it.
void HandlerSlots::leave() {
  for (;;) {
    Waiting next;
    {
      const std::lock_guard lock(mutex_);
      // Fewer may be at work by now than when this one began.
      if (waiting_.empty() || (most_running_ != 0 && running_ > most_running_)) {
        if (--running_ == 0) idle_.notify_all();
        return;
      }
      next = std::move(waiting_.front());
      waiting_.pop_front();
    }
    const bool too_late = next.may_be_refused && Clock::now() - next.since > kLongestWait;
    next.begin(!too_late);
    if (!too_late) return;
  }
}

void HandlerSlots::limit(std::size_t running, std::size_t waiting) {
  const std::lock_guard lock(mutex_);
  most_running_ = running;
  most_waiting_ = waiting;
}

void HandlerSlots::go_on() {
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.empty() || (most_running_ != 0 && running_ >= most_running_)) return;
      ++running_;
    }
    leave();  // the place goes to the first that waits
  }
}

void HandlerSlots::open() {
  const std::lock_guard lock(mutex_);
  closed_ = false;
}

void HandlerSlots::close() {
  std::deque<Waiting> dropped;  // outside of the lock
  const std::lock_guard lock(mutex_);
  closed_ = true;
  dropped.swap(waiting_);
}

bool HandlerSlots::is_closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

void HandlerSlots::await_idle(Clock::time_point until) {
  std::unique_lock lock(mutex_);
  idle_.wait_until(lock, until, [this] { return running_ == 0; });
}

}  // namespace hearth::shard
