#include "protocol/json.hpp"

#include "protocol/hex_digits.hpp"
#include "protocol/json_scanner.hpp"
#include "protocol/utf8.hpp"

#include <array>
#include <cstdint>

namespace hearth::protocol {
namespace {

std::size_t distance(const char* from, const char* to) noexcept { return static_cast<std::size_t>(to - from); }

std::string_view between(const char* from, const char* to) noexcept { return {from, distance(from, to)}; }

/// What follows the opening bracket; the end of the text if it does not begin with that bracket.
const char* first_item(std::string_view text, char opening) noexcept {
  JsonScanner scan(text);
  scan.skip_space();
  return scan.skip(opening) ? scan.position() : text.data() + text.size();
}

/// Before an item of a list: the comma that separates it from the one before.
void skip_separator(JsonScanner& scan) noexcept {
  scan.skip_space();
  if (scan.skip(',')) scan.skip_space();
}

std::uint32_t hex_value(char c) noexcept {
  if (c <= '9') return static_cast<std::uint32_t>(c - '0');
  return static_cast<std::uint32_t>((c | 0x20) - 'a') + 10;
}

/// Four hexadecimal digits.
std::uint32_t code_unit(const char* at) noexcept {
  return hex_value(at[0]) << 12 | hex_value(at[1]) << 8 | hex_value(at[2]) << 4 | hex_value(at[3]);
}

bool is_high_surrogate(std::uint32_t unit) noexcept { return unit >= 0xd800 && unit < 0xdc00; }
bool is_low_surrogate(std::uint32_t unit) noexcept { return unit >= 0xdc00 && unit < 0xe000; }

/// What a valid escape means.
struct Unescaped {
  Utf8Character character;
  const char* next;  ///< what follows the escape, and its other half if it is a surrogate pair
};

Unescaped unescape_unicode(const char* digits, const char* end) noexcept {
  const std::uint32_t unit = code_unit(digits);
  const char* const next = digits + 4;
  if (is_high_surrogate(unit) && end - next >= 6 && next[0] == '\\' && next[1] == 'u') {
    const std::uint32_t low = code_unit(next + 2);
    if (is_low_surrogate(low)) return {utf8_character(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00)), next + 6};
  }
  const bool lone = is_high_surrogate(unit) || is_low_surrogate(unit);
  return {lone ? kReplacementCharacter : utf8_character(unit), next};
}

/// `at` is at the backslash of a valid escape.
Unescaped unescape_one(const char* at, const char* end) noexcept {
  const char* const next = at + 2;
  switch (at[1]) {
    case 'b':
      return {utf8_character('\b'), next};
    case 'f':
      return {utf8_character('\f'), next};
    case 'n':
      return {utf8_character('\n'), next};
    case 'r':
      return {utf8_character('\r'), next};
    case 't':
      return {utf8_character('\t'), next};
    case 'u':
      return unescape_unicode(next, end);
    default:
      return {utf8_character(static_cast<std::uint8_t>(at[1])), next};
  }
}

std::string_view without_quotes(std::string_view token) noexcept { return token.substr(1, token.size() - 2); }

void append_escaped(std::string& out, char c) {
  out += '\\';
  switch (c) {
    case '"':
    case '\\':
      out += c;
      return;
    case '\b':
      out += 'b';
      return;
    case '\f':
      out += 'f';
      return;
    case '\n':
      out += 'n';
      return;
    case '\r':
      out += 'r';
      return;
    case '\t':
      out += 't';
      return;
    default:
      out += "u00";
      out += kHexDigits[static_cast<std::uint8_t>(c) >> 4];
      out += kHexDigits[static_cast<std::uint8_t>(c) & 15];
  }
}

void append_run(std::string& out, std::string_view run, bool valid_utf8) {
  if (valid_utf8) {
    out += run;
  } else {
    append_repaired(out, run);
  }
}

}  // namespace

bool is_valid_json(std::string_view text) noexcept {
  JsonScanner scan(text);
  scan.skip_space();
  if (!scan.skip_value(0)) return false;
  scan.skip_space();
  return scan.at_end();
}

ObjectCursor::ObjectCursor(std::string_view object) noexcept
    : at_(first_item(object, '{')), end_(object.data() + object.size()) {}

