#pragma once

#include "hearth/export.hpp"

#include <boost/system/result.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace hearth {

namespace auth {
class Pattern;
}  // namespace auth

/// A pattern of names without placeholders, such as tokens carry: `chat:*`, `team:7:**` (docs/rules.md, Patterns).
/// Copies share what is inside; any thread may use them.
class HEARTH_API RoomPattern {
 public:
  /// Throws std::invalid_argument, which says what is wrong: a placeholder, more than 256 UTF-16 code units.
  explicit RoomPattern(std::string_view text);
  /// The same, or what is wrong.
  static boost::system::result<RoomPattern, std::string> parse(std::string_view text);

  const std::string& text() const noexcept;
  /// Time grows with the length of the name times that of the pattern, whatever both are.
  bool matches(std::string_view name) const;

 private:
  explicit RoomPattern(std::shared_ptr<const auth::Pattern> pattern) noexcept;
  std::shared_ptr<const auth::Pattern> pattern_;
};

}  // namespace hearth
