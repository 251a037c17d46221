#include "log/quoted.hpp"

#include <gmock/gmock.h>

#include <string>

namespace hearth::log {
namespace {

std::string value(std::string_view text, std::size_t longest = kLongestValue) {
  std::string line;
  append_value(line, text, longest);
  return line;
}

TEST(LogValue, OnePlainWordStandsAsItIs) {
  for (const auto* plain :
       {"tea", "127.0.0.1:80", "[::1]:80", "a/b_c-d+e@f%41", "d7270aa1-95aa-4223-bdcc-eb0ae003e400"}) {
    EXPECT_EQ(value(plain), plain);
  }
}

TEST(LogValue, AnythingElseIsQuoted) {
  EXPECT_EQ(value(""), R"("")");
  EXPECT_EQ(value("a b"), R"("a b")");
  EXPECT_EQ(value("a=b"), R"("a=b")");
  EXPECT_EQ(value("say \"hi\"\\"), R"("say \"hi\"\\")");
  EXPECT_EQ(value("caf\xc3\xa9"), "\"caf\xc3\xa9\"");
}

TEST(LogValue, WhatATerminalObeysIsEscaped) {
  EXPECT_EQ(value("a\nb\r\x1b[31m"), R"("a\nb\r\u001b[31m")");
  EXPECT_EQ(value("\x7f"), R"("\u007f")");
  EXPECT_EQ(value("\xc2\x9b"), R"("\u009b")");      // CSI in one character
  EXPECT_EQ(value("\xe2\x80\xae"), R"("\u202e")");  // right to left from here
  EXPECT_EQ(value("\xe2\x81\xa6\xe2\x80\xa8"), R"("\u2066\u2028")");
  EXPECT_EQ(value("\xe2\x82\xac"), "\"\xe2\x82\xac\"");  // but not a euro
}

TEST(LogValue, WhatIsNoUtf8IsReplaced) { EXPECT_EQ(value("a\xff"), "\"a\xef\xbf\xbd\""); }

TEST(LogValue, IsCutWhereACharacterEnds) {
  EXPECT_EQ(value("abcdef", 3), "\"abc…\"");
  EXPECT_EQ(value("ab\xc3\xa9", 3), "\"ab…\"");
  EXPECT_EQ(value(std::string(1000, 'x')).size(), kLongestValue + std::string_view("\"…\"").size());
}

TEST(LogValue, InASentenceItIsAlwaysQuoted) {
  EXPECT_EQ(quoted("tea"), R"("tea")");
  EXPECT_EQ(quoted("abcdef", 2), "\"ab…\"");
}

}  // namespace
}  // namespace hearth::log
