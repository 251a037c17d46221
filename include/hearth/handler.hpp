#pragma once

#include <boost/asio/awaitable.hpp>

#include <concepts>
#include <functional>
#include <type_traits>
#include <utility>

namespace hearth {

/// What coroutine handlers return.
template <class Result>
using Awaitable = boost::asio::awaitable<Result>;

/// A function of the application that the server calls: plain, or a coroutine that returns `Awaitable<Result>`.
///
/// A plain one runs on the shard that owns the client and holds up every other client there until it returns, so it
/// must be quick and must not wait. A coroutine runs on the control plane and may wait; the client's next message is
/// handled after it is done. What the request refers to stays valid until the function has returned, or the coroutine
/// has finished.
template <class Result, class Request>
class Handler {
 public:
  Handler() = default;

  template <class Function>
    requires(!std::same_as<std::remove_cvref_t<Function>, Handler> && std::invocable<Function&, const Request&>)
  Handler(Function function) {
    if constexpr (std::same_as<std::invoke_result_t<Function&, const Request&>, Awaitable<Result>>) {
      coroutine_ = std::move(function);
    } else {
      plain_ = std::move(function);
    }
  }

  explicit operator bool() const noexcept { return plain_ || coroutine_; }
  bool is_coroutine() const noexcept { return static_cast<bool>(coroutine_); }

  /// Calls a plain function.
  Result call(const Request& request) const { return plain_(request); }
  /// Makes the coroutine; it starts when it is awaited.
  Awaitable<Result> start(const Request& request) const { return coroutine_(request); }

 private:
  std::function<Result(const Request&)> plain_;
  std::function<Awaitable<Result>(const Request&)> coroutine_;
};

}  // namespace hearth
