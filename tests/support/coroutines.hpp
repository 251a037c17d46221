#pragma once

#include "hearth/handler.hpp"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <utility>

namespace hearth::test {

inline Awaitable<void> pause_for(std::chrono::milliseconds length) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, length);
  co_await timer.async_wait(boost::asio::use_awaitable);
}

/// What coroutines wait for until a test opens it. It outlives the server.
class Gate {
 public:
  void open() { open_ = true; }
  void close() { open_ = false; }
  /// How many have come to it.
  int entered() const { return entered_; }
  /// A client that goes ends no wait here: what comes late is what is tested.
  Awaitable<void> passed() {
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
    ++entered_;
    while (!open_) co_await pause_for(std::chrono::milliseconds(1));
  }

 private:
  std::atomic<bool> open_ = false;
  std::atomic<int> entered_ = 0;
};

/// A coroutine handler that waits a moment and does what `function` does.
template <class Result, class Request>
Handler<Result, Request> as_coroutine(std::function<Result(const Request&)> function,
                                      std::chrono::milliseconds length = std::chrono::milliseconds(1)) {
  return [function = std::move(function), length](const Request& request) -> Awaitable<Result> {
    co_await pause_for(length);
    co_return function(request);
  };
}

/// A coroutine handler that waits at a gate and does what `function` does.
template <class Result, class Request>
Handler<Result, Request> behind_gate(Gate& gate, std::function<Result(const Request&)> function) {
  return [function = std::move(function), &gate](const Request& request) -> Awaitable<Result> {
    co_await gate.passed();
    co_return function(request);
  };
}

}  // namespace hearth::test
