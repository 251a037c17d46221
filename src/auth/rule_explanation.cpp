#include "auth/rule_explanation.hpp"

#include "auth/client_values.hpp"
#include "auth/shown.hpp"

#include <string>
#include <vector>

namespace hearth::auth {
namespace {

using Outcome = ExaminedCondition::Outcome;

/// What a placeholder stands for, and whether a value of it cannot match because of the character that follows.
std::string describe_values(const Pattern& pattern, std::size_t part, const ClientValues& values) {
  const Placeholder& placeholder = pattern.placeholders()[pattern.parts()[part].begin];
  const std::vector<std::string> all = values.all(placeholder);
  if (all.empty()) return shown(placeholder.text) + " has no value";
  std::string text = shown(placeholder.text) + (all.size() > 1 ? " is one of " : " is ");
  for (std::size_t i = 0; i < all.size() && i < 3; ++i) text += (i > 0 ? ", " : "") + shown(all[i]);
  if (all.size() > 3) text += ", …";
  const std::string_view end = pattern.end_of_placeholder(part);
  if (!end.empty() && all.size() == 1 && all.front().find(end) != std::string::npos) {
    text += ", which has the " + shown(end) + " that follows";
  }
  return text;
}

/// Why a pattern does not match.
std::string describe_mismatch(const Pattern& pattern, std::string_view room, const ClientValues& values) {
  std::string text = shown(pattern.text());
  if (!pattern.matches(room, AnyValues())) return text + " does not match";
  text += " matches for others:";
  const auto& parts = pattern.parts();
  for (std::size_t part = 0; part < parts.size(); ++part) {
    if (parts[part].kind != Pattern::Part::Kind::placeholder) continue;
    text += (text.ends_with(':') ? " " : ", ") + describe_values(pattern, part, values);
  }
  return text;
}

ExaminedRule examine_patterns(const RuleSet& rules, std::size_t rule, std::string_view room,
                              const ClientValues& values) {
  ExaminedRule examined{rule, rules.rules()[rule].name, false, {}, {}};
  for (const Pattern& pattern : rules.compiled(rule).patterns) {
    if (pattern.matches(room, values)) {
      examined.matches = true;
      examined.text = shown(pattern.text()) + " matches";
      return examined;
    }
    examined.text += (examined.text.empty() ? "" : "; ") + describe_mismatch(pattern, room, values);
  }
  return examined;
}

ExaminedCondition examine_event(const RuleSet& rules, std::size_t rule, std::string_view event) {
  const bool allowed = rules.may_publish(rule, event);
  return {"publish_events", allowed ? Outcome::holds : Outcome::fails,
          "the event " + shown(event) + (allowed ? " is one of them" : " is none of them")};
}

std::vector<ExaminedCondition> examine_conditions(const RuleSet& rules, std::size_t rule, RoomAction action,
                                                  std::string_view room, const ClientView& client) {
  std::vector<ExaminedCondition> examined;
  for (const Condition& condition : rules.conditions(rule, action)) {
    const bool ask = condition.kind == Condition::Kind::ask;
    const Outcome outcome = ask                                      ? Outcome::asks
                            : holds(condition, action, room, client) ? Outcome::holds
                                                                     : Outcome::fails;
    examined.push_back({condition.text, outcome, reason(condition, action, room, client)});
  }
  if (action == RoomAction::publish && rules.rules()[rule].publish_events) {
    examined.push_back(examine_event(rules, rule, client.event));
  }
  return examined;
}

}  // namespace

RoomExplanation explain(const RuleSet& rules, RoomAction action, std::string_view room, const ClientView& client) {
  const ClientValues values(client);
  RoomExplanation explanation;
  for (std::size_t rule = 0; rule < rules.rules().size(); ++rule) {
    ExaminedRule& examined = explanation.rules.emplace_back(examine_patterns(rules, rule, room, values));
    if (!examined.matches) continue;
    examined.conditions = examine_conditions(rules, rule, action, room, client);
    break;
  }
  explanation.decision = rules.judge(action, rules.first_match(room, values), room, client);
  return explanation;
}

}  // namespace hearth::auth
