#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace hearth::server {

/// A count to which any thread adds, each on a cache line of its own as long as they are no more than kStripes, so that
/// shards that publish do not wait for each other.
class StripedCounter {
 public:
  void add() noexcept { stripes_[stripe_here()].count.fetch_add(1, std::memory_order_relaxed); }
  std::uint64_t get() const noexcept {
    std::uint64_t sum = 0;
    for (const Stripe& stripe : stripes_) sum += stripe.count.load(std::memory_order_relaxed);
    return sum;
  }

 private:
  static constexpr std::size_t kStripes = 16;
  struct alignas(64) Stripe {
    std::atomic<std::uint64_t> count{0};
  };

  static std::size_t stripe_here() noexcept {
    static std::atomic<std::size_t> threads{0};
    thread_local const std::size_t here = threads.fetch_add(1, std::memory_order_relaxed) % kStripes;
    return here;
  }

  std::array<Stripe, kStripes> stripes_;
};

}  // namespace hearth::server
