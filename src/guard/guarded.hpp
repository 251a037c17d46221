#pragma once

#include <condition_variable>
#include <mutex>
#include <type_traits>
#include <utility>

namespace hearth {

/// A value and the mutex that protects it, so that nobody comes to the one without the other.
///
///     Guarded<std::vector<Line>> lines_;
///     lines_.lock()->push_back(line);                    // for one call
///     auto lines = lines_.lock();                        // to the end of the scope
///     lines.wait(arrived_, [&] { return !lines->empty(); });
///
/// What is protected together is one value: a struct, if there are several.
template <class T>
class Guarded {
 public:
  /// The value, for as long as this lives: the mutex is held meanwhile.
  template <class Value>
  class Access {
   public:
    Access(const Access&) = delete;
    Access& operator=(const Access&) = delete;

    Value& operator*() const& noexcept { return value_; }
    /// A reference would outlive the lock, as in `for (auto& line : *lines_.lock())`.
    Value& operator*() const&& = delete;
    Value* operator->() const noexcept { return &value_; }

    /// Lets go of the mutex until `condition` is notified and `predicate` is true of the value.
    template <class Predicate>
    void wait(std::condition_variable& condition, Predicate predicate) {
      condition.wait(lock_, std::move(predicate));
    }
    /// As `wait`, until a time at most. Whether the predicate is true.
    template <class Time, class Predicate>
    bool wait_until(std::condition_variable& condition, const Time& time, Predicate predicate) {
      return condition.wait_until(lock_, time, std::move(predicate));
    }

   private:
    friend class Guarded;
    Access(std::mutex& mutex, Value& value) : lock_(mutex), value_(value) {}

    std::unique_lock<std::mutex> lock_;
    Value& value_;
  };

  Guarded() = default;
  /// Makes the value of these.
  template <class... Arguments>
    requires std::is_constructible_v<T, Arguments...>
  explicit Guarded(std::in_place_t /*unused*/, Arguments&&... arguments)
      : value_(std::forward<Arguments>(arguments)...) {}
  explicit Guarded(T value) : value_(std::move(value)) {}

  [[nodiscard]] Access<T> lock() { return {mutex_, value_}; }
  [[nodiscard]] Access<const T> lock() const { return {mutex_, value_}; }

 private:
  mutable std::mutex mutex_;
  T value_{};
};

}  // namespace hearth
