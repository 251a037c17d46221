#include "unit/auth/rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hearth::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// One line a rule and a condition.
std::vector<std::string> lines(const RoomExplanation& explanation) {
  std::vector<std::string> found;
  for (const ExaminedRule& rule : explanation.rules) {
    found.push_back(std::to_string(rule.rule) + ' ' + rule.name + (rule.matches ? " + " : " - ") + rule.text);
    for (const ExaminedCondition& condition : rule.conditions) {
      using Outcome = ExaminedCondition::Outcome;
      const char* outcome = condition.outcome == Outcome::holds   ? "holds"
                            : condition.outcome == Outcome::fails ? "fails"
                                                                  : "asks";
      found.push_back(condition.condition + ' ' + outcome + ": " + condition.text);
    }
  }
  return found;
}

RoomExplanation explain(const RoomRules& rules, RoomAction action, std::string_view room, const RuleClient& client,
                        bool member = false, std::string_view event = "message") {
  const Asking asking(rules, client);
  const RoomExplanation explanation = rules.explain(action, room, asking.view(member, event));
  EXPECT_EQ(explanation.decision, rules.decide(action, room, asking.view(member, event)));
  return explanation;
}

TEST(RoomExplanation, SaysWhyEarlierRulesDidNotMatch) {
  const RoomRules rules({{.pattern = {"news:*"}},
                         {.pattern = {"user:{user}:**", "old:*"}, .name = "own"},
                         {.pattern = {"user:{claim:org}:{client}"}},
                         {.pattern = {"**"}, .join = {"anyone"}},
                         {.pattern = {"user:*"}}});
  EXPECT_THAT(lines(explain(rules, RoomAction::join, "user:ben:x", {.user = "ann"})),
              ElementsAre("0 news:* - `news:*` does not match",
                          "1 own - `user:{user}:**` matches for others: `{user}` is `ann`; `old:*` does not match",
                          "2 user:{claim:org}:{client} - `user:{claim:org}:{client}` matches for others: `{claim:org}` "
                          "has no value, `{client}` is `c-1`",
                          "3 ** + `**` matches", "anyone holds: holds always"));
}

TEST(RoomExplanation, SaysThatAValueHasTheCharacterThatEndsIt) {
  const RoomRules rules({{.pattern = {"user:{user}:**"}}});
  const auto explanation = explain(rules, RoomAction::join, "user:ann:x:secret", {.user = "ann:x"});
  EXPECT_THAT(lines(explanation), ElementsAre("0 user:{user}:** - `user:{user}:**` matches for others: `{user}` is "
                                              "`ann:x`, which has the `:` that follows"));
  EXPECT_EQ(to_text(explanation.decision), "refused - 200");
}

TEST(RoomExplanation, NamesTheFirstValuesOfAList) {
  const RoomRules rules({{.pattern = {"team:{claim:teams}"}}});
  EXPECT_THAT(lines(explain(rules, RoomAction::join, "team:x", {.claims = R"({"teams":["a","b"]})"})),
              ElementsAre("0 team:{claim:teams} - `team:{claim:teams}` matches for others: `{claim:teams}` is one of "
                          "`a`, `b`"));
  EXPECT_THAT(lines(explain(rules, RoomAction::join, "team:x", {.claims = R"({"teams":["a","b",3,4]})"})),
              ElementsAre("0 team:{claim:teams} - `team:{claim:teams}` matches for others: `{claim:teams}` is one of "
                          "`a`, `b`, `3`, …"));
}

TEST(RoomExplanation, TellsTheOutcomeOfEveryCondition) {
  const RoomRules rules({{.pattern = {"**"}, .join = {"ask", "users", "granted", "claim:role=admin", "nobody"}}});
  EXPECT_THAT(
      lines(explain(rules, RoomAction::join, "a", {.user = "ann", .claims = R"({"role":"user"})", .join = {"b"}})),
      ElementsAre("0 ** + `**` matches", "ask asks: the backend is asked", "users holds: the client's user id is `ann`",
                  "granted fails: no pattern of the client's `join` matches",
                  "claim:role=admin fails: the claim is `\"user\"`", "nobody fails: holds never"));
  EXPECT_THAT(lines(explain(rules, RoomAction::join, "a", {.claims = R"({"role":["admin"]})", .join = {"a*", "**"}})),
              ElementsAre("0 ** + `**` matches", "ask asks: the backend is asked",
                          "users fails: the client has no user id", "granted holds: the client's `join` has `**`",
                          "claim:role=admin holds: the claim is `[\"admin\"]`", "nobody fails: holds never"));
}

TEST(RoomExplanation, TellsOfMembershipAndEventsWherePublishingIsAskedFor) {
  const RoomRules rules(
      {{.pattern = {"**"}, .publish = {"members", "granted"}, .publish_events = std::vector<std::string>{"message"}}});
  EXPECT_THAT(lines(explain(rules, RoomAction::publish, "a", {}, false, "other")),
              ElementsAre("0 ** + `**` matches", "members fails: the client is not in the room",
                          "granted fails: the client was granted no `publish`",
                          "publish_events fails: the event `other` is none of them"));
  EXPECT_THAT(lines(explain(rules, RoomAction::publish, "a", {.publish = {"a"}}, true)),
              ElementsAre("0 ** + `**` matches", "members holds: the client is in the room",
                          "granted holds: the client's `publish` has `a`",
                          "publish_events holds: the event `message` is one of them"));
}

TEST(RoomExplanation, OfNoRulesIsEmpty) {
  const auto explanation = explain(RoomRules(), RoomAction::join, "a", {});
  EXPECT_THAT(lines(explanation), IsEmpty());
  EXPECT_EQ(to_text(explanation.decision), "refused - 200");
}

TEST(RoomExplanation, ShowsWhatClientsChoseOnOneLineAndCut) {
  const RoomRules rules({{.pattern = {"a:{user}"}}});
  const std::string user = "x\ny\x1b" + std::string(100, 'z');
  EXPECT_THAT(
      lines(explain(rules, RoomAction::join, "a:b", {.user = user})),
      ElementsAre("0 a:{user} - `a:{user}` matches for others: `{user}` is `x y " + std::string(60, 'z') + "…`"));
}

}  // namespace
}  // namespace hearth::test
