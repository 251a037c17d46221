#include "hearth/room_template.hpp"

#include "unit/auth/rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace hearth::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> rooms(std::string_view text, const RuleClient& client) {
  return RoomTemplate(text).rooms(Asking(RoomRules(), client).view());
}

std::string problem(std::string_view text) {
  try {
    return RoomTemplate(text).text();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

TEST(RoomTemplate, IsARoomOfTheClientsOwn) {
  EXPECT_THAT(rooms("ws-default", {}), ElementsAre("ws-default"));
  EXPECT_THAT(rooms("user:{user}:inbox", {.user = "ann"}), ElementsAre("user:ann:inbox"));
  EXPECT_THAT(rooms("{client}", {.id = "c-7"}), ElementsAre("c-7"));
  EXPECT_THAT(rooms("org:{claim:org}", {.claims = R"({"org":17})"}), ElementsAre("org:17"));
  EXPECT_THAT(rooms(R"(a\*\{)", {}), ElementsAre("a*{"));
}

TEST(RoomTemplate, IsOneRoomForEachElementOfAList) {
  EXPECT_THAT(rooms("t:{claim:teams}", {.claims = R"({"teams":["a","",7]})"}), ElementsAre("t:a", "t:7"));
  EXPECT_THAT(rooms("{claim:a}:{claim:b}", {.claims = R"({"a":["1","2"],"b":["x","y"]})"}),
              ElementsAre("1:x", "2:x", "1:y", "2:y"));
}

TEST(RoomTemplate, IsNoneWhereAPlaceholderHasNoValue) {
  EXPECT_THAT(rooms("user:{user}", {}), IsEmpty());
  EXPECT_THAT(rooms("user:{user}", {.user = ""}), IsEmpty());
  EXPECT_THAT(rooms("{claim:a}:{claim:b}", {.claims = R"({"a":"1","b":{}})"}), IsEmpty());
}

// What the pattern of the same text would not match.
TEST(RoomTemplate, LeavesOutAValueThatHasTheCharacterAfterItsPlaceholder) {
  EXPECT_THAT(rooms("user:{user}:x", {.user = "ann:b"}), IsEmpty());
  EXPECT_THAT(rooms("user:{user}", {.user = "ann:b"}), ElementsAre("user:ann:b"));
}

TEST(RoomTemplate, GivesNoMoreAndNoLongerNamesThanClientsMayHave) {
  std::string many = R"({"a":["x")";
  for (int i = 0; i < 200; ++i) many += ",\"v" + std::to_string(i) + '"';
  EXPECT_EQ(rooms("{claim:a}", {.claims = many + "]}"}).size(), RoomTemplate::kMaxRooms);
  EXPECT_THAT(rooms("{user}", {.user = std::string(257, 'a')}), IsEmpty());
  EXPECT_EQ(rooms("{user}", {.user = std::string(256, 'a')}).size(), 1U);
}

TEST(RoomTemplate, HasNoWildcards) {
  EXPECT_EQ(
      problem("a:*"),
      "hearth: the room `a:*` has a wildcard, and a client is put into rooms by name; write \\* for the character");
  EXPECT_EQ(
      problem("a:{x}"),
      "hearth: the pattern `a:{x}` is wrong: `{x}` is no placeholder; there are {user}, {client} and {claim:NAME}");
}

TEST(RoomPattern, MatchesNames) {
  const RoomPattern pattern("chat:*");
  EXPECT_TRUE(pattern.matches("chat:1"));
  EXPECT_FALSE(pattern.matches("chat:1:2"));
  EXPECT_EQ(pattern.text(), "chat:*");
  const RoomPattern copy = pattern;
  EXPECT_TRUE(copy.matches("chat:1"));
  EXPECT_THROW(RoomPattern("a:{user}"), std::invalid_argument);
}

}  // namespace
}  // namespace hearth::test
