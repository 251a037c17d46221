#include "protocol/json.hpp"

#include "unit/protocol/guarded_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace hearth::protocol {
namespace {

using namespace std::string_view_literals;
using Texts = std::vector<std::string_view>;

bool is_valid(std::string_view text) {
  const test::GuardedText guarded(text);
  return is_valid_json(guarded.text());
}

void expect_valid(const Texts& texts) {
  for (const std::string_view text : texts) EXPECT_TRUE(is_valid(text)) << text;
}

void expect_invalid(const Texts& texts) {
  for (const std::string_view text : texts) EXPECT_FALSE(is_valid(text)) << text;
}

/// Uses every production of the grammar.
constexpr std::string_view kEverything =
    R"({"a":[1,-2.5e+10,0.0E-1,true,false,null],"":{"\u00e9\"\\\/\b\f\n\r\t":"zażółć 😀"},"b":[],"c":{},)"
    R"("long text without anything to stop at":[[[{"x":[0]}]]]})";

std::string nested(std::size_t depth, char open, char close) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i)
    text += open == '{' && i != 0 ? std::string(R"("k":{)") : std::string(1, open);
  return text + std::string(depth, close);
}

TEST(JsonGrammar, TakesEveryKindOfValueAsADocument) {
  expect_valid({"{}", "[]", R"("")", R"("x")", "0", "-1", "1.5", "true", "false", "null", kEverything});
}

TEST(JsonGrammar, RefusesTextWithoutAValue) { expect_invalid({"", " ", "\n\t\r ", "\0"sv}); }

TEST(JsonGrammar, TakesNumbersOfAnySizeAndPrecision) {
  expect_valid({"0",
                "-0",
                "10",
                "1234567890",
                "-9",
                "0.0",
                "0.5",
                "10.25",
                "1.000000000000000000000000000000001",
                "1e5",
                "1E5",
                "1e+5",
                "1e-5",
                "0e0",
                "0E+00",
                "-0.0e-0",
                "1.5E007",
                "20e1",
                "18446744073709551616",
                "-9223372036854775809",
                "123456789012345678901234567890",
                "1e999",
                "-1e-999",
                "1e99999999999999999999"});
}

TEST(JsonGrammar, RefusesMalformedNumbers) {
  expect_invalid({"-",   "+1",    "--1",   "-+1",  "01",    "-01",      "00",        "1.",   ".5",
                  "-.5", "1..2",  "1.2.3", "1e",   "1e+-5", "1e-+5",    "1e+",       "1E-",  "1.e5",
                  ".e1", "1e5.5", "1e1e1", "0x10", "1_0",   "1,0",      "1 0",       "- 1",  "1a",
                  "1-",  "1+2",   "NaN",   "-NaN", "Inf",   "Infinity", "-Infinity", "١",    "1e٥",
                  "0b1", "0o7",   "1e 5",  "1 .5", "1f",    "1L",       "[-]",       "[1.]", "{\"a\":01}"});
}

TEST(JsonGrammar, RefusesWordsOtherThanTheThree) {
  expect_invalid({"tru", "truee", "True", "TRUE", "fals", "falsey", "nul", "nulll", "Null", "undefined", "t", "n", "f",
                  "[nul]", "[tru", "truefalse", "null null"});
}

TEST(JsonGrammar, TakesEveryEscape) {
  expect_valid({R"("\"\\\/\b\f\n\r\t")", R"("\u0000")", R"("\u00e9\u00E9\uABCD\uabcd")", R"("\ud83d\ude00")",
                R"("\u0022")", R"("\\u12")", R"("\\\\")", R"("\\\"")", R"(["\\"])"});
}

TEST(JsonGrammar, TakesEscapedSurrogatesWithoutTheirOtherHalf) {
  expect_valid({R"("\ud800")", R"("\udfff")", R"("\ude00\ud83d")", R"("\ud83dx")", R"("\ud83d\n")",
                R"("\ud83d\ud83d\ude00")", R"({"\uD800":1})"});
}

