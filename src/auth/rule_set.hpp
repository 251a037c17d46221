#pragma once

#include "auth/pattern.hpp"
#include "auth/room_rule_compiler.hpp"
#include "hearth/room_rules.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace hearth::auth {

/// Rules in order, and the decisions that they make.
class RuleSet {
 public:
  RuleSet() = default;
  /// Both are the same rules, in the same order.
  RuleSet(std::vector<RoomRule> rules, std::vector<CompiledRule> compiled);

  const std::vector<RoomRule>& rules() const noexcept { return rules_; }
  const CompiledRule& compiled(std::size_t rule) const noexcept { return compiled_[rule]; }

  /// The first rule that matches.
  std::optional<std::size_t> first_match(std::string_view room, const PlaceholderValues& values) const;
  /// What follows for the client from `rule` being the one that decides.
  RoomDecision judge(RoomAction action, std::optional<std::size_t> rule, std::string_view room,
                     const ClientView& client) const;
  const std::vector<Condition>& conditions(std::size_t rule, RoomAction action) const noexcept;
  /// Whether `publish_events` lets an event through.
  bool may_publish(std::size_t rule, std::string_view event) const noexcept;

 private:
  /// How the names that a pattern matches begin: a look at it tells most patterns that do not match.
  struct Beginning {
    std::uint64_t mask;
    std::uint64_t bytes;
    std::uint32_t rule;
    std::uint32_t pattern;
  };

  std::vector<RoomRule> rules_;
  std::vector<CompiledRule> compiled_;
  std::vector<Beginning> beginnings_;  // of all patterns, in the order of the rules
};

}  // namespace hearth::auth
