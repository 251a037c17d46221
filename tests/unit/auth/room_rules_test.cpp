#include "unit/auth/rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>

namespace hearth::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> problems(const std::vector<RoomRule>& rules, const RoomRuleSupport& support = {}) {
  std::vector<std::string> found;
  for (const RoomRuleProblem& problem : RoomRules::check(rules, support)) {
    std::string text = std::to_string(problem.rule) + ' ' + problem.key;
    if (problem.element) text += '[' + std::to_string(*problem.element) + ']';
    found.push_back(text + ": " + problem.text);
  }
  return found;
}

/// Of a rule that is right but for what `change` does to it.
template <class Change>
std::vector<std::string> problems_after(Change change, const RoomRuleSupport& support = {}) {
  RoomRule rule{.pattern = {"a"}};
  change(rule);
  return problems({rule}, support);
}

TEST(RoomRules, WithoutRulesRefuseEverything) {
  const Asking ann(RoomRules(), {.user = "ann", .join = {"**"}, .publish = {"**"}});
  EXPECT_EQ(ann.join("a"), "refused - 200");
  EXPECT_EQ(ann.publish_as_member("a"), "refused - 203");
  EXPECT_EQ(RoomRules().what_is("a"), std::nullopt);
}

TEST(RoomRules, AllowNothingThatTheyDoNotSay) {
  const Asking ann(RoomRules({{.pattern = {"**"}}}), {.user = "ann", .join = {"**"}, .publish = {"**"}});
  EXPECT_EQ(ann.join("a"), "refused 0 200");
  EXPECT_EQ(ann.publish_as_member("a"), "refused 0 203");
}

TEST(RoomRules, FirstThatMatchesDecidesAlone) {
  const Asking ann(RoomRules({{.pattern = {"a", "b:*"}, .join = {"nobody"}}, {.pattern = {"**"}, .join = {"anyone"}}}),
                   {.user = "ann"});
  EXPECT_EQ(ann.join("a"), "refused 0 200");
  EXPECT_EQ(ann.join("b:x"), "refused 0 200");
  EXPECT_EQ(ann.join("b:x:y"), "allowed 1");
  EXPECT_EQ(ann.join("c"), "allowed 1");
}

TEST(RoomRules, WithPlaceholdersGoOnToTheNextForOtherClients) {
  const RoomRules rules({{.pattern = {"own:{user}"}, .join = {"users"}, .publish = {"users"}},
                         {.pattern = {"own:*"}, .join = {"granted"}}});
  EXPECT_EQ(Asking(rules, {.user = "ann"}).join("own:ann"), "allowed 0");
  EXPECT_EQ(Asking(rules, {.user = "ann"}).join("own:ben"), "refused 1 200");
  EXPECT_EQ(Asking(rules, {.user = "ann", .join = {"own:ben"}}).join("own:ben"), "allowed 1");
  EXPECT_EQ(rules.what_is("own:ben"), 0U);
}

TEST(RoomRules, KnowTheClientByItsId) {
  const RoomRules rules({{.pattern = {"reply:{client}"}, .join = {"anyone"}}});
  EXPECT_EQ(Asking(rules, {.id = "c-1"}).join("reply:c-1"), "allowed 0");
  EXPECT_EQ(Asking(rules, {.id = "c-1"}).join("reply:c-2"), "refused - 200");
}

TEST(RoomRules, TakeAnEmptyUserIdForNone) {
  const RoomRules rules({{.pattern = {"a:{user}"}, .join = {"anyone"}}, {.pattern = {"**"}, .join = {"users"}}});
  EXPECT_EQ(Asking(rules, {.user = ""}).join("a:"), "refused 1 200");
}

