#include "hearth/room_rules.hpp"

#include "auth/client_values.hpp"
#include "auth/room_rule_compiler.hpp"
#include "auth/rule_explanation.hpp"
#include "auth/rule_set.hpp"
#include "auth/rule_warnings.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace hearth {

class RoomRules::Impl {
 public:
  auth::RuleSet set;
};

namespace {

std::string place(const RoomRuleProblem& problem) {
  std::string text = "room_rules[" + std::to_string(problem.rule) + "]." + problem.key;
  if (problem.element) text += '[' + std::to_string(*problem.element) + ']';
  return text;
}

[[noreturn]] void refuse(const std::vector<RoomRuleProblem>& problems) {
  std::string text = "hearth: ";
  for (const RoomRuleProblem& problem : problems) {
    if (&problem != &problems.front()) text += "; ";
    text += place(problem) + ": " + problem.text;
  }
  throw std::invalid_argument(text);
}

auth::RoomRuleCompiler compile(std::span<const RoomRule> rules, const RoomRuleSupport& support) {
  auth::RoomRuleCompiler compiler(support);
  for (const RoomRule& rule : rules) compiler.add(rule);
  return compiler;
}

auth::RuleSet rule_set(std::vector<RoomRule> rules, const RoomRuleSupport& support) {
  auth::RoomRuleCompiler compiler = compile(rules, support);
  if (!compiler.problems().empty()) refuse(compiler.problems());
  for (RoomRule& rule : rules) rule = auth::with_defaults(std::move(rule));
  return {std::move(rules), compiler.take_compiled()};
}

}  // namespace

RoomRules::RoomRules() : impl_(std::make_shared<Impl>()) {}

RoomRules::RoomRules(std::vector<RoomRule> rules, const RoomRuleSupport& support)
    : impl_(std::make_shared<Impl>(Impl{rule_set(std::move(rules), support)})) {}

std::vector<RoomRuleProblem> RoomRules::check(std::span<const RoomRule> rules, const RoomRuleSupport& support) {
  return compile(rules, support).problems();
}

std::span<const RoomRule> RoomRules::rules() const noexcept { return impl_->set.rules(); }

RoomDecision RoomRules::decide(RoomAction action, std::string_view room, const ClientView& client) const {
  const auth::RuleSet& set = impl_->set;
  return set.judge(action, set.first_match(room, auth::ClientValues(client)), room, client);
}

RoomExplanation RoomRules::explain(RoomAction action, std::string_view room, const ClientView& client) const {
  return auth::explain(impl_->set, action, room, client);
}

std::optional<std::size_t> RoomRules::what_is(std::string_view room) const {
  return impl_->set.first_match(room, auth::AnyValues());
}

std::vector<RoomRuleWarning> RoomRules::warnings() const { return auth::warnings(impl_->set); }

}  // namespace hearth
