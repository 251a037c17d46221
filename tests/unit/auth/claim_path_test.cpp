#include "auth/claim_path.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace hearth::auth {
namespace {

std::string found(std::string_view path, std::string_view claims) {
  const auto parsed = ClaimPath::parse(path);
  if (!parsed) return parsed.error().text;
  const boost::json::value value = boost::json::parse(claims);
  const auto* claim = parsed->find(value.get_object());
  return claim != nullptr ? boost::json::serialize(*claim) : "none";
}

boost::json::value json(std::string_view text) { return boost::json::parse(text); }

TEST(ClaimPath, IsANameUnlessItBeginsWithASlash) {
  EXPECT_EQ(found("sub", R"({"sub":"ann"})"), R"("ann")");
  EXPECT_EQ(found("https://example.com/hearth", R"({"https://example.com/hearth":1})"), "1");
  EXPECT_EQ(found("a/b", R"({"a":{"b":1}})"), "none");
}

TEST(ClaimPath, IsAJsonPointerIfItBeginsWithASlash) {
  constexpr auto claims = R"({"a":{"b":[10,{"c":11}],"":12},"x/y":13,"m~n":14,"":15})";
  EXPECT_EQ(found("/a/b/0", claims), "10");
  EXPECT_EQ(found("/a/b/1/c", claims), "11");
  EXPECT_EQ(found("/a/", claims), "12");
  EXPECT_EQ(found("/x~1y", claims), "13");
  EXPECT_EQ(found("/m~0n", claims), "14");
  EXPECT_EQ(found("/", claims), "15");
  for (const auto* path :
       {"/a/c", "/a/b/2", "/a/b/00", "/a/b/-", "/a/b/+1", "/a/b/99999999999999999999", "/x/y", "/a/b/0/c", "/a/b/"}) {
    EXPECT_EQ(found(path, claims), "none") << path;
  }
}

TEST(ClaimPath, RefusesWhatIsNone) {
  EXPECT_EQ(found("", "{}"), "a claim needs a name, or a JSON pointer such as /realm/roles");
  EXPECT_EQ(found("/a~", "{}"), "the JSON pointer `/a~` has a `~` without 0 or 1 after it (RFC 6901)");
}

TEST(Claim, HasTheTextThatItIs) {
  EXPECT_TRUE(has_text(json(R"("ann")"), "ann"));
  EXPECT_FALSE(has_text(json(R"("ann")"), "an"));
  EXPECT_TRUE(has_text(json("42"), "42"));
  EXPECT_TRUE(has_text(json("-42"), "-42"));
  EXPECT_TRUE(has_text(json("18446744073709551615"), "18446744073709551615"));
  EXPECT_TRUE(has_text(json("-9223372036854775808"), "-9223372036854775808"));
  EXPECT_FALSE(has_text(json("42"), "042"));
  for (const auto* other : {"4.0", "null", "true", R"({"a":"4"})", R"([["4"]])"}) {
    EXPECT_FALSE(has_text(json(other), "4")) << other;
    EXPECT_FALSE(has_text(json(other), "4.0")) << other;
    EXPECT_FALSE(has_text(json(other), "true")) << other;
  }
}

TEST(Claim, HasTheTextsOfItsElements) {
  const auto list = json(R"(["a",7,null,["b"],"c"])");
  for (const auto* text : {"a", "7", "c"}) EXPECT_TRUE(has_text(list, text));
  for (const auto* text : {"b", "null", "ac", ""}) EXPECT_FALSE(has_text(list, text));
  EXPECT_EQ(texts(list), (std::vector<std::string>{"a", "7", "c"}));
  EXPECT_EQ(texts(json(R"("")")), std::vector<std::string>());
}

TEST(Claim, IsTrueOrFalseWhereThatIsAskedFor) {
  EXPECT_TRUE(has_text_or_truth(json("true"), "true"));
  EXPECT_FALSE(has_text_or_truth(json("true"), "false"));
  EXPECT_TRUE(has_text_or_truth(json(R"([1,false])"), "false"));
  EXPECT_TRUE(has_text_or_truth(json("5"), "5"));
}

}  // namespace
}  // namespace hearth::auth
