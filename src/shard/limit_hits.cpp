#include "shard/limit_hits.hpp"

#include <chrono>
#include <string>

namespace hearth::shard {

namespace {

constexpr std::int64_t kLogInterval = 60'000;  // ms

}  // namespace

std::string_view name_of(Limit limit) noexcept {
  switch (limit) {
    case Limit::connections:
      return "connections";
    case Limit::connections_per_ip:
      return "connections_per_ip";
    case Limit::connects:
      return "connects";
    case Limit::connects_per_ip:
      return "connects_per_ip";
    case Limit::unauthenticated:
      return "unauthenticated";
    case Limit::connections_per_user:
      return "connections_per_user";
    case Limit::rooms_per_client:
      return "rooms_per_client";
    case Limit::messages:
      return "messages";
    case Limit::bytes:
      return "bytes";
    case Limit::encryption_failures:
      return "encryption_failures";
  }
  return {};
}

void LimitHits::add(Limit limit, std::initializer_list<LogField> fields) noexcept {
  const auto at = static_cast<std::size_t>(limit);
  counts_[at].fetch_add(1, std::memory_order_relaxed);
  const std::int64_t now =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
          .count();
  std::int64_t last = logged_[at];
  if (last != 0 && now - last < kLogInterval) return;
  if (!logged_[at].compare_exchange_strong(last, now)) return;
  log_(LogLevel::warning, "limit_reached", "clients are past a limit; of each one is told once a minute", fields);
}

}  // namespace hearth::shard
