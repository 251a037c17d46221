#pragma once

#include "log/log.hpp"
#include "protocol/client_id.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace hearth::shard {

/// A limit that is about connections or messages.
enum class Limit : std::uint8_t {
  connections,
  connections_per_ip,
  connects,
  connects_per_ip,
  unauthenticated,
  connections_per_user,
  rooms_per_client,
  messages,
  bytes,
  encryption_failures,
  message_size,
  backlog,
};
inline constexpr std::size_t kLimits = 12;

/// Its name in hearth::Limits; of the last two, which are options of their own there, in `[limits]`.
std::string_view name_of(Limit limit) noexcept;

/// Counts what was past a limit, and says so once a minute. From any thread.
class LimitHits {
 public:
  explicit LimitHits(log::Log log) : log_(std::move(log)) {}

  void add(Limit limit, std::initializer_list<LogField> fields) noexcept;
  /// Of a client, so often. One that is past a limit with every message takes memory for no more than the line.
  void add(Limit limit, const protocol::ClientId& client, std::uint64_t count = 1) noexcept;
  std::uint64_t count(Limit limit) const noexcept { return counts_[static_cast<std::size_t>(limit)]; }

 private:
  /// Counts so many; whether it is to be told.
  bool note(Limit limit, std::uint64_t count) noexcept;
  void tell(std::initializer_list<LogField> fields) const noexcept;

  const log::Log log_;
  std::array<std::atomic<std::uint64_t>, kLimits> counts_{};
  std::array<std::atomic<std::int64_t>, kLimits> logged_{};  // steady time, in ms; 0: never
};

}  // namespace hearth::shard
