#pragma once

#include "auth/claim_path.hpp"
#include "auth/parsed.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::auth {

/// Longest pattern, in UTF-16 code units as the names of rooms are counted.
inline constexpr std::size_t kMaxPatternLength = 256;

/// A part of a pattern that stands for something of the client's.
struct Placeholder {
  enum class Kind : std::uint8_t { user, client, claim };

  Kind kind = Kind::user;
  std::optional<ClaimPath> claim{};  ///< of a Kind::claim
  std::string text{};                ///< as it was written, with its braces
};

/// What placeholders stand for.
class PlaceholderValues {
 public:
  /// Whether `value`, which is not empty, is one that the placeholder may stand for.
  virtual bool has(const Placeholder& placeholder, std::string_view value) const noexcept = 0;

 protected:
  ~PlaceholderValues() = default;
};

/// Any text for any placeholder: asks about a room without a client.
class AnyValues final : public PlaceholderValues {
 public:
  bool has(const Placeholder& /*placeholder*/, std::string_view /*value*/) const noexcept override { return true; }
};

/// A pattern of room names (docs/rules.md, Patterns), compiled.
///
/// A placeholder ends where the character that follows it comes next, because a value that has this character does not
/// match. So the name says by itself which part of it is the value, and no value is ever put into a pattern.
class Pattern {
 public:
  enum class Placeholders : std::uint8_t { allowed, refused };

  /// What matching goes through from left to right. A placeholder is followed by a literal or by nothing.
  struct Part {
    enum class Kind : std::uint8_t { literal, star, double_star, placeholder };
    Kind kind;
    std::uint16_t begin;  ///< a literal's in all of them, a placeholder's index
    std::uint16_t size;   ///< of a literal in bytes; of the character that a placeholder ends before, 0 at the end
  };

  static Parsed<Pattern> parse(std::string_view text, Placeholders placeholders);

  const std::string& text() const noexcept { return text_; }
  const std::vector<Placeholder>& placeholders() const noexcept { return placeholders_; }
  const std::vector<Part>& parts() const noexcept { return parts_; }
  std::string_view literal(const Part& part) const noexcept { return {literals_.data() + part.begin, part.size}; }
  /// The character that a placeholder ends before; empty for one that ends the pattern.
  std::string_view end_of_placeholder(std::size_t part) const noexcept {
    const std::size_t size = parts_[part].size;
    return size == 0 ? std::string_view() : std::string_view(literals_.data() + parts_[part + 1].begin, size);
  }

  /// What every name that matches begins with.
  std::string_view beginning() const noexcept;

  /// Time grows with the length of the name times that of the pattern, whatever both are. Allocates only for names
  /// above 1023 bytes, and then only if a wildcard is followed by something.
  bool matches(std::string_view name, const PlaceholderValues& values) const;

 private:
  friend class PatternParser;

  template <class Values>
  bool matches_with(std::string_view name, const Values& values) const;
  template <class Values>
  bool matches_places(std::size_t part, std::string_view name, std::size_t at, const Values& values) const;
  template <class Values>
  std::optional<std::size_t> skip(std::size_t part, std::string_view name, std::size_t at,
                                  const Values& values) const noexcept;

  std::string text_;
  std::string literals_;  // without escapes
  std::vector<Part> parts_;
  std::vector<Placeholder> placeholders_;
};

/// Whether `*` stands for it.
constexpr bool is_separator(char c) noexcept { return c == ':' || c == '/' || c == '.'; }

}  // namespace hearth::auth
