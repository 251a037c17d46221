#include "protocol/json.hpp"

#include "unit/protocol/guarded_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::protocol {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

std::vector<std::pair<std::string, std::string>> members(std::string_view text) {
  const test::GuardedText guarded(text);
  std::vector<std::pair<std::string, std::string>> found;
  for (ObjectCursor at(guarded.text()); at.next();) found.emplace_back(at.key(), at.value());
  return found;
}

std::vector<std::string> elements(std::string_view text) {
  const test::GuardedText guarded(text);
  std::vector<std::string> found;
  for (ArrayCursor at(guarded.text()); at.next();) found.emplace_back(at.value());
  return found;
}

TEST(ObjectCursor, GivesMembersAsTheBytesThatTheyStandIn) {
  EXPECT_THAT(members(R"({"a":1,"b\"":"x,}","c":{"d":[1,2]},"e":[{}]})"),
              ElementsAre(Pair(R"("a")", "1"), Pair(R"("b\"")", R"("x,}")"), Pair(R"("c")", R"({"d":[1,2]})"),
                          Pair(R"("e")", "[{}]")));
}

TEST(ObjectCursor, LeavesOutWhiteSpaceAroundKeysAndValues) {
  EXPECT_THAT(members(" \n{ \"a\" :\t1 ,\r\n\"b\"\n: [ 1 , 2 ]\n}\n "),
              ElementsAre(Pair(R"("a")", "1"), Pair(R"("b")", "[ 1 , 2 ]")));
}

TEST(ObjectCursor, GivesRepeatedKeysAsOftenAsTheyStand) {
  EXPECT_THAT(members(R"({"a":1,"a":2})"), ElementsAre(Pair(R"("a")", "1"), Pair(R"("a")", "2")));
}

TEST(ObjectCursor, FindsNothingInEmptyObjectsAndOtherValues) {
  for (const std::string_view text : {"{}", " { } ", "[1]", R"("{")", "5", "null", ""}) {
    EXPECT_THAT(members(text), IsEmpty()) << text;
  }
}

TEST(ObjectCursor, StaysAtTheEnd) {
  ObjectCursor at(R"({"a":1})");
  EXPECT_TRUE(at.next());
  EXPECT_FALSE(at.next());
  EXPECT_FALSE(at.next());
}

TEST(ObjectCursor, WalksObjectsAsDeepAsIsValidJsonTakesThem) {
  std::string text = "0";
  for (std::size_t i = 0; i < kMaxJsonDepth; ++i) text = R"({"k":)" + text + "}";
  ASSERT_TRUE(is_valid_json(text));
  std::string_view value = text;
  std::size_t depth = 0;
  for (; is_object(value); ++depth) {
    ObjectCursor at(value);
    ASSERT_TRUE(at.next());
    value = at.value();
    ASSERT_FALSE(at.next());
  }
  EXPECT_EQ(depth, kMaxJsonDepth);
  EXPECT_EQ(value, "0");
}

TEST(ArrayCursor, GivesElementsAsTheBytesThatTheyStandIn) {
  EXPECT_THAT(elements(R"([1,-2.5e3,"a,]",[[],[1]],{"b":[2]},true,false,null])"),
              ElementsAre("1", "-2.5e3", R"("a,]")", "[[],[1]]", R"({"b":[2]})", "true", "false", "null"));
}

TEST(ArrayCursor, LeavesOutWhiteSpaceAroundElements) {
  EXPECT_THAT(elements("\t[ 1 ,\n[ 2 , 3 ]\r, \"x\" ]\n"), ElementsAre("1", "[ 2 , 3 ]", R"("x")"));
}

TEST(ArrayCursor, FindsNothingInEmptyArraysAndOtherValues) {
  for (const std::string_view text : {"[]", " [ ] ", R"({"a":1})", R"("[")", "5", "null", ""}) {
    EXPECT_THAT(elements(text), IsEmpty()) << text;
  }
}

TEST(ArrayCursor, StaysAtTheEnd) {
  ArrayCursor at("[1]");
  EXPECT_TRUE(at.next());
  EXPECT_FALSE(at.next());
  EXPECT_FALSE(at.next());
}

TEST(JsonCursors, ReadNothingOutsideOfTextThatIsNoJson) {
  constexpr std::string_view kObject = R"({"a":{"b":[1,2,"x\u0041"]},"c":-1.5e+3,"d":true})";
  constexpr std::string_view kArray = R"([{"b":[1,2,"x\u0041"]},-1.5e+3,[true,null]])";
  for (std::size_t size = 0; size < kObject.size(); ++size) EXPECT_LE(members(kObject.substr(0, size)).size(), 3U);
  for (std::size_t size = 0; size < kArray.size(); ++size) EXPECT_LE(elements(kArray.substr(0, size)).size(), 3U);
}

TEST(FindMember, FindsTheValueOfAKey) {
  constexpr std::string_view kObject = R"({"a":1,"b":{"c":2},"d":null})";
  EXPECT_EQ(find_member(kObject, "a"), "1");
  EXPECT_EQ(find_member(kObject, "b"), R"({"c":2})");
  EXPECT_EQ(find_member(kObject, "d"), "null");
  EXPECT_EQ(find_member(kObject, "c"), std::nullopt);
  EXPECT_EQ(find_member(kObject, ""), std::nullopt);
}

TEST(FindMember, TakesTheLastOfRepeatedKeys) {
  EXPECT_EQ(find_member(R"({"a":1,"b":0,"a":2})", "a"), "2");
  EXPECT_EQ(find_member(R"({"a":1,"\u0061":2})", "a"), "2");
}

TEST(FindMember, ComparesKeysByTheirMeaning) {
  EXPECT_EQ(find_member(R"({"\u0061\/\"":1})", R"(a/")"), "1");
  EXPECT_EQ(find_member(R"({"":1})", ""), "1");
  EXPECT_EQ(find_member(R"({"A":1})", "a"), std::nullopt);
}

TEST(FindMember, FindsNothingInWhatIsNoObject) {
  EXPECT_EQ(find_member("[1]", "a"), std::nullopt);
  EXPECT_EQ(find_member("null", "a"), std::nullopt);
}

TEST(JsonValue, TellsItsKindByItsFirstByte) {
  EXPECT_TRUE(is_object("{}"));
  EXPECT_TRUE(is_array("[]"));
  EXPECT_TRUE(is_string(R"("")"));
  for (const std::string_view text : {"", "0", "null", "true"}) {
    EXPECT_FALSE(is_object(text) || is_array(text) || is_string(text)) << text;
  }
}

}  // namespace
}  // namespace hearth::protocol
