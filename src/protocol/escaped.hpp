#pragma once

#include "protocol/json.hpp"

#include <string>
#include <string_view>

namespace hearth::protocol {

/// A text as it stands between the quotes of a JSON string: the text itself, unless something in it has to be escaped.
class Escaped {
 public:
  /// `text` must outlive the object.
  explicit Escaped(std::string_view text) : text_(text) {
    if (!needs_escaping(text)) return;
    append_quoted(quoted_, text);
    text_ = std::string_view(quoted_).substr(1, quoted_.size() - 2);
  }
  Escaped(const Escaped&) = delete;
  Escaped& operator=(const Escaped&) = delete;

  std::string_view text() const noexcept { return text_; }

 private:
  std::string quoted_;
  std::string_view text_;
};

}  // namespace hearth::protocol
