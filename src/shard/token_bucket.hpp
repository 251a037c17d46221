#pragma once

#include "hearth/rate.hpp"
#include "net/deadline_list.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>

namespace hearth::shard {

/// A rate as buckets reckon with it.
struct Refill {
  double per_millisecond;
  double burst;

  Refill(const Rate& rate) noexcept  // NOLINT(google-explicit-constructor): it is the same
      : per_millisecond(static_cast<double>(std::max(rate.count, 1U)) /
                        static_cast<double>(std::chrono::milliseconds(rate.per).count())),
        burst(rate.burst != 0 ? rate.burst : std::max(1.0, per_millisecond * 1000)) {}
  bool operator==(const Refill&) const = default;
};

/// How much of a rate is left. The rate is not kept, and is the same in each call.
class TokenBucket {
 public:
  /// Full.
  TokenBucket(const Refill& refill, net::TimePoint now) noexcept : tokens_(refill.burst), at_(now) {}

  /// Whether there is one left.
  bool has_one(const Refill& refill, net::TimePoint now) noexcept {
    fill(refill, now);
    return tokens_ >= 1;
  }
  /// Takes so many, be it that they have to come yet. Whether there is one left.
  bool take(const Refill& refill, double tokens, net::TimePoint now) noexcept {
    fill(refill, now);
    tokens_ -= tokens;
    return tokens_ >= 1;
  }
  /// How long until there is one.
  net::Millis wait(const Refill& refill, net::TimePoint now) noexcept {
    fill(refill, now);
    if (tokens_ >= 1) return net::Millis(0);
    return net::Millis(static_cast<std::int64_t>(std::ceil((1 - tokens_) / refill.per_millisecond)));
  }
  bool is_full(const Refill& refill, net::TimePoint now) noexcept {
    fill(refill, now);
    return tokens_ >= refill.burst;
  }

 private:
  void fill(const Refill& refill, net::TimePoint now) noexcept {
    const auto passed = static_cast<double>((now - at_).count());
    at_ = now;
    tokens_ = std::min(refill.burst, tokens_ + passed * refill.per_millisecond);
  }

  double tokens_;
  net::TimePoint at_;
};

}  // namespace hearth::shard
