#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::protocol {

/// Deepest nesting of arrays and objects that a document may have.
inline constexpr std::size_t kMaxJsonDepth = 512;

/// Whether `text` is one JSON document by the grammar of RFC 8259, white space around it allowed. It takes what
/// JSON.parse takes: numbers of any size and escaped lone surrogates too, which libraries that convert as they read
/// refuse. `text` must be valid UTF-8. Nesting past kMaxJsonDepth is refused. No allocation.
bool is_valid_json(std::string_view text) noexcept;

/// Walks the members of an object or the elements of an array that is_valid_json has accepted, giving every value as
/// the bytes that it stands in, without the white space around it. A valid value of another kind has no members and no
/// elements. What comes out of text that is_valid_json refuses is unspecified, but nothing outside of it is read.
///
///     for (ObjectCursor at(text); at.next();) use(at.key(), at.value());
class ObjectCursor {
 public:
  /// White space may stand around `object`.
  explicit ObjectCursor(std::string_view object) noexcept;
  bool next() noexcept;
  std::string_view key() const noexcept { return key_; }      ///< with its quotes and escapes
  std::string_view value() const noexcept { return value_; }  ///< the value's bytes

 private:
  const char* at_;
  const char* end_;
  std::string_view key_;
  std::string_view value_;
};

class ArrayCursor {
 public:
  explicit ArrayCursor(std::string_view array) noexcept;
  bool next() noexcept;
  std::string_view value() const noexcept { return value_; }

 private:
  const char* at_;
  const char* end_;
  std::string_view value_;
};

/// First byte of a value tells its kind.
inline bool is_object(std::string_view value) noexcept { return !value.empty() && value.front() == '{'; }
inline bool is_array(std::string_view value) noexcept { return !value.empty() && value.front() == '['; }
inline bool is_string(std::string_view value) noexcept { return !value.empty() && value.front() == '"'; }

/// What a valid string token (quotes included) means. Without escapes it is a view into the token and `scratch` is
/// untouched; otherwise it is written to `scratch`. An escaped lone surrogate becomes U+FFFD.
std::string_view unescape(std::string_view token, std::string& scratch);

/// Whether a valid string token has an escaped lone surrogate in it, so that two such texts may unescape() to the same.
bool has_lone_surrogate(std::string_view token) noexcept;

/// Whether unescape() of a valid string token gives `text`. No allocation.
bool equals(std::string_view token, std::string_view text) noexcept;

/// Whether a text cannot stand between the quotes of a JSON string as it is.
bool needs_escaping(std::string_view text) noexcept;

/// Appends `text` as a JSON string with its quotes, escaping what RFC 8259, 7 says must be: `"`, `\` and controls.
/// Bytes that are no UTF-8 become U+FFFD. Gives what JSON.stringify gives.
void append_quoted(std::string& out, std::string_view text);

/// The value of a member of a valid object, the last of them when repeated, or nothing.
std::optional<std::string_view> find_member(std::string_view object, std::string_view key) noexcept;

/// Length of valid UTF-8 text in UTF-16 code units, as JavaScript counts it.
std::size_t utf16_length(std::string_view text) noexcept;

}  // namespace hearth::protocol
