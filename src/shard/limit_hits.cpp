#include "shard/limit_hits.hpp"

#include <chrono>
#include <exception>
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
    case Limit::message_size:
      return "message_size";
    case Limit::backlog:
      return "backlog";
  }
  return {};
}

void LimitHits::add(Limit limit, std::initializer_list<LogField> fields) noexcept {
  if (note(limit, 1)) tell(fields);
}

void LimitHits::add(Limit limit, const protocol::ClientId& client, std::uint64_t count) noexcept {
  if (!note(limit, count)) return;
  try {
    tell({{"limit", name_of(limit)}, {"client", client.str()}});
  } catch (const std::exception&) {
    // No memory for a line.
  }
}

bool LimitHits::note(Limit limit, std::uint64_t count) noexcept {
  const auto at = static_cast<std::size_t>(limit);
  counts_[at].fetch_add(count, std::memory_order_relaxed);
  const std::int64_t now =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
          .count();
  std::int64_t last = logged_[at];
  return (last == 0 || now - last >= kLogInterval) && logged_[at].compare_exchange_strong(last, now);
}

void LimitHits::tell(std::initializer_list<LogField> fields) const noexcept {
  log_(LogLevel::warning, "limit_reached", "clients are past a limit; of each one is told once a minute", fields);
}

}  // namespace hearth::shard