TEST(JsonGrammar, RefusesMalformedEscapes) {
  expect_invalid({R"("\x")",     R"("\a")",     R"("\v")",     R"("\0")",     R"("\'")",     R"("\ ")",
                  R"("\U0041")", R"("\u")",     R"("\u1")",    R"("\u12")",   R"("\u123")",  R"("\u123")",
                  R"("\u123g")", R"("\ug123")", R"("\u 123")", R"("\u-123")", R"("\u+123")", R"("\)",
                  R"("\")",      R"("\\\")",    R"("\u00)",    R"(\"x")",     "\"\\\n\"",    "\"\\\xc3\xa9\""});
}

TEST(JsonGrammar, RefusesEveryBareControlCharacterInAStringWhereverItStands) {
  for (char control = 0; control < 0x20; ++control) {
    for (std::size_t at = 0; at < 40; ++at) {
      std::string text(40, 'x');
      text[at] = control;
      EXPECT_FALSE(is_valid('"' + text + '"')) << static_cast<int>(control) << " at " << at;
    }
  }
}

TEST(JsonGrammar, TakesEveryOtherByteInAStringWhereverItStands) {
  for (int byte = 0x20; byte < 0x100; ++byte) {
    if (byte == '"' || byte == '\\') continue;
    for (std::size_t at = 0; at < 40; ++at) {
      std::string text(40, 'x');
      text[at] = static_cast<char>(byte);
      EXPECT_TRUE(is_valid('"' + text + '"')) << byte << " at " << at;
    }
  }
}

