#pragma once

#include "auth/parsed.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace hearth::auth {

/// Where a claim stands: its name, or a JSON pointer (RFC 6901) if the text begins with `/`.
class ClaimPath {
 public:
  static Parsed<ClaimPath> parse(std::string_view text);

  /// Null if there is none.
  const boost::json::value* find(const boost::json::object& claims) const noexcept;
  const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
  std::vector<std::string> steps_;
};

/// Whether the claim is `text`, or is a list that has it. An integer counts as its digits; nothing else is a text.
bool has_text(const boost::json::value& claim, std::string_view text) noexcept;

/// The same, and `true` and `false` are texts too.
bool has_text_or_truth(const boost::json::value& claim, std::string_view text) noexcept;

/// The texts that has_text() says yes to, but the empty one.
std::vector<std::string> texts(const boost::json::value& claim);

}  // namespace hearth::auth
