#pragma once

#include "hearth/duration_histogram.hpp"
#include "net/counters.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

namespace hearth::net {

/// How often something took how long; one thread counts, any may read.
class DurationHistogram {
 public:
  /// In microseconds.
  static constexpr std::array<std::int64_t, 14> kBounds{
      50, 100, 250, 500, 1'000, 2'500, 5'000, 10'000, 25'000, 100'000, 500'000, 1'000'000, 2'500'000, 5'000'000};

  void add(std::chrono::nanoseconds duration) noexcept {
    // One after the other, since most durations are among the shortest.
    std::size_t bucket = 0;
    while (bucket < kBounds.size() && duration.count() > kBounds[bucket] * 1000) ++bucket;
    counts_[bucket].add();
    sum_.add(static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0)));
  }
  /// As metrics have it.
  hearth::DurationHistogram snapshot() const {
    hearth::DurationHistogram durations;
    for (const std::int64_t bound : kBounds) durations.bounds.push_back(static_cast<double>(bound) / 1e6);
    for (const Counter& count : counts_) durations.counts.push_back(count.get());
    durations.sum = std::chrono::duration<double>(sum()).count();
    return durations;
  }
  std::uint64_t count(std::size_t bucket) const noexcept { return counts_.at(bucket).get(); }
  std::chrono::nanoseconds sum() const noexcept { return std::chrono::nanoseconds(sum_.get()); }

 private:
  std::array<Counter, kBounds.size() + 1> counts_;
  Counter sum_;
};

}  // namespace hearth::net