TEST(JsonGrammar, FindsTheEndOfAStringOfAnyLength) {
  for (std::size_t length = 0; length < 80; ++length) {
    const std::string text(length, 'x');
    EXPECT_TRUE(is_valid('"' + text + '"')) << length;
    EXPECT_FALSE(is_valid('"' + text)) << length;
    EXPECT_FALSE(is_valid('"' + text + "\"\"")) << length;
    EXPECT_TRUE(is_valid('"' + text + R"(\"")")) << length;
    EXPECT_FALSE(is_valid('"' + text + R"(\")")) << length;
  }
}

TEST(JsonGrammar, RefusesStringsInOtherQuotes) { expect_invalid({"'a'", "`a`", "a", "{a:1}", "{'a':1}", "“a”"}); }

TEST(JsonGrammar, TakesArraysAndObjectsOfAnyContent) {
  expect_valid({"[[]]", "[{}]", R"({"a":[]})", "[1,2]", "[[],[]]", R"([{},{"a":{}},[]])", R"({"a":1,"a":2})",
                R"({"":0})", R"({"a":{"b":{"c":[1,{"d":null}]}}})", R"([[1],[[2]],{"x":[3]}])"});
}

TEST(JsonGrammar, RefusesMalformedStructure) {
  expect_invalid({"[",
                  "]",
                  "{",
                  "}",
                  "[1",
                  "[1,",
                  "[1,]",
                  "[,1]",
                  "[,]",
                  "[1,,2]",
                  "[1 2]",
                  "[1}",
                  "{]",
                  "[}",
                  "{\"a\":1]",
                  "[1]]",
                  "{}}",
                  "[][]",
                  "{}{}",
                  "{}[]",
                  "[1],",
                  ",[1]",
                  "{\"a\"}",
                  "{\"a\":}",
                  "{:1}",
                  "{\"a\":1,}",
                  "{,}",
                  "{\"a\" 1}",
                  "{\"a\",1}",
                  "{\"a\"::1}",
                  "{1:2}",
                  "{null:1}",
                  "{[]:1}",
                  "{\"a\":1 \"b\":2}",
                  "{\"a\":1,,\"b\":2}",
                  "{\"a\":1:2}",
                  "[\"a\":1]",
                  "{\"a\":[1}]",
                  "[{\"a\":1]}",
                  ":",
                  ",",
                  "[:]",
                  "[[[",
                  "{\"a\":{\"b\":1}",
                  "[1;2]",
                  "(1)",
                  "<1>",
                  "{\"a\"=1}",
                  "[...]",
                  "{\"a\"",
                  "[1]x",
                  "{}\"\"",
                  "\"\"\"\"",
                  "1\"\"",
                  "[\"a\"\"b\"]"});
}

TEST(JsonGrammar, RefusesCommentsAndWhatElseJSON5Has) {
  expect_invalid({"// x\n1", "1 // x", "/* x */ 1", "[1/**/]", "# x\n1", "{a:1}", "[0xF]", "[+1]", "[.5]", "[5.]"});
}

TEST(JsonGrammar, TakesTheFourWhiteSpaceCharactersBetweenAllTokens) {
  expect_valid({" 1", "1 ", "\t[\n1\r,\t2 ]\r\n", " { \"a\" : 1 , \"b\" : [ ] , \"c\" : { } } ", "\n\n\n{\n}\n", "[ ]",
                "{ }", "[ [ ] , [ 1 ] ]", "\r\n\r\n\"x\"\r\n"});
}

TEST(JsonGrammar, RefusesEveryOtherByteAsWhiteSpace) {
  for (int byte = 0; byte < 0x100; ++byte) {
    const char c = static_cast<char>(byte);
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') continue;
    EXPECT_FALSE(is_valid(std::string(1, c) + "[]")) << byte;
    EXPECT_FALSE(is_valid(std::string("[]") + c)) << byte;
    EXPECT_FALSE(is_valid(std::string("{\"a\"") + c + ":{}}")) << byte;
  }
  expect_invalid({"\xef\xbb\xbf{}", "\xc2\xa0{}", "\xe2\x80\xa8{}", "{}\xef\xbb\xbf"});
}

TEST(JsonGrammar, RefusesADocumentCutOffAnywhere) {
  ASSERT_TRUE(is_valid(kEverything));
  for (std::size_t size = 0; size < kEverything.size(); ++size) {
    EXPECT_FALSE(is_valid(kEverything.substr(0, size))) << kEverything.substr(0, size);
  }
}

TEST(JsonGrammar, RefusesADocumentWithAnythingBehindIt) {
  for (int byte = 0x21; byte < 0x100; ++byte) {
    EXPECT_FALSE(is_valid(std::string(kEverything) + static_cast<char>(byte))) << byte;
  }
}

TEST(JsonGrammar, TakesNestingUpToTheLimitAndNoneBeyond) {
  for (const std::string_view brackets : {"[]", "{}"}) {
    EXPECT_TRUE(is_valid(nested(kMaxJsonDepth - 1, brackets[0], brackets[1]))) << brackets;
    EXPECT_TRUE(is_valid(nested(kMaxJsonDepth, brackets[0], brackets[1]))) << brackets;
    EXPECT_FALSE(is_valid(nested(kMaxJsonDepth + 1, brackets[0], brackets[1]))) << brackets;
    EXPECT_FALSE(is_valid(nested(100'000, brackets[0], brackets[1]))) << brackets;
    EXPECT_FALSE(is_valid(std::string(1'000'000, brackets[0]))) << brackets;
  }
}

TEST(JsonGrammar, CountsDepthAndNotTheNumberOfArrays) {
  std::string text = "[";
  for (std::size_t i = 0; i < 4 * kMaxJsonDepth; ++i) text += "[{}],";
  EXPECT_TRUE(is_valid(text + "[]]"));
}

TEST(JsonGrammar, TellsArraysFromObjectsAtEveryDepth) {
  std::string opening;
  std::string closing;
  for (std::size_t depth = 0; depth < kMaxJsonDepth; ++depth) {
    const bool object = depth % 3 == 0;
    opening += object ? R"({"k":)" : "[";
    closing.insert(0, 1, object ? '}' : ']');
    EXPECT_TRUE(is_valid(opening + "0" + closing)) << depth;
  }
  for (std::size_t i = 0; i < closing.size(); ++i) {
    std::string wrong = closing;
    wrong[i] = wrong[i] == '}' ? ']' : '}';
    EXPECT_FALSE(is_valid(opening + "0" + wrong)) << i;
  }
}

}  // namespace
}  // namespace hearth::protocol
