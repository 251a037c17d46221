#pragma once

#include <concepts>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace hearth {

/// Thrown by a handler that cannot decide now, because what it has to ask does not answer. It is no refusal: the client
/// is told to try again (docs/protocol.md, Answers to requests).
class Unavailable : public std::runtime_error {
 public:
  Unavailable() : std::runtime_error("unavailable") {}
  explicit Unavailable(const std::string& why) : std::runtime_error(why) {}
};

/// What the first function of a pair of handlers says when it cannot decide at once.
struct Pass {};
inline constexpr Pass pass{};

/// What the first function of a pair of handlers returns: its result, or `hearth::pass`, which has the second one
/// asked.
template <class Result>
class Decision {
 public:
  Decision(Pass) noexcept {}
  template <class Value>
    requires(std::convertible_to<Value, Result> && !std::same_as<std::remove_cvref_t<Value>, Pass> &&
             !std::same_as<std::remove_cvref_t<Value>, Decision>)
  Decision(Value&& value)  // NOLINT(bugprone-forwarding-reference-overload): the requirement leaves copies to the copy
      : result_(std::in_place, std::forward<Value>(value)) {}

  bool passes() const noexcept { return !result_.has_value(); }
  Result take() && { return *std::move(result_); }

 private:
  std::optional<Result> result_;
};

/// Of handlers that return nothing: done, or `hearth::pass`.
template <>
class Decision<void> {
 public:
  Decision() noexcept = default;
  Decision(Pass) noexcept : passes_(true) {}
  bool passes() const noexcept { return passes_; }
  void take() && noexcept {}

 private:
  bool passes_ = false;
};

}  // namespace hearth