bool ObjectCursor::next() noexcept {
  JsonScanner scan(between(at_, end_));
  skip_separator(scan);
  const char* const key = scan.position();
  if (!scan.skip_string()) return false;
  key_ = between(key, scan.position());
  if (!scan.skip_colon()) return false;
  const char* const value = scan.position();
  if (!scan.skip_value(0)) return false;
  at_ = scan.position();
  value_ = between(value, at_);
  return true;
}

ArrayCursor::ArrayCursor(std::string_view array) noexcept
    : at_(first_item(array, '[')), end_(array.data() + array.size()) {}

bool ArrayCursor::next() noexcept {
  JsonScanner scan(between(at_, end_));
  skip_separator(scan);
  const char* const value = scan.position();
  if (!scan.skip_value(0)) return false;
  at_ = scan.position();
  value_ = between(value, at_);
  return true;
}

std::string_view unescape(std::string_view token, std::string& scratch) {
  const std::string_view inside = without_quotes(token);
  std::size_t backslash = inside.find('\\');
  if (backslash == std::string_view::npos) return inside;
  const char* const end = inside.data() + inside.size();
  scratch.clear();
  std::size_t at = 0;
  while (backslash != std::string_view::npos) {
    scratch += inside.substr(at, backslash - at);
    const Unescaped unescaped = unescape_one(inside.data() + backslash, end);
    scratch += unescaped.character.view();
    at = distance(inside.data(), unescaped.next);
    backslash = inside.find('\\', at);
  }
  scratch += inside.substr(at);
  return scratch;
}

bool has_lone_surrogate(std::string_view token) noexcept {
  const std::string_view inside = without_quotes(token);
  const char* const end = inside.data() + inside.size();
  for (std::size_t at = inside.find('\\'); at != std::string_view::npos; at = inside.find('\\', at)) {
    if (inside[at + 1] == 'u') {
      const std::uint32_t unit = code_unit(inside.data() + at + 2);
      const Unescaped unescaped = unescape_one(inside.data() + at, end);
      const bool is_pair = distance(inside.data() + at, unescaped.next) == 12;
      if ((is_high_surrogate(unit) && !is_pair) || is_low_surrogate(unit)) return true;
      at = distance(inside.data(), unescaped.next);
    } else {
      at += 2;
    }
  }
  return false;
}

bool equals(std::string_view token, std::string_view text) noexcept {
  std::string_view inside = without_quotes(token);
  for (;;) {
    const std::size_t backslash = inside.find('\\');
    if (backslash == std::string_view::npos) return inside == text;
    if (!text.starts_with(inside.substr(0, backslash))) return false;
    text.remove_prefix(backslash);
    const char* const end = inside.data() + inside.size();
    const Unescaped unescaped = unescape_one(inside.data() + backslash, end);
    if (!text.starts_with(unescaped.character.view())) return false;
    text.remove_prefix(unescaped.character.view().size());
    inside = between(unescaped.next, end);
  }
}

bool needs_escaping(std::string_view text) noexcept {
  const char* const end = text.data() + text.size();
  const PlainRun run = plain_run(text.data(), end);
  return run.end != end || (!run.ascii && !is_valid_utf8(text));
}

void append_quoted(std::string& out, std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  PlainRun run = plain_run(at, end);
  const bool valid_utf8 = (run.ascii && run.end == end) || is_valid_utf8(text);
  out.reserve(out.size() + text.size() + 2);
  out += '"';
  for (;;) {
    append_run(out, between(at, run.end), run.ascii || valid_utf8);
    if (run.end == end) break;
    append_escaped(out, *run.end);
    at = run.end + 1;
    run = plain_run(at, end);
  }
  out += '"';
}

std::optional<std::string_view> find_member(std::string_view object, std::string_view key) noexcept {
  std::optional<std::string_view> found;
  for (ObjectCursor at(object); at.next();) {
    if (equals(at.key(), key)) found = at.value();
  }
  return found;
}

std::size_t utf16_length(std::string_view text) noexcept {
  std::size_t length = 0;
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    length += static_cast<std::size_t>((byte & 0xc0) != 0x80) + static_cast<std::size_t>(byte >= 0xf0);
  }
  return length;
}

}  // namespace hearth::protocol
