#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

namespace hearth {

/// Counts work under way, so that it can be brought to an end: whoever begins some takes a pass and keeps it for as
/// long as the work lasts; once the gate is closed there are no more passes, and when the last one is given back nobody
/// is inside any more. Usable from any thread.
///
///     auto pass = gate_.enter();
///     if (!pass) return refuse();                        // being shut down
///     post([pass = std::move(*pass)] { ... });           // inside until this is done and gone
///
/// It has to outlive its passes. Whoever waits may destroy it as soon as `wait` returns, and what was given to `close`
/// may as soon as it runs.
class Gate {
 public:
  /// Inside the gate for as long as it lives. A copy is a pass of its own, and can be made while the gate is closed.
  class Pass {
   public:
    Pass(const Pass& other) noexcept : gate_(other.gate_) {
      if (gate_ != nullptr) gate_->enter_again();
    }
    Pass(Pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    Pass& operator=(Pass other) noexcept {
      std::swap(gate_, other.gate_);
      return *this;
    }
    ~Pass() {
      if (gate_ != nullptr) gate_->leave();
    }

   private:
    friend class Gate;
    explicit Pass(Gate& gate) noexcept : gate_(&gate) {}

    Gate* gate_;
  };

  Gate() = default;
  /// Nobody may be inside.
  ~Gate();
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  /// A pass; nothing if the gate is closed.
  [[nodiscard]] std::optional<Pass> enter();

  /// No more passes from now on. `then` is called once, when nobody is inside: now, or later by the thread that leaves
  /// last; so it must not throw and should do no more than wake somebody. Closing again adds nothing, and needs no
  /// `then`.
  void close(std::function<void()> then = {});

  /// Closes, and waits until nobody is inside. Not from within: that would wait for itself.
  void wait();
  /// As `wait`, until a time at most. Whether nobody is inside any more.
  bool wait_until(std::chrono::steady_clock::time_point time);

  bool closed() const;
  /// How many passes there are.
  std::size_t inside() const;

 private:
  void enter_again() noexcept;
  void leave() noexcept;

  mutable std::mutex mutex_;
  std::condition_variable empty_;
  std::function<void()> then_;
  std::size_t inside_ = 0;
  bool closed_ = false;
};

}  // namespace hearth
