#pragma once

#include <exception>
#include <string>
#include <utility>
#include <variant>

namespace hearth::hub {

/// What became of a handler: its result, or what it threw.
template <class Result>
class Outcome {
 public:
  using Value = std::conditional_t<std::is_void_v<Result>, std::monostate, Result>;

  Outcome() = default;
  Outcome(std::exception_ptr error) : error_(std::move(error)) {}
  explicit Outcome(Value value) : value_(std::move(value)) {}

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

}  // namespace hearth::hub
