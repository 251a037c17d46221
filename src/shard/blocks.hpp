#pragma once

#include "hearth/block.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::shard {

/// Who is kept out (docs/library.md, The cluster). From any thread.
class Blocks {
 public:
  using Time = std::chrono::system_clock::time_point;

  static constexpr std::size_t kMost = 100'000;
  static constexpr std::chrono::hours kLongest{24 * 400};

  /// What a client has that a block may be about.
  struct Subject {
    std::optional<std::string_view> user{};
    std::string_view token{};
    std::optional<Time> issued_at{};
  };

  /// In place of an earlier one of the same user or token. False, and nothing happens: there are kMost already.
  bool add(const Block& block, Time now);
  void remove(std::string_view user, std::string_view token);
  bool keeps_out(const Subject& subject, Time now) const;
  /// Takes these, which are kept for all instances, and forgets those that it has had since before `known_since` and
  /// that are not among them. Whether any of them is new.
  bool take(std::span<const Block> kept, Time known_since, Time now);
  /// Those that have not ended.
  std::vector<Block> list(Time now) const;

  static bool concerns(const Block& block, const Subject& subject) noexcept;

 private:
  struct Entry {
    Block block;
    Time added;
  };
  using Map = boost::unordered_flat_map<std::string, Entry>;

  void forget_ended(Time now);
  bool keeps_out(const Map& map, std::string_view key, const Subject& subject, Time now) const;

  std::atomic<bool> is_empty_{true};
  mutable std::mutex mutex_;  // of the two maps
  Map users_;
  Map tokens_;
};

}  // namespace hearth::shard
