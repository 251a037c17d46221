#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::config {

/// A number of bytes, written `64KiB`.
struct ByteSize {
  std::uint64_t bytes = 0;

  bool operator==(const ByteSize&) const = default;
};

/// So many in a time, and how many at once before that: a token bucket. `50/s burst 200`, `256KiB/s burst 2MiB`.
struct Rate {
  enum class Unit : std::uint8_t { count, bytes };

  std::uint64_t amount = 0;  ///< 0: no limit
  std::chrono::seconds per{1};
  std::uint64_t burst = 0;
  Unit unit = Unit::count;

  double per_second() const noexcept { return static_cast<double>(amount) / static_cast<double>(per.count()); }
  bool operator==(const Rate&) const = default;
};

/// `250ms`, `30s`, `5m`, `1h`, `30d`, or `0`. Nothing if it is none of them, or longer than a century.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
/// `12B`, `64KiB`, `1MiB`, `2GiB`, or `0`. Nothing if it is none of them, or no 64 bits hold it.
std::optional<ByteSize> parse_size(std::string_view text);
/// `50/s`, `600/min`, `5/h`, each with ` burst 200` if wanted (otherwise the burst is what a second allows, at least
/// 1); or `0`. Of bytes, amounts are sizes. Nothing if it is none of them.
std::optional<Rate> parse_rate(std::string_view text, Rate::Unit unit);

/// As the above read it, in the largest unit that holds it whole.
std::string show(std::chrono::milliseconds duration);
std::string show(ByteSize size);
std::string show(const Rate& rate);

}  // namespace hearth::config
