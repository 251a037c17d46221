#pragma once

#include <array>
#include <cstdint>

namespace hearth::load {

/// Counts of times, in nanoseconds, with a relative error below 1/64 over their whole range; recording costs a few
/// instructions and no memory.
class Histogram {
 public:
  void record(std::uint64_t nanoseconds) noexcept;
  void add(const Histogram& other) noexcept;

  std::uint64_t count() const noexcept { return count_; }
  std::uint64_t max() const noexcept { return max_; }
  double mean() const noexcept;
  /// The time that `share` (0 to 1) of all did not pass; 0 if there are none.
  std::uint64_t quantile(double share) const noexcept;
  /// How many lie in [from, to), by the limits of the buckets.
  std::uint64_t between(std::uint64_t from, std::uint64_t to) const noexcept;

 private:
  // The first 64 buckets are one nanosecond wide, then 32 for each power of two.
  static constexpr unsigned kBitsInside = 5;
  static constexpr std::size_t kBuckets = (64 - kBitsInside + 1) << kBitsInside;
  static std::size_t bucket_of(std::uint64_t value) noexcept;
  static std::uint64_t lower_limit(std::size_t bucket) noexcept;

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
  double sum_ = 0;
};

}  // namespace hearth::load
