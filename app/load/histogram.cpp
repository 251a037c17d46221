#include "load/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace hearth::load {

std::size_t Histogram::bucket_of(std::uint64_t value) noexcept {
  if (value < (1U << (kBitsInside + 1))) return value;
  const auto shift = static_cast<unsigned>(std::bit_width(value)) - (kBitsInside + 1);
  return (static_cast<std::size_t>(shift) << kBitsInside) + static_cast<std::size_t>(value >> shift);
}

std::uint64_t Histogram::lower_limit(std::size_t bucket) noexcept {
  if (bucket < (1U << (kBitsInside + 1))) return bucket;
  const std::size_t shift = (bucket >> kBitsInside) - 1;
  const std::uint64_t inside = (bucket & ((1U << kBitsInside) - 1)) + (1U << kBitsInside);
  return inside << shift;
}

void Histogram::record(std::uint64_t nanoseconds) noexcept {
  ++buckets_[bucket_of(nanoseconds)];
  ++count_;
  max_ = std::max(max_, nanoseconds);
  sum_ += static_cast<double>(nanoseconds);
}

void Histogram::add(const Histogram& other) noexcept {
  for (std::size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
  sum_ += other.sum_;
}

double Histogram::mean() const noexcept { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }

std::uint64_t Histogram::quantile(double share) const noexcept {
  if (count_ == 0) return 0;
  const auto wanted =
      std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i];
    if (seen >= wanted) return i + 1 < kBuckets ? std::min(max_, lower_limit(i + 1) - 1) : max_;
  }
  return max_;
}

std::uint64_t Histogram::between(std::uint64_t from, std::uint64_t to) const noexcept {
  std::uint64_t sum = 0;
  for (std::size_t i = bucket_of(from); i < kBuckets && lower_limit(i) < to; ++i) sum += buckets_[i];
  return sum;
}

}  // namespace hearth::load
