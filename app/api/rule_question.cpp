#include "api/rule_question.hpp"

#include "api/body.hpp"
#include "api/publish_request.hpp"
#include "config/rules.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>

#include <utility>
#include <vector>

namespace hearth::app {

namespace {

boost::json::object read_claims(const ApiBody& body) {
  const boost::json::value claims = boost::json::parse(body.raw("claims").text());
  if (!claims.is_object()) throw invalid("claims", "is no object");
  return claims.as_object();
}

/// Where a token has what it grants: a name, or a JSON pointer.
const boost::json::value* granted_by(const boost::json::value& claims, const std::string& path) {
  if (!path.starts_with('/')) return claims.as_object().if_contains(path);
  boost::system::error_code error;
  return claims.find_pointer(path, error);
}

Grants read_claimed(const boost::json::object& claims, const config::AuthConfig& auth) {
  const boost::json::value whole(claims);
  const boost::json::value* granted = granted_by(whole, "hearth");
  for (const config::JwtConfig& jwt : auth.jwt) {
    if (const auto* found = granted_by(whole, jwt.hearth_claim)) granted = found;
  }
  if (granted == nullptr) return {};
  auto grants = read_grants(*granted);
  if (!grants)
    throw invalid("claims",
                  "grant something that cannot be read: " + grants.error().member + ' ' + grants.error().text);
  return *std::move(grants);
}

std::string_view word_of(ExaminedCondition::Outcome outcome) {
  switch (outcome) {
    case ExaminedCondition::Outcome::holds:
      return "holds";
    case ExaminedCondition::Outcome::fails:
      return "fails";
    case ExaminedCondition::Outcome::asks:
      return "asks";
  }
  return {};
}

std::string_view word_of(RoomDecision::Outcome outcome) {
  switch (outcome) {
    case RoomDecision::Outcome::allowed:
      return "allowed";
    case RoomDecision::Outcome::refused:
      return "refused";
    case RoomDecision::Outcome::ask:
      return "ask";
  }
  return {};
}

boost::json::object json_of(const ExaminedRule& rule) {
  boost::json::array conditions;
  for (const ExaminedCondition& condition : rule.conditions) {
    conditions.push_back(boost::json::object{
        {"condition", condition.condition}, {"outcome", word_of(condition.outcome)}, {"detail", condition.text}});
  }
  return {{"rule", rule.rule + 1},
          {"name", rule.name},
          {"matches", rule.matches},
          {"detail", rule.text},
          {"conditions", std::move(conditions)}};
}

std::string listed(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

/// In a sentence: the condition that decides, or that none fails.
std::string reason_of(const RoomExplanation& explanation) {
  if (!explanation.decision.rule) return "no rule matches, so nobody may";
  const ExaminedRule& rule = explanation.rules.back();
  std::string reason = "rule " + std::to_string(rule.rule + 1) + " (" + rule.name + ") decides";
  for (const ExaminedCondition& condition : rule.conditions) {
    const bool is_why = explanation.decision.outcome == RoomDecision::Outcome::refused
                            ? condition.outcome == ExaminedCondition::Outcome::fails
                            : condition.outcome != ExaminedCondition::Outcome::fails;
    if (is_why)
      reason += "; " + condition.condition + ' ' + std::string(word_of(condition.outcome)) + ": " + condition.text;
  }
  return reason;
}

}  // namespace

RuleQuestion::RuleQuestion(std::string_view text, const config::Config& config) : config_(config) {
  const ApiBody body(text, {"user", "claims", "room", "action", "event", "member"});
  room_ = body.text("room");
  check_room("room", room_);
  const std::string action = body.text("action");
  if (action != "join" && action != "publish") throw invalid("action", "is neither join nor publish");
  action_ = action == "join" ? RoomAction::join : RoomAction::publish;
  user_ = body.optional_text("user");
  if (body.has("claims")) claims_ = read_claims(body);
  grants_ = read_claimed(claims_, config.auth);
  event_ = body.optional_text("event").value_or("message");
  is_member_ = body.optional_truth("member").value_or(false);
}

boost::json::object RuleQuestion::answer() const {
  ClientView client;
  if (user_) client.user_id = *user_;
  client.claims = &claims_;
  client.join = grants_.join;
  client.publish = grants_.publish;
  client.is_member = is_member_;
  client.event = event_;
  const RoomExplanation explanation = RoomRules(config::rules_of(config_)).explain(action_, room_, client);
  const RoomDecision& decision = explanation.decision;
  boost::json::array rules;
  for (const ExaminedRule& rule : explanation.rules) rules.push_back(json_of(rule));
  boost::json::object answer{{"allowed", decision.outcome == RoomDecision::Outcome::allowed},
                             {"outcome", word_of(decision.outcome)},
                             {"rule", nullptr},
                             {"detail", reason_of(explanation)},
                             {"rules", std::move(rules)}};
  if (decision.code != 0) answer["code"] = decision.code;
  if (decision.rule) {
    answer["rule"] = *decision.rule + 1;
    answer["pattern"] = listed(config_.rooms[*decision.rule].pattern);
  }
  return answer;
}

}  // namespace hearth::app
