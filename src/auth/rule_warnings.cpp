#include "auth/rule_warnings.hpp"

#include "auth/pattern_relation.hpp"
#include "auth/shown.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace hearth::auth {
namespace {

std::string named(const RuleSet& rules, std::size_t rule) {
  return "rule " + std::to_string(rule + 1) + ' ' + shown(rules.rules()[rule].name);
}

/// The first rule before `rule` that has a pattern which contains `pattern`.
std::optional<std::size_t> containing(const RuleSet& rules, std::size_t rule, const Pattern& pattern) {
  for (std::size_t before = 0; before < rule; ++before) {
    for (const Pattern& outer : rules.compiled(before).patterns) {
      if (contains(outer, pattern)) return before;
    }
  }
  return std::nullopt;
}

/// A rule that leaves nothing to `rule`, if others do so: the one for its last pattern.
std::optional<std::size_t> hiding(const RuleSet& rules, std::size_t rule) {
  std::optional<std::size_t> found;
  for (const Pattern& pattern : rules.compiled(rule).patterns) {
    found = containing(rules, rule, pattern);
    if (!found) break;
  }
  return found;
}

/// A room that is what `rule` says, and about which `later` decides for clients whose values `rule` does not match.
std::optional<std::string> differing_room(const RuleSet& rules, std::size_t rule, std::size_t later) {
  for (const Pattern& pattern : rules.compiled(rule).patterns) {
    if (pattern.placeholders().empty()) continue;
    for (const Pattern& other : rules.compiled(later).patterns) {
      if (contains(pattern, other)) continue;
      auto name = shared_name(pattern, other);
      if (name && rules.first_match(*name, AnyValues()) == rule) return name;
    }
  }
  return std::nullopt;
}

/// One where a wildcard stands right before a placeholder.
const Pattern* ambiguous_pattern(const CompiledRule& rule) {
  for (const Pattern& pattern : rule.patterns) {
    const auto& parts = pattern.parts();
    const auto at = std::adjacent_find(parts.begin(), parts.end(), [](const auto& left, const auto& right) {
      return left.kind != Pattern::Part::Kind::literal && right.kind == Pattern::Part::Kind::placeholder;
    });
    if (at != parts.end()) return &pattern;
  }
  return nullptr;
}

RoomRuleWarning hidden(const RuleSet& rules, std::size_t rule, std::size_t by) {
  return {RoomRuleWarning::Kind::hidden,
          rule,
          by,
          {},
          named(rules, rule) + " is never reached: " + named(rules, by) + " comes first and matches the same rooms"};
}

RoomRuleWarning ambiguous(const RuleSet& rules, std::size_t rule, const Pattern& pattern) {
  return {RoomRuleWarning::Kind::ambiguous,
          rule,
          rule,
          {},
          named(rules, rule) + " has a wildcard right before a placeholder in " + shown(pattern.text()) +
              ", so that the end of a value is enough to match"};
}

RoomRuleWarning differs(const RuleSet& rules, std::size_t rule, std::size_t later, const std::string& room) {
  return {RoomRuleWarning::Kind::differs, rule, later, room,
          "the room " + shown(room) + " is what " + named(rules, rule) + " says, and for clients with other values " +
              named(rules, later) + " says who may do what in it"};
}

}  // namespace

std::vector<RoomRuleWarning> warnings(const RuleSet& rules) {
  std::vector<std::optional<std::size_t>> hidden_by;
  for (std::size_t rule = 0; rule < rules.rules().size(); ++rule) hidden_by.push_back(hiding(rules, rule));

  std::vector<RoomRuleWarning> found;
  for (std::size_t rule = 0; rule < hidden_by.size(); ++rule) {
    if (hidden_by[rule]) {
      found.push_back(hidden(rules, rule, *hidden_by[rule]));
      continue;
    }
    if (const Pattern* pattern = ambiguous_pattern(rules.compiled(rule))) {
      found.push_back(ambiguous(rules, rule, *pattern));
    }
    for (std::size_t later = rule + 1; later < hidden_by.size(); ++later) {
      if (hidden_by[later]) continue;
      if (const auto room = differing_room(rules, rule, later)) found.push_back(differs(rules, rule, later, *room));
    }
  }
  return found;
}

}  // namespace hearth::auth
