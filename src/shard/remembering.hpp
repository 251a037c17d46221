#pragma once

#include "hearth/history.hpp"
#include "hearth/options.hpp"
#include "hearth/room_rule.hpp"

#include <string_view>

namespace hearth::shard {

/// Which rooms remember, by the rules of the options. From any thread; does not change.
class Remembering {
 public:
  /// The options outlive it.
  explicit Remembering(const Options& options);

  /// Whether any room does.
  bool any() const noexcept { return any_; }
  /// The rule of a room that remembers; null if it does not. The room of a client's own id never does.
  const RoomRule* rule_of(std::string_view room) const;

  static Retention retention(const RoomRule& rule) noexcept { return {rule.history_size, rule.history_ttl}; }

 private:
  const RoomRules& rules_;
  const bool any_;
};

}  // namespace hearth::shard
