#include "auth/pattern.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace hearth::auth {
namespace {

/// The values of placeholders, by what is written for them.
class Values final : public PlaceholderValues {
 public:
  Values(std::initializer_list<std::pair<const std::string, std::vector<std::string>>> values = {}) : values_(values) {}
  bool has(const Placeholder& placeholder, std::string_view value) const noexcept override {
    const auto found = values_.find(placeholder.text);
    if (found == values_.end()) return false;
    for (const std::string& known : found->second) {
      if (known == value) return true;
    }
    return false;
  }

 private:
  std::map<std::string, std::vector<std::string>> values_;
};

Pattern pattern(std::string_view text) {
  auto parsed = Pattern::parse(text, Pattern::Placeholders::allowed);
  EXPECT_TRUE(parsed) << text << ": " << parsed.error().text;
  return *std::move(parsed);
}

std::string problem(std::string_view text, Pattern::Placeholders placeholders = Pattern::Placeholders::allowed) {
  const auto parsed = Pattern::parse(text, placeholders);
  return parsed ? "taken" : parsed.error().text;
}

void expect_matches(std::string_view text, const std::vector<std::string>& names, const Values& values = {}) {
  for (const std::string& name : names) EXPECT_TRUE(pattern(text).matches(name, values)) << text << ' ' << name;
}

void expect_matches_none(std::string_view text, const std::vector<std::string>& names, const Values& values = {}) {
  for (const std::string& name : names) EXPECT_FALSE(pattern(text).matches(name, values)) << text << ' ' << name;
}

TEST(Pattern, OfPlainTextMatchesThatNameAlone) {
  expect_matches("tea", {"tea"});
  expect_matches_none("tea", {"", "te", "teas", "Tea", "green tea"});
}

TEST(Pattern, StarStandsForOneOrMoreCharactersThatAreNoSeparators) {
  expect_matches("news:*", {"news:a", "news:today", "news:a-b_c 9", "news:zażółć", "news:*"});
  expect_matches_none("news:*", {"news:", "news", "news:a:b", "news:a/b", "news:a.b", "news:.", "xnews:a"});
  expect_matches("*:*", {"a:b", "abc:def"});
  expect_matches_none("*:*", {":", "a:", ":b", "a:b:c"});
  expect_matches("a*b*c", {"axbxc", "abbbc", "axxbyyc", "abbbcc"});
  expect_matches_none("a*b*c", {"abc", "axbc", "abxc", "axb:c", "ax.bxc"});
}

TEST(Pattern, DoubleStarStandsForOneOrMoreOfAny) {
  expect_matches("team:7:**", {"team:7:a", "team:7:a:b/c.d", "team:7::"});
  expect_matches_none("team:7:**", {"team:7:", "team:7", "team:71:a"});
  expect_matches("**", {"a", ":", "a:b"});
  expect_matches_none("**", {""});
  expect_matches("**:end", {"a:end", "a:b:end", ":end:end"});
  expect_matches_none("**:end", {":end", "a:endx", "end"});
}

TEST(Pattern, WildcardsGoBackWhereTheyHaveTo) {
  expect_matches("**a*b", {"xaxb", "xa:axb", "aaab", "x:a:aabb"});
  expect_matches_none("**a*b", {"xa:b", "axb", "xab", "xaxb:"});
  expect_matches("*:**:*.log", {"a:b:c.log", "a:b:c:d.log", "a:b.log:c.log"});
  expect_matches_none("*:**:*.log", {"a:b.log", "a:b:c:.log", "a:b:c/d.log"});
}

TEST(Pattern, TakesSpecialCharactersAfterABackslash) {
  expect_matches(R"(a\*b)", {"a*b"});
  expect_matches_none(R"(a\*b)", {"axb", R"(a\*b)"});
  expect_matches(R"(\{user\}\\)", {R"({user}\)"});
  expect_matches(R"(\**)", {"*a"});
}

TEST(Pattern, PlaceholderStandsForItsValue) {
  const Values ann{{"{user}", {"ann"}}, {"{claim:team}", {"7", "red"}}};
  expect_matches("user:{user}", {"user:ann"}, ann);
  expect_matches_none("user:{user}", {"user:", "user:an", "user:anna", "user:ben", "user:ann:x"}, ann);
  expect_matches("user:{user}:**", {"user:ann:x", "user:ann:x:y"}, ann);
  expect_matches_none("user:{user}:**", {"user:ann:", "user:ann", "user:ben:x", "user:ann:"}, ann);
  expect_matches("{claim:team}/{user}", {"7/ann", "red/ann"}, ann);
  expect_matches_none("{claim:team}/{user}", {"8/ann", "/ann", "7/ben", "7red/ann"}, ann);
  expect_matches("**:{user}", {"a:ann", "a:b:ann"}, ann);
  expect_matches_none("**:{user}", {"a:ann:b", ":ann"}, ann);
}

TEST(Pattern, PlaceholderStandsForLiteralText) {
  const Values star{{"{user}", {"*"}}, {"{client}", {"**"}}};
  expect_matches("user:{user}", {"user:*"}, star);
  expect_matches_none("user:{user}", {"user:a", "user:ann"}, star);
  expect_matches("of:{client}:x", {"of:**:x"}, star);
  expect_matches_none("of:{client}:x", {"of:a:x", "of:a:b:x"}, star);
}

TEST(Pattern, PlaceholderWithoutAValueMatchesNothing) {
  expect_matches_none("user:{user}", {"user:", "user:a", "user:{user}"});
  expect_matches_none("user:{user}", {"user:"}, Values{{"{user}", {""}}});
}

// Or `user:{user}:**` would let `ann` into rooms of `ann:x`.
TEST(Pattern, ValueThatHasTheCharacterAfterItsPlaceholderDoesNotMatch) {
  const Values values{{"{user}", {"ann:x"}}, {"{claim:a}", {"böse", "é"}}};
  expect_matches_none("user:{user}:**", {"user:ann:x:secret", "user:ann:x"}, values);
  expect_matches_none("user:{user}:y", {"user:ann:x:y"}, values);
  expect_matches("user:{user}", {"user:ann:x"}, values);
  expect_matches("user:{user}/y", {"user:ann:x/y"}, values);
  expect_matches_none("{claim:a}ö", {"böseö"}, values);
  expect_matches("{claim:a}é", {"böseé"}, values);
  expect_matches("{claim:a}è", {"éè"}, values);  // the first byte of both is the same
}

TEST(Pattern, AnyValueMatchesWithoutAClient) {
  const Pattern own = pattern("user:{user}:**");
  EXPECT_TRUE(own.matches("user:whoever:x", AnyValues()));
  EXPECT_FALSE(own.matches("user::x", AnyValues()));
  EXPECT_FALSE(own.matches("user:whoever", AnyValues()));
}

TEST(Pattern, RefusesWhatCannotBeMeantAndSaysWhatWouldBeRight) {
  EXPECT_EQ(problem(""), "a pattern is empty; `**` matches every room");
  EXPECT_EQ(problem("a***"),
            "the pattern `a***` has more than two `*` side by side; write * for a part of a name, ** for any text");
  EXPECT_EQ(problem("a{user"), "the pattern `a{user` has a `{` without its `}`; write \\{ for the character");
  EXPECT_EQ(problem("a}"), "the pattern `a}` has a `}` without its `{`; write \\} for the character");
  EXPECT_EQ(problem("a{room}"),
            "the pattern `a{room}` is wrong: `{room}` is no placeholder; there are {user}, {client} and {claim:NAME}");
  EXPECT_EQ(problem("{claim:}"),
            "the pattern `{claim:}` is wrong: a claim needs a name, or a JSON pointer such as /realm/roles");
  EXPECT_EQ(
      problem("{claim:/a~2}"),
      "the pattern `{claim:/a~2}` is wrong: the JSON pointer `/a~2` has a `~` without 0 or 1 after it (RFC 6901)");
  EXPECT_EQ(problem(R"(a\b)"),
            R"(the pattern `a\b` has a `\` before something other than * { } \; write \\ for the character)");
  EXPECT_EQ(problem("a\\"),
            R"(the pattern `a\` has a `\` before something other than * { } \; write \\ for the character)");
  EXPECT_EQ(problem("a\xff"), "the pattern `a\uFFFD` is not valid UTF-8");
}

TEST(Pattern, RefusesAPlaceholderThatNothingEnds) {
  for (const auto* text : {"{user}*", "{user}**", "{user}{client}", "a:{claim:x}{user}:b"}) {
    EXPECT_EQ(problem(text), "the pattern `" + std::string(text) +
                                 "` has a placeholder right before another one or a wildcard, so that nothing says "
                                 "where it ends");
  }
}

TEST(Pattern, OfATokenHasNoPlaceholders) {
  EXPECT_EQ(problem("user:{user}", Pattern::Placeholders::refused),
            "the pattern `user:{user}` has a `{`, and placeholders are for rules alone; write \\{ for the character");
  EXPECT_EQ(problem("chat:*", Pattern::Placeholders::refused), "taken");
}

TEST(Pattern, IsAtMost256CharactersLong) {
  EXPECT_EQ(problem(std::string(256, 'a')), "taken");
  EXPECT_EQ(problem(std::string(257, 'a')),
            "the pattern `" + std::string(64, 'a') + "…` is longer than 256 characters");
  std::string wide;
  for (int i = 0; i < 256; ++i) wide += "界";
  EXPECT_EQ(problem(wide), "taken");
  EXPECT_NE(problem(wide + "a"), "taken");
}

/// The same by trying everything.
bool matches_slowly(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return name.empty();
  if (pattern.front() != '*') {
    return !name.empty() && name.front() == pattern.front() && matches_slowly(pattern.substr(1), name.substr(1));
  }
  const bool any = pattern.starts_with("**");
  const std::string_view rest = pattern.substr(any ? 2 : 1);
  for (std::size_t taken = 1; taken <= name.size(); ++taken) {
    if (!any && is_separator(name[taken - 1])) return false;
    if (matches_slowly(rest, name.substr(taken))) return true;
  }
  return false;
}

TEST(Pattern, MatchesAsTryingEverythingDoes) {
  std::mt19937 random(3);
  const auto text = [&](std::string_view letters, std::size_t most) {
    std::string made;
    for (std::size_t size = random() % most + 1; made.size() < size;) made += letters[random() % letters.size()];
    return made;
  };
  int matching = 0;
  for (int i = 0; i < 30'000; ++i) {
    const std::string written = text("aab:***", 8);
    const auto parsed = Pattern::parse(written, Pattern::Placeholders::allowed);
    if (!parsed) continue;
    const std::string name = text("aab:", 9);
    const bool matches = parsed->matches(name, AnyValues());
    ASSERT_EQ(matches, matches_slowly(written, name)) << written << ' ' << name;
    if (matches) ++matching;
  }
  EXPECT_GT(matching, 1000);
}

/// As a pattern that stands for `text` alone.
std::string escaped(std::string_view text) {
  std::string pattern;
  for (const char c : text) pattern += c == '*' ? "\\*" : std::string(1, c);
  return pattern;
}

TEST(Pattern, MatchesAsIfItsPlaceholderWereTheValueUnlessThatHasTheNextCharacter) {
  std::mt19937 random(4);
  const auto text = [&](std::string_view letters, std::size_t least, std::size_t most) {
    std::string made;
    for (std::size_t size = random() % (most - least + 1) + least; made.size() < size;) {
      made += letters[random() % letters.size()];
    }
    return made;
  };
  int matching = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string before = text("ab:*", 0, 4);
    const std::string after = text("ab:", 0, 3);
    const std::string value = text("ab:*", 1, 2);
    const auto parsed = Pattern::parse(before + "{user}" + after, Pattern::Placeholders::allowed);
    if (!parsed) continue;
    const std::string name = text("ab:*", 1, 5) + (random() % 2 == 0 ? value + after : "");
    const bool fits = after.empty() || value.find(after.front()) == std::string::npos;
    const bool expected = fits && pattern(before + escaped(value) + after).matches(name, AnyValues());
    ASSERT_EQ(parsed->matches(name, Values{{"{user}", {value}}}), expected)
        << parsed->text() << ' ' << name << ' ' << value;
    if (expected) ++matching;
  }
  EXPECT_GT(matching, 200);
}