TEST(RoomRules, AllConditionsMustHold) {
  const RoomRules rules({{.pattern = {"**"}, .join = {"users", "granted", "claim:email_verified=true"}}});
  const std::string verified = R"({"email_verified":true})";
  EXPECT_EQ(Asking(rules, {.user = "ann", .claims = verified, .join = {"a"}}).join("a"), "allowed 0");
  EXPECT_EQ(Asking(rules, {.claims = verified, .join = {"a"}}).join("a"), "refused 0 200");
  EXPECT_EQ(Asking(rules, {.user = "ann", .claims = verified, .join = {"b"}}).join("a"), "refused 0 200");
  EXPECT_EQ(Asking(rules, {.user = "ann", .join = {"a"}}).join("a"), "refused 0 200");
  EXPECT_EQ(Asking(rules, {.user = "ann", .claims = R"({"email_verified":"no"})", .join = {"a"}}).join("a"),
            "refused 0 200");
}

TEST(RoomRules, CompareClaimsWithAllThatFollowsTheFirstEqualsSign) {
  const RoomRules rules({{.pattern = {"**"}, .join = {"claim:filter=a=b"}}});
  EXPECT_EQ(Asking(rules, {.claims = R"({"filter":"a=b"})"}).join("x"), "allowed 0");
  EXPECT_EQ(Asking(rules, {.claims = R"({"filter":"a"})"}).join("x"), "refused 0 200");
}

TEST(RoomRules, GrantsToJoinAndToPublishAreTwoThings) {
  const RoomRules rules({{.pattern = {"**"}, .join = {"granted"}, .publish = {"granted"}}});
  const Asking ann(rules, {.join = {"j:*"}, .publish = {"p:*"}});
  EXPECT_EQ(ann.join("j:1"), "allowed 0");
  EXPECT_EQ(ann.join("p:1"), "refused 0 200");
  EXPECT_EQ(ann.publish("p:1"), "allowed 0");
  EXPECT_EQ(ann.publish("j:1"), "refused 0 203");
}

TEST(RoomRules, AskTheBackendLastAndOnlyIfAllElseHolds) {
  const RoomRules rules({{.pattern = {"**"},
                          .join = {"ask", "users"},
                          .publish = {"ask", "members"},
                          .publish_events = std::vector<std::string>{"m"}}});
  EXPECT_EQ(Asking(rules, {.user = "ann"}).join("a"), "ask 0");
  EXPECT_EQ(Asking(rules, {}).join("a"), "refused 0 200");
  EXPECT_EQ(Asking(rules, {}).publish_as_member("a", "m"), "ask 0");
  EXPECT_EQ(Asking(rules, {}).publish("a", "m"), "refused 0 202");
  EXPECT_EQ(Asking(rules, {}).publish_as_member("a", "n"), "refused 0 203");
}

TEST(RoomRules, FirstConditionThatFailsGivesTheCode) {
  const RoomRules rules(
      {{.pattern = {"a"}, .publish = {"members", "users"}}, {.pattern = {"b"}, .publish = {"users", "members"}}});
  EXPECT_EQ(Asking(rules, {}).publish("a"), "refused 0 202");
  EXPECT_EQ(Asking(rules, {}).publish("b"), "refused 1 203");
}

TEST(RoomRules, SayWhatARoomIsWhoeverAsks) {
  const RoomRules rules({{.pattern = {"user:{user}:**"}}, {.pattern = {"user:*"}}, {.pattern = {"{claim:x}/log"}}});
  EXPECT_EQ(rules.what_is("user:ann:mail"), 0U);
  EXPECT_EQ(rules.what_is("user:ann"), 1U);
  EXPECT_EQ(rules.what_is("anything/log"), 2U);
  EXPECT_EQ(rules.what_is("any/thing/log"), std::nullopt);  // no value may have the `/`
  EXPECT_EQ(rules.what_is(""), std::nullopt);
}

