#include "unit/auth/rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hearth::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Of rules with these patterns, one each.
std::vector<std::string> warnings(const std::vector<std::vector<std::string>>& patterns) {
  std::vector<RoomRule> rules;
  for (const auto& pattern : patterns) rules.push_back({.pattern = pattern});
  std::vector<std::string> found;
  for (const RoomRuleWarning& warning : RoomRules(rules).warnings()) found.push_back(warning.text);
  return found;
}

void expect_hidden(const std::string& first, const std::string& second) {
  const RoomRules rules({{.pattern = {first}}, {.pattern = {second}}});
  const auto found = rules.warnings();
  ASSERT_EQ(found.size(), 1U) << first << ' ' << second;
  EXPECT_EQ(found[0].kind, RoomRuleWarning::Kind::hidden) << first << ' ' << second;
  EXPECT_EQ(found[0].rule, 1U);
  EXPECT_EQ(found[0].other, 0U);
}

TEST(RoomRuleWarnings, AreNoneForRulesThatSayWhatTheyMean) {
  EXPECT_THAT(warnings({{"news:*"}, {"user:{user}:**"}, {"user:{user}"}, {"chat:staff"}, {"chat:*"}, {"a.*", "b/*"}}),
              IsEmpty());
}

TEST(RoomRuleWarnings, TellOfARuleThatAnEarlierOneHides) {
  EXPECT_THAT(
      warnings({{"chat:*"}, {"chat:staff"}}),
      ElementsAre("rule 2 `chat:staff` is never reached: rule 1 `chat:*` comes first and matches the same rooms"));
  EXPECT_THAT(warnings({{"a:*"}, {"b:*"}, {"a:x", "b:y"}}),
              ElementsAre("rule 3 `a:x, b:y` is never reached: rule 2 `b:*` comes first and matches the same rooms"));
  EXPECT_THAT(warnings({{"a:*"}, {"a:x", "b:y"}}), IsEmpty());
  expect_hidden("**", "a");
  expect_hidden("**", "*");
  expect_hidden("**", "{user}");
  expect_hidden("a**", "ab*c**");
  expect_hidden("*:*", "a*:*b");
  expect_hidden("a:{user}:**", "a:{user}:x:*");
  expect_hidden("a:**", "a:{user}:{claim:x}");
  expect_hidden(R"(a\*)", R"(a\*)");
}

TEST(RoomRuleWarnings, AreNoneWhereTheEarlierRuleLeavesSomething) {
  for (const auto& [first, second] : std::vector<std::pair<std::string, std::string>>{
           {"*", "**"}, {"a", "a*"}, {"a:*", "a:**"}, {"ab*", "a*"}, {R"(a\*)", "a*"}, {"*", "a:b"}, {"a**a", "aa"}}) {
    EXPECT_THAT(warnings({{first}, {second}}), IsEmpty()) << first << ' ' << second;
  }
}

TEST(RoomRuleWarnings, TellOfRoomsThatAreOneThingAndWhereAnotherRuleDecides) {
  EXPECT_THAT(warnings({{"user:{user}:**"}, {"user:**"}}),
              ElementsAre("the room `user:x:x` is what rule 1 `user:{user}:**` says, and for clients with other values "
                          "rule 2 `user:**` says who may do what in it"));
  // A user id may have a colon, so that these rooms are what the first rule says.
  EXPECT_THAT(warnings({{"user:{user}"}, {"user:{user}:**"}}),
              ElementsAre("the room `user:x:x` is what rule 1 `user:{user}` says, and for clients with other values "
                          "rule 2 `user:{user}:**` says who may do what in it"));
  EXPECT_THAT(warnings({{"{claim:team}:log"}, {"a*:*"}}),
              ElementsAre("the room `ax:log` is what rule 1 `{claim:team}:log` says, and for clients with other values "
                          "rule 2 `a*:*` says who may do what in it"));
}

TEST(RoomRuleWarnings, NameARoomForWhichItIsSo) {
  const RoomRules rules({{.pattern = {"no", "x:{user}/{client}"}}, {.pattern = {"**:*y*/**"}}});
  const auto found = rules.warnings();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, RoomRuleWarning::Kind::differs);
  EXPECT_EQ(rules.what_is(found[0].room), 0U) << found[0].room;
  const Asking other(rules, {});
  EXPECT_EQ(other.join(found[0].room), "refused 1 200");
}

TEST(RoomRuleWarnings, AreNoneWhereAnEarlierRuleTakesTheRoomsInQuestion) {
  EXPECT_THAT(warnings({{"b:**:y"}, {"b:{user}"}, {"**:x:y"}}), IsEmpty());
}

TEST(RoomRuleWarnings, TellOfAWildcardRightBeforeAPlaceholder) {
  EXPECT_THAT(
      warnings({{"room-*{user}"}}),
      ElementsAre("rule 1 `room-*{user}` has a wildcard right before a placeholder in `room-*{user}`, so that the "
                  "end of a value is enough to match"));
}

TEST(RoomRuleWarnings, TakeLittleTimeForManyRules) {
  std::vector<std::vector<std::string>> patterns;
  for (int i = 0; i < 100; ++i) patterns.push_back({"kind-" + std::to_string(i) + ":{user}:**"});
  EXPECT_THAT(warnings(patterns), IsEmpty());
}

}  // namespace
}  // namespace hearth::test
