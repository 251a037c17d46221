#pragma once

#include "hearth/rate.hpp"
#include "net/deadline_list.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>

namespace hearth::shard {

/// How much of a rate is left. The rate is not kept, and is the same in each call.
class TokenBucket {
 public:
  /// Full.
  TokenBucket(const Rate& rate, net::TimePoint now) noexcept : tokens_(burst_of(rate)), at_(now) {}

  /// Whether there is one left.
  bool has_one(const Rate& rate, net::TimePoint now) noexcept {
    fill(rate, now);
    return tokens_ >= 1;
  }
  /// Takes so many, be it that they have to come yet.
  void take(const Rate& rate, double tokens, net::TimePoint now) noexcept {
    fill(rate, now);
    tokens_ -= tokens;
  }
  /// How long until there is one.
  net::Millis wait(const Rate& rate, net::TimePoint now) noexcept {
    fill(rate, now);
    if (tokens_ >= 1) return net::Millis(0);
    return net::Millis(static_cast<std::int64_t>(std::ceil((1 - tokens_) / per_millisecond(rate))));
  }
  bool is_full(const Rate& rate, net::TimePoint now) noexcept {
    fill(rate, now);
    return tokens_ >= burst_of(rate);
  }

 private:
  static double per_millisecond(const Rate& rate) noexcept {
    return static_cast<double>(std::max(rate.count, 1U)) /
           static_cast<double>(std::chrono::milliseconds(rate.per).count());
  }
  static double burst_of(const Rate& rate) noexcept {
    if (rate.burst != 0) return rate.burst;
    return std::max(1.0, per_millisecond(rate) * 1000);
  }
  void fill(const Rate& rate, net::TimePoint now) noexcept {
    if (now == at_) return;
    const auto passed = static_cast<double>((now - at_).count());
    at_ = now;
    tokens_ = std::min(burst_of(rate), tokens_ + passed * per_millisecond(rate));
  }

  double tokens_;
  net::TimePoint at_;
};

}  // namespace hearth::shard