TEST(RoomRules, TellWhatWasLeftOutAsItCounts) {
  const RoomRules rules({{.pattern = {"a", "b"}},
                         {.pattern = {"c"}, .name = "named", .history_size = 10, .presence = RoomPresence::members},
                         {.pattern = {"d"}, .history_size = 10, .recover = false, .presence_interval = 20ms},
                         {.pattern = {"e"}, .history_size = 1, .slow_consumer = RoomSlowConsumer::latest}});
  const auto all = rules.rules();
  EXPECT_EQ(all[0].name, "a, b");
  EXPECT_EQ(all[0].recover, false);
  EXPECT_EQ(all[0].slow_consumer, std::nullopt);
  EXPECT_EQ(all[0].presence_interval, 1s);
  EXPECT_EQ(all[1].name, "named");
  EXPECT_EQ(all[1].recover, true);
  EXPECT_EQ(all[1].slow_consumer, RoomSlowConsumer::catch_up);
  EXPECT_EQ(all[1].presence_interval, 100ms);
  EXPECT_EQ(all[2].recover, false);
  EXPECT_EQ(all[2].slow_consumer, std::nullopt);
  EXPECT_EQ(all[2].presence_interval, 20ms);
  EXPECT_EQ(all[3].slow_consumer, RoomSlowConsumer::latest);
}

TEST(RoomRules, EveryProblemIsReported) {
  EXPECT_THAT(
      problems({{.pattern = {"a"}},
                {.pattern = {"ok", "b***"}, .join = {"user"}, .publish = {}},
                {.join = {"members"}, .publish = {"users", "claim:a"}}}),
      ElementsAre("1 pattern[1]: the pattern `b***` has more than two `*` side by side; write * for a part of a "
                  "name, ** for any text",
                  "1 join[0]: `user` is no condition; there are anyone, users, granted, claim:NAME=VALUE, "
                  "members, ask, nobody",
                  "1 publish: is an empty list; write \"nobody\" or \"anyone\"",
                  "2 pattern: is missing; `**` matches every room",
                  "2 join[0]: `members` is for `publish` alone: nobody is in a room before joining it",
                  "2 publish[1]: the condition `claim:a` needs a value to compare with, such as "
                  "claim:/realm/roles=admin"));
}

TEST(RoomRules, ThatAreWrongAreNotMade) {
  try {
    const RoomRules rules({{.pattern = {"a"}, .join = {}}, {.pattern = {"{"}, .recover = true}});
    FAIL() << "made";
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(),
                 "hearth: room_rules[0].join: is an empty list; write \"nobody\" or \"anyone\"; "
                 "room_rules[1].pattern[0]: the pattern `{` has a `{` without its `}`; write \\{ for the character; "
                 "room_rules[1].recover: needs a history to come back to; set history_size");
  }
}

TEST(RoomRules, NeedSomebodyToAsk) {
  const auto ask = [](RoomRule& rule) { rule.publish = {"ask"}; };
  EXPECT_THAT(problems_after(ask), IsEmpty());
  EXPECT_THAT(problems_after(ask, {.ask = false}),
              ElementsAre("0 publish[0]: `ask` needs a backend to ask; there is none"));
}

TEST(RoomRules, NeedAHistoryForWhatReadsIt) {
  EXPECT_THAT(problems_after([](RoomRule& rule) { rule.recover = true; }),
              ElementsAre("0 recover: needs a history to come back to; set history_size"));
  EXPECT_THAT(problems_after([](RoomRule& rule) { rule.slow_consumer = RoomSlowConsumer::catch_up; }),
              ElementsAre("0 slow_consumer: is `catch_up`, which needs a history to catch up from; set history_size"));
  EXPECT_THAT(problems_after([](RoomRule& rule) { rule.record = RoomRecord::lease; }),
              ElementsAre("0 record: is `lease`, which needs a history to record into; set history_size"));
  for (const auto policy :
       {RoomSlowConsumer::close, RoomSlowConsumer::drop, RoomSlowConsumer::gap, RoomSlowConsumer::latest}) {
    EXPECT_THAT(problems_after([&](RoomRule& rule) { rule.slow_consumer = policy; }), IsEmpty());
  }
  EXPECT_THAT(problems_after([](RoomRule& rule) {
                rule.history_size = 1;
                rule.recover = true;
                rule.slow_consumer = RoomSlowConsumer::catch_up;
                rule.record = RoomRecord::lease;
              }),
              IsEmpty());
}

TEST(RoomRules, NeedABrokerForALease) {
  EXPECT_THAT(problems_after(
                  [](RoomRule& rule) {
                    rule.history_size = 1;
                    rule.record = RoomRecord::lease;
                  },
                  {.broker = false}),
              ElementsAre("0 record: is `lease`, which needs a broker; there is none"));
}

