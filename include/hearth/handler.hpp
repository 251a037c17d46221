#pragma once

#include "hearth/decision.hpp"

#include <boost/asio/awaitable.hpp>

#include <concepts>
#include <functional>
#include <type_traits>
#include <utility>

namespace hearth {

/// What coroutine handlers return.
template <class Result>
using Awaitable = boost::asio::awaitable<Result>;

namespace detail {

template <class Type>
struct AwaitedBy {};
template <class Type>
struct AwaitedBy<Awaitable<Type>> {
  using type = Type;
};

/// A function that is a coroutine whose result is, or becomes, a Result.
template <class Function, class Result, class Request>
concept CoroutineOf = requires {
  typename AwaitedBy<std::invoke_result_t<Function&, const Request&>>::type;
}
&&std::is_convertible_v<typename AwaitedBy<std::invoke_result_t<Function&, const Request&>>::type, Result>;

}  // namespace detail

/// A function of the application that the server calls: plain, a coroutine that returns `Awaitable<Result>`, or a pair
/// of both.
///
/// A plain one runs on the shard that owns the client and holds up every other client there until it returns, so it
/// must be quick and must not wait. A coroutine runs on the control plane and may wait; the client's next message is
/// handled after it is done. Of a pair the plain function is asked first and returns `Decision<Result>`: a result, or
/// `hearth::pass`, and then the coroutine is. What the request refers to stays valid until the function has returned,
/// or the coroutine has finished.
///
/// Any of them may throw; `hearth::Unavailable` says that nobody can decide now.
template <class Result, class Request>
class Handler {
 public:
  Handler() = default;

  template <class Function>
    requires(!std::same_as<std::remove_cvref_t<Function>, Handler> && std::invocable<Function&, const Request&>)
  Handler(Function function) {
    if constexpr (detail::CoroutineOf<Function, Result, Request>) {
      set_coroutine(std::move(function));
    } else {
      plain_ = std::move(function);
    }
  }

  template <class Plain, class Coroutine>
    requires(std::is_invocable_r_v<Decision<Result>, Plain&, const Request&>&&
                 detail::CoroutineOf<Coroutine, Result, Request>)
  Handler(Plain plain, Coroutine coroutine) : first_(std::move(plain)) { set_coroutine(std::move(coroutine)); }

  /// One whose result becomes a Result.
  template <class Other>
    requires(!std::same_as<Other, Result> && std::is_convertible_v<Other, Result>)
  Handler(Handler<Other, Request> other) {
    if (!other.is_coroutine() && other) {
      plain_ = [other = std::move(other)](const Request& request) -> Result { return other.call(request); };
    } else if (other) {
      set_coroutine([other = std::move(other)](const Request& request) { return other.start(request); });
    }
  }

  explicit operator bool() const noexcept { return plain_ || coroutine_; }
  /// Whether it may wait: a coroutine, or a pair.
  bool is_coroutine() const noexcept { return static_cast<bool>(coroutine_); }

  /// Calls a plain function.
  Result call(const Request& request) const { return plain_(request); }
  /// Asks a pair's plain function; one that is no pair passes.
  Decision<Result> try_first(const Request& request) const { return first_ ? first_(request) : Decision<Result>(pass); }
  /// Makes the coroutine; it starts when it is awaited.
  Awaitable<Result> start(const Request& request) const { return coroutine_(request); }

 private:
  template <class Function>
  void set_coroutine(Function function) {
    if constexpr (std::same_as<std::invoke_result_t<Function&, const Request&>, Awaitable<Result>>) {
      coroutine_ = std::move(function);
    } else {
      // The function lives in coroutine_, and so longer than the coroutine that refers to it.
      coroutine_ = [function = std::move(function)](const Request& request) mutable -> Awaitable<Result> {
        co_return co_await function(request);
      };
    }
  }

  std::function<Result(const Request&)> plain_;
  std::function<Decision<Result>(const Request&)> first_;
  std::function<Awaitable<Result>(const Request&)> coroutine_;
};

}  // namespace hearth
