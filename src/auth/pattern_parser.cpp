#include "auth/pattern_parser.hpp"

#include "auth/shown.hpp"
#include "protocol/json.hpp"
#include "protocol/utf8.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hearth::auth {
namespace {

using Kind = Pattern::Part::Kind;

constexpr std::string_view kSpecial = "*{}\\";
constexpr std::string_view kClaim = "claim:";

/// By its first byte, in valid UTF-8.
std::uint16_t size_of_character(char first) noexcept {
  const auto byte = static_cast<std::uint8_t>(first);
  return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

Parsed<Placeholder> placeholder_named(std::string_view name) {
  Placeholder placeholder;
  placeholder.text = '{' + std::string(name) + '}';
  if (name == "user") {
    placeholder.kind = Placeholder::Kind::user;
  } else if (name == "client") {
    placeholder.kind = Placeholder::Kind::client;
  } else if (name.starts_with(kClaim)) {
    auto claim = ClaimPath::parse(name.substr(kClaim.size()));
    if (!claim) return claim.error();
    placeholder.kind = Placeholder::Kind::claim;
    placeholder.claim = *std::move(claim);
  } else {
    return Problem{shown(placeholder.text) + " is no placeholder; there are {user}, {client} and {claim:NAME}"};
  }
  return placeholder;
}

}  // namespace

Problem PatternParser::problem(std::string_view what) const {
  return {"the pattern " + shown(pattern_.text_) + ' ' + std::string(what)};
}

Parsed<Pattern> PatternParser::parse() {
  if (rest_.empty()) return Problem{"a pattern is empty; `**` matches every room"};
  // Checked in bytes first, so that what comes next goes through little.
  if (rest_.size() > 3 * kMaxPatternLength || protocol::utf16_length(rest_) > kMaxPatternLength) {
    return problem("is longer than 256 characters");
  }
  if (!protocol::is_valid_utf8(rest_)) return problem("is not valid UTF-8");
  while (!rest_.empty()) {
    if (auto wrong = take_next()) return *std::move(wrong);
  }
  return std::move(pattern_);
}

PatternParser::Step PatternParser::take_next() {
  switch (rest_.front()) {
    case '*':
      return take_wildcard();
    case '{':
      return take_placeholder();
    case '}':
      return problem("has a `}` without its `{`; write \\} for the character");
    case '\\':
      return take_escape();
    default:
      const std::string_view literal = rest_.substr(0, rest_.find_first_of(kSpecial));
      add_literal(literal);
      rest_.remove_prefix(literal.size());
      return std::nullopt;
  }
}

PatternParser::Step PatternParser::take_wildcard() {
  const std::size_t stars = std::min(rest_.find_first_not_of('*'), rest_.size());
  if (stars > 2) return problem("has more than two `*` side by side; write * for a part of a name, ** for any text");
  rest_.remove_prefix(stars);
  return add_open({stars == 1 ? Kind::star : Kind::double_star, 0, 0});
}

PatternParser::Step PatternParser::take_placeholder() {
  const std::size_t end = rest_.find('}');
  if (placeholders_ == Pattern::Placeholders::refused) {
    return problem("has a `{`, and placeholders are for rules alone; write \\{ for the character");
  }
  if (end == std::string_view::npos) return problem("has a `{` without its `}`; write \\{ for the character");
  auto placeholder = placeholder_named(rest_.substr(1, end - 1));
  if (!placeholder) return problem("is wrong: " + placeholder.error().text);
  rest_.remove_prefix(end + 1);
  const auto index = static_cast<std::uint16_t>(pattern_.placeholders_.size());
  pattern_.placeholders_.push_back(*std::move(placeholder));
  return add_open({Kind::placeholder, index, 0});
}

PatternParser::Step PatternParser::take_escape() {
  if (rest_.size() < 2 || kSpecial.find(rest_[1]) == std::string_view::npos) {
    return problem("has a `\\` before something other than * { } \\; write \\\\ for the character");
  }
  add_literal(rest_.substr(1, 1));
  rest_.remove_prefix(2);
  return std::nullopt;
}

void PatternParser::add_literal(std::string_view text) {
  auto& parts = pattern_.parts_;
  if (parts.empty() || parts.back().kind != Kind::literal) {
    if (!parts.empty() && parts.back().kind == Kind::placeholder) parts.back().size = size_of_character(text.front());
    parts.push_back({Kind::literal, static_cast<std::uint16_t>(pattern_.literals_.size()), 0});
  }
  pattern_.literals_ += text;
  parts.back().size = static_cast<std::uint16_t>(parts.back().size + text.size());
}

PatternParser::Step PatternParser::add_open(Pattern::Part part) {
  if (!pattern_.parts_.empty() && pattern_.parts_.back().kind == Kind::placeholder) {
    return problem("has a placeholder right before another one or a wildcard, so that nothing says where it ends");
  }
  pattern_.parts_.push_back(part);
  return std::nullopt;
}

}  // namespace hearth::auth
