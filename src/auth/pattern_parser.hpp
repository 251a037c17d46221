#pragma once

#include "auth/pattern.hpp"

#include <optional>
#include <string_view>

namespace hearth::auth {

/// Goes once over the text of a pattern.
class PatternParser {
 public:
  PatternParser(std::string_view text, Pattern::Placeholders placeholders) noexcept
      : rest_(text), placeholders_(placeholders) {
    pattern_.text_ = text;
  }

  Parsed<Pattern> parse();

 private:
  using Step = std::optional<Problem>;

  Step take_next();
  Step take_wildcard();
  Step take_placeholder();
  Step take_escape();
  void add_literal(std::string_view text);
  /// Adds what stands for text that is not written in the pattern.
  Step add_open(Pattern::Part part);
  Problem problem(std::string_view what) const;

  std::string_view rest_;
  Pattern::Placeholders placeholders_;
  Pattern pattern_;
};

}  // namespace hearth::auth
