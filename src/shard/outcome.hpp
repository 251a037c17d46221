#pragma once

#include "hearth/decision.hpp"

#include <exception>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace hearth::shard {

/// What became of a handler: its result, what it threw, or that nobody can say now.
template <class Result>
class Outcome {
 public:
  using Value = std::conditional_t<std::is_void_v<Result>, std::monostate, Result>;

  Outcome() = default;
  Outcome(std::exception_ptr error) : error_(std::move(error)) {}
  explicit Outcome(Value value) : value_(std::move(value)) {}
  static Outcome unavailable() { return Outcome(std::make_exception_ptr(Unavailable())); }

  /// Calls `function` and keeps what comes of it.
  template <class Function>
  static Outcome of(Function function) {
    try {
      if constexpr (std::is_void_v<Result>) {
        function();
        return Outcome(Value{});
      } else {
        return Outcome(function());
      }
    } catch (...) {
      return Outcome(std::current_exception());
    }
  }

  bool threw() const noexcept { return error_ != nullptr; }
  bool is_unavailable() const noexcept { return threw<Unavailable>(); }
  template <class Exception>
  bool threw() const noexcept {
    if (!error_) return false;
    try {
      std::rethrow_exception(error_);
    } catch (const Exception&) {
      return true;
    } catch (...) {
      return false;
    }
  }
  Value& value() noexcept { return value_; }

  /// What the exception says; only if it threw.
  std::string what() const {
    try {
      std::rethrow_exception(error_);
    } catch (const std::exception& error) {
      return error.what();
    } catch (...) {
      return "something that is no std::exception";
    }
  }

 private:
  Value value_{};
  std::exception_ptr error_;
};

}  // namespace hearth::shard
