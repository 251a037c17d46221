#pragma once

#include "auth/condition.hpp"
#include "auth/pattern.hpp"
#include "hearth/room_rule.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::auth {

/// A rule in the form that is decided with.
struct CompiledRule {
  std::vector<Pattern> patterns;
  std::vector<Condition> join;
  std::vector<Condition> publish;
};

/// Reads rules and gathers all that is wrong with them.
class RoomRuleCompiler {
 public:
  explicit RoomRuleCompiler(const RoomRuleSupport& support) noexcept : support_(support) {}

  void add(const RoomRule& rule);

  const std::vector<RoomRuleProblem>& problems() const noexcept { return problems_; }
  /// Of use if there is no problem.
  std::vector<CompiledRule> take_compiled() noexcept { return std::move(compiled_); }

 private:
  std::vector<Pattern> patterns(const RoomRule& rule);
  std::vector<Condition> conditions(std::string_view key, std::span<const std::string> texts, RoomAction action);
  void check_name(const RoomRule& rule);
  void check_events(const RoomRule& rule);
  void check_history(const RoomRule& rule);
  void check_presence(const RoomRule& rule);

  void complain(std::string_view key, std::string text);
  void complain(std::string_view key, std::size_t element, std::string text);

  RoomRuleSupport support_;
  std::vector<CompiledRule> compiled_;
  std::vector<RoomRuleProblem> problems_;
};

/// What was left out, as it counts (RoomRules::rules).
RoomRule with_defaults(RoomRule rule);

}  // namespace hearth::auth
