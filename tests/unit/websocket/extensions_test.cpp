#include "websocket/extensions.hpp"

#include <gtest/gtest.h>

namespace hearth::websocket {
namespace {

/// A list written out again: names and parameters, values in brackets.
std::string read(std::string_view header) {
  const auto extensions = parse_extensions(header);
  if (!extensions) {
    return "malformed";
  }
  std::string text;
  for (const Extension& extension : *extensions) {
    text += "/" + extension.name;
    for (const auto& [name, value] : extension.parameters) {
      text += ";" + name + (value ? "[" + *value + "]" : "");
    }
  }
  return text;
}

TEST(Extensions, AreAListWithParameters) {
  EXPECT_EQ(read(""), "");
  EXPECT_EQ(read("foo"), "/foo");
  EXPECT_EQ(read("foo; bar; baz=2"), "/foo;bar;baz[2]");
  EXPECT_EQ(read("foo;bar,\tbaz ; a = b ,foo"), "/foo;bar/baz;a[b]/foo");
}

TEST(Extensions, MayHaveEmptyElementsInTheList) { EXPECT_EQ(read(",, foo, ,bar,"), "/foo/bar"); }

TEST(Extensions, MayQuoteValues) { EXPECT_EQ(read("foo; a=\"10\"; b=\"x\\y\""), "/foo;a[10];b[xy]"); }

TEST(Extensions, ThatBreakTheGrammarAreMalformed) {
  for (const std::string_view header :
       {"foo bar", "foo;", "foo; ;a", "foo; a=", "foo; =1", "=1", ";a", "foo; a=\"\"", "foo; a=\"1", "foo; a=\"1 2\"",
        "foo; a=\"1\\", "foo; a=\"1,2\"", "foo; a=\"1\"2", "foo; a=1=2", "f\x01oo", "foo; a=\xc3\xa9", "\"foo\"",
        "foo/1"}) {
    EXPECT_EQ(read(header), "malformed") << header;
  }
}

}  // namespace
}  // namespace hearth::websocket
