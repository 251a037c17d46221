#pragma once

#include <cstdint>
#include <limits>
#include <optional>

namespace hearth::load {

/// When each of a steady row of things is due, however late the one before it was. Times are nanoseconds since the run
/// began.
class Pace {
 public:
  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

  /// Never.
  Pace() = default;
  /// So many a second, the first after `share` of the time between two. A rate of 0: never.
  Pace(double a_second, std::uint64_t now, double share)
      : interval_(a_second > 0 ? kSecond / a_second : 0), next_(static_cast<double>(now) + interval_ * share) {}

  bool runs() const noexcept { return interval_ > 0; }
  std::uint64_t next() const noexcept { return runs() ? static_cast<std::uint64_t>(next_) : kNever; }

  /// Takes the next one if it is due: when it was.
  std::optional<std::uint64_t> take(std::uint64_t now) noexcept {
    if (!runs() || next_ > static_cast<double>(now)) return std::nullopt;
    const auto due = static_cast<std::uint64_t>(next_);
    next_ += interval_;
    return due;
  }

 private:
  static constexpr double kSecond = 1e9;

  double interval_ = 0;  // fractions of a nanosecond add up
  double next_ = 0;
};

}  // namespace hearth::load
