#include "guard/gate.hpp"

#include "guard/expect.hpp"

namespace hearth {

Gate::~Gate() { expect(inside() == 0); }

std::optional<Gate::Pass> Gate::enter() {
  const std::lock_guard lock(mutex_);
  if (closed_) return std::nullopt;
  ++inside_;
  return Pass(*this);
}

void Gate::enter_again() noexcept {
  const std::lock_guard lock(mutex_);
  expect(inside_ > 0);
  ++inside_;
}

void Gate::leave() noexcept {
  std::function<void()> then;
  {
    // Notified under the lock, and `then` is taken out of it: whoever learns that nobody is inside may destroy the
    // gate.
    const std::lock_guard lock(mutex_);
    expect(inside_ > 0);
    if (--inside_ > 0 || !closed_) return;
    then = std::exchange(then_, nullptr);
    empty_.notify_all();
  }
  if (then) then();
}

void Gate::close(std::function<void()> then) {
  {
    const std::lock_guard lock(mutex_);
    expect(!closed_ || !then);
    closed_ = true;
    if (inside_ > 0) {
      if (then) then_ = std::move(then);
      return;
    }
  }
  if (then) then();
}

void Gate::wait() {
  std::unique_lock lock(mutex_);
  closed_ = true;
  empty_.wait(lock, [this] { return inside_ == 0; });
}

bool Gate::wait_until(std::chrono::steady_clock::time_point time) {
  std::unique_lock lock(mutex_);
  closed_ = true;
  return empty_.wait_until(lock, time, [this] { return inside_ == 0; });
}

bool Gate::closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

std::size_t Gate::inside() const {
  const std::lock_guard lock(mutex_);
  return inside_;
}

}  // namespace hearth