/// What takes exponential time where one wildcard after the other is tried.
TEST(Pattern, TakesNoLongerForHostileNamesAndPatterns) {
  std::string stars;
  std::string double_stars;
  while (stars.size() < 250) stars += "a*";
  while (double_stars.size() < 250) double_stars += "a**";
  const std::string placeholders = "**:{user}:**:{user}:**:{user}:x";
  std::string values = "y";
  while (values.size() < 250) values += ":ann";
  const std::string as(256, 'a');
  const Values ann{{"{user}", {"ann"}}};
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(pattern(stars + "b").matches(as, ann));
    EXPECT_FALSE(pattern(double_stars + "b").matches(as, ann));
    EXPECT_FALSE(pattern("**" + std::string(120, 'a') + "b**" + std::string(100, 'a')).matches(as, ann));
    EXPECT_FALSE(pattern(placeholders).matches(values, ann));
  }
  // They take some 10 ms.
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

TEST(Pattern, MatchesNamesOfAnyLength) {
  const std::string long_name(100'000, 'a');
  EXPECT_TRUE(pattern("**a").matches(long_name, AnyValues()));
  EXPECT_FALSE(pattern("**a*b").matches(long_name, AnyValues()));
  EXPECT_TRUE(pattern("a**:x").matches(long_name + ":x", AnyValues()));
}

}  // namespace
}  // namespace hearth::auth
