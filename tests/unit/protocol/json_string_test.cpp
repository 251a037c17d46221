#include "protocol/json.hpp"

#include "unit/protocol/guarded_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace hearth::protocol {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

std::string unescaped(std::string_view token) {
  const test::GuardedText guarded(token);
  std::string scratch;
  return std::string(unescape(guarded.text(), scratch));
}

std::string in_quotes(std::string_view text) {
  const test::GuardedText guarded(text);
  std::string out;
  append_quoted(out, guarded.text());
  return out;
}

TEST(Unescape, GivesAViewIntoATokenWithoutEscapes) {
  constexpr std::string_view kToken = R"("plain, żółw")";
  std::string scratch = "untouched";
  const std::string_view text = unescape(kToken, scratch);
  EXPECT_EQ(text, "plain, żółw");
  EXPECT_EQ(text.data(), kToken.data() + 1);
  EXPECT_EQ(scratch, "untouched");
}

TEST(Unescape, ForgetsWhatWasInTheScratchBefore) {
  std::string scratch = "before";
  EXPECT_EQ(unescape(R"("\n")", scratch), "\n");
  EXPECT_EQ(unescape(R"("a\tb")", scratch), "a\tb");
}

TEST(Unescape, ReadsEveryEscape) {
  EXPECT_EQ(unescaped(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(unescaped(R"("a\nb\n\nc")"), "a\nb\n\nc");
  EXPECT_EQ(unescaped(R"("\\n")"), R"(\n)");
  EXPECT_EQ(unescaped(R"("")"), "");
}

TEST(Unescape, EncodesCodePointsInAsManyBytesAsTheyTake) {
  EXPECT_EQ(unescaped(R"("\u0000")"), "\0"sv);
  EXPECT_EQ(unescaped(R"("\u007f\u0080")"), "\x7f\xc2\x80");
  EXPECT_EQ(unescaped(R"("\u07ff\u0800")"), "\xdf\xbf\xe0\xa0\x80");
  EXPECT_EQ(unescaped(R"("\ud7ff\ue000\uffff")"), "\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf");
  EXPECT_EQ(unescaped(R"("\u00E9\u00e9")"), "éé");
}

TEST(Unescape, JoinsSurrogatePairs) {
  EXPECT_EQ(unescaped(R"("\ud83d\ude00")"), "😀");
  EXPECT_EQ(unescaped(R"("\uD800\uDC00\uDBFF\uDFFF")"), "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
}

TEST(Unescape, ReplacesSurrogatesWithoutTheirOtherHalf) {
  const std::string replacement(kReplacement);
  EXPECT_EQ(unescaped(R"("\ud800")"), replacement);
  EXPECT_EQ(unescaped(R"("\udc00")"), replacement);
  EXPECT_EQ(unescaped(R"("\udc00\ud800")"), replacement + replacement);
  EXPECT_EQ(unescaped(R"("\udc00\udc00")"), replacement + replacement);
  EXPECT_EQ(unescaped(R"("\u0041\udc00")"), "A" + replacement);
  EXPECT_EQ(unescaped(R"("\ud83d\ud83d\ude00")"), replacement + "😀");
  EXPECT_EQ(unescaped(R"("\ud800\u0041")"), replacement + "A");
  EXPECT_EQ(unescaped(R"("\ud800\n")"), replacement + "\n");
  EXPECT_EQ(unescaped(R"("\ud800\\dc00")"), replacement + "\\dc00");
  EXPECT_EQ(unescaped(R"("\ud800xdc00")"), replacement + "xdc00");
}

TEST(StringEquals, ComparesByMeaning) {
  EXPECT_TRUE(equals(R"("event")", "event"));
  EXPECT_TRUE(equals(R"("\u0065vent")", "event"));
  EXPECT_TRUE(equals(R"("even\u0074")", "event"));
  EXPECT_TRUE(equals(R"("\u0065\u0076\u0065\u006e\u0074")", "event"));
  EXPECT_TRUE(equals(R"("\ud83d\ude00")", "😀"));
  EXPECT_TRUE(equals(R"("")", ""));
  EXPECT_TRUE(equals(R"("\ud800")", kReplacement));
}

TEST(StringEquals, TellsDifferentTextsApart) {
  EXPECT_FALSE(equals(R"("event")", "even"));
  EXPECT_FALSE(equals(R"("even")", "event"));
  EXPECT_FALSE(equals(R"("Event")", "event"));
  EXPECT_FALSE(equals(R"("\u0065vent")", "even"));
  EXPECT_FALSE(equals(R"("\u0065ven")", "event"));
  EXPECT_FALSE(equals(R"("\u0066vent")", "event"));
  EXPECT_FALSE(equals(R"("event\u0000")", "event"));
  EXPECT_FALSE(equals(R"("\n")", ""));
  EXPECT_FALSE(equals(R"("")", "\n"));
}

TEST(AppendQuoted, LeavesAloneWhatNeedsNoEscaping) {
  EXPECT_EQ(in_quotes(""), R"("")");
  EXPECT_EQ(in_quotes("plain / text"), R"("plain / text")");
  EXPECT_EQ(in_quotes("żółw 😀 \x7f \u2028"), "\"żółw 😀 \x7f \u2028\"");
}

TEST(AppendQuoted, LeavesWhatIsThereAlready) {
  std::string out = "[";
  append_quoted(out, "a");
  append_quoted(out, "b\n");
  EXPECT_EQ(out, R"(["a""b\n")");
}

TEST(AppendQuoted, EscapesQuotesBackslashesAndControlsAsJavaScriptDoes) {
  EXPECT_EQ(in_quotes("\"\\"), R"("\"\\")");
  EXPECT_EQ(in_quotes("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(in_quotes("\0\x01\x0b\x1f"sv), R"("\u0000\u0001\u000b\u001f")");
  EXPECT_EQ(in_quotes("a\"b\"\"c"), R"("a\"b\"\"c")");
  EXPECT_EQ(in_quotes("\xc3\xa9\n\xc3\xa9"), "\"é\\né\"");
}

TEST(AppendQuoted, ReplacesWhatIsNoUtf8) {
  const auto with = [](std::string_view replaced) { return '"' + std::string(replaced) + '"'; };
  EXPECT_EQ(in_quotes("a\xff"
                      "b"),
            with("a\xef\xbf\xbd"
                 "b"));
  EXPECT_EQ(in_quotes("\x80"), with("\xef\xbf\xbd"));
  EXPECT_EQ(in_quotes("\xc0\xaf"), with("\xef\xbf\xbd\xef\xbf\xbd"));
  EXPECT_EQ(in_quotes("\xed\xa0\x80"), with("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"));
  EXPECT_EQ(in_quotes("\xe2\x82"), with("\xef\xbf\xbd"));
  EXPECT_EQ(in_quotes("\xe2\x82!"), with("\xef\xbf\xbd!"));
  EXPECT_EQ(in_quotes("\xf0\x9f\x98"), with("\xef\xbf\xbd"));
  EXPECT_EQ(in_quotes("\xf0\x9f\x98\xf0\x9f\x98\x80"), with("\xef\xbf\xbd😀"));
  EXPECT_EQ(in_quotes("\xf4\x90\x80\x80"), with("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"));
  EXPECT_EQ(in_quotes("\xe2\"\x82"), with("\xef\xbf\xbd\\\"\xef\xbf\xbd"));
  EXPECT_EQ(in_quotes("é\xff\n"), with("é\xef\xbf\xbd\\n"));
}

TEST(AppendQuoted, GivesWhatUnescapeReadsBack) {
  for (int byte = 0; byte < 0x80; ++byte) {
    for (std::size_t at = 0; at < 36; ++at) {
      std::string text(36, 'x');
      text[at] = static_cast<char>(byte);
      const std::string token = in_quotes(text);
      ASSERT_TRUE(is_valid_json(token)) << token;
      EXPECT_EQ(unescaped(token), text);
      EXPECT_TRUE(equals(token, text));
    }
  }
}

TEST(Utf16Length, CountsAsJavaScriptDoes) {
  EXPECT_EQ(utf16_length(""), 0U);
  EXPECT_EQ(utf16_length("abc"), 3U);
  EXPECT_EQ(utf16_length("żółw"), 4U);
  EXPECT_EQ(utf16_length("€"), 1U);
  EXPECT_EQ(utf16_length("😀"), 2U);
  EXPECT_EQ(utf16_length("e\u0301"), 2U);
  EXPECT_EQ(utf16_length("\uffff\U00010000\U0010ffff"), 5U);
  EXPECT_EQ(utf16_length("\0"sv), 1U);
}

}  // namespace
}  // namespace hearth::protocol