TEST(RoomRules, HaveNumbersWithinBounds) {
  EXPECT_THAT(problems_after([](RoomRule& rule) { rule.history_size = 100'000; }), IsEmpty());
  EXPECT_THAT(problems_after([](RoomRule& rule) { rule.history_size = 100'001; }),
              ElementsAre("0 history_size: is 100001; at most 100000 publications are kept"));
  EXPECT_THAT(problems_after([](RoomRule& rule) { rule.history_ttl = 30 * 24h; }), IsEmpty());
  EXPECT_THAT(problems_after([](RoomRule& rule) { rule.history_ttl = 1s; }), IsEmpty());
  for (const std::chrono::milliseconds ttl : {999ms, std::chrono::milliseconds(30 * 24h) + 1ms, -1ms}) {
    EXPECT_THAT(problems_after([&](RoomRule& rule) { rule.history_ttl = ttl; }),
                ElementsAre("0 history_ttl: is " + std::to_string(ttl.count()) + " ms; 1 s to 30 d is possible"));
  }
  for (const std::uint32_t limit : {0U, 1'000'001U}) {
    EXPECT_THAT(problems_after([&](RoomRule& rule) { rule.presence_limit = limit; }),
                ElementsAre("0 presence_limit: is " + std::to_string(limit) + "; 1 to 1000000 is possible"));
  }
  for (const auto interval : {9ms, 60'001ms}) {
    EXPECT_THAT(
        problems_after([&](RoomRule& rule) { rule.presence_interval = interval; }),
        ElementsAre("0 presence_interval: is " + std::to_string(interval.count()) + " ms; 10 ms to 1 min is possible"));
  }
  for (const auto grace : {-1ms, 3'600'001ms}) {
    EXPECT_THAT(problems_after([&](RoomRule& rule) { rule.presence_grace = grace; }),
                ElementsAre("0 presence_grace: is " + std::to_string(grace.count()) + " ms; at most 1 h is possible"));
  }
  EXPECT_THAT(problems_after([](RoomRule& rule) {
                rule.presence_limit = 1;
                rule.presence_interval = 10ms;
                rule.presence_grace = 1h;
              }),
              IsEmpty());
}

TEST(RoomRules, NameTheEventsThatMayBePublished) {
  EXPECT_THAT(problems_after([](RoomRule& rule) { rule.publish_events.emplace(); }),
              ElementsAre("0 publish_events: is an empty list; leave it out for all events, or write publish = "
                          "\"nobody\""));
  EXPECT_THAT(problems_after([](RoomRule& rule) {
                rule.publish_events = std::vector<std::string>{"a", ""};
              }),
              ElementsAre("0 publish_events[1]: is empty; an event has a name"));
}

TEST(RoomRules, HaveNamesThatCanBeShown) {
  EXPECT_THAT(problems_after([](RoomRule& rule) { rule.name = "\xff"; }), ElementsAre("0 name: is not valid UTF-8"));
  EXPECT_THAT(problems_after([](RoomRule& rule) { rule.name = std::string(257, 'a'); }),
              ElementsAre("0 name: is longer than 256 characters"));
}

TEST(RoomRules, DecideTheSameWithManyOthersBeforeThem) {
  std::vector<RoomRule> rules;
  for (int i = 0; i < 99; ++i) rules.push_back({.pattern = {"kind-" + std::to_string(i) + ":{user}:*"}});
  rules.push_back({.pattern = {"k**"}, .join = {"anyone"}});
  const Asking ann(RoomRules(rules), {.user = "ann"});
  EXPECT_EQ(ann.join("kind-98:ann:x"), "refused 98 200");
  EXPECT_EQ(ann.join("kind-9:ann:x"), "refused 9 200");
  EXPECT_EQ(ann.join("kind-98:ben:x"), "allowed 99");
  EXPECT_EQ(ann.join("kind-"), "allowed 99");
  EXPECT_EQ(ann.join("k"), "refused - 200");
}

}  // namespace
}  // namespace hearth::test
