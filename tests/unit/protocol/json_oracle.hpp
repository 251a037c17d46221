#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include <simdjson.h>

namespace hearth::test {

/// Decides by simdjson what is JSON, and what it means. simdjson takes less than RFC 8259 allows: it refuses numbers
/// that it cannot represent and escaped surrogates without their other half. So the text is first brought to a form
/// that is JSON exactly if the text is, and has neither: runs of digits are cut down to two, and escapes of surrogates
/// become escapes of U+0800 to U+0FFF.
class JsonOracle {
 public:
  explicit JsonOracle(std::string_view text) {
    rewrite(text);
    const simdjson::error_code allocated =
        parser_.allocate(std::max<std::size_t>(rewritten_.size(), 64), rewritten_.size() + 64);
    if (allocated == simdjson::SUCCESS) error_ = parser_.parse(rewritten_).get(root_);
  }

  /// Whether the text is JSON in valid UTF-8, of any depth.
  bool is_json() const noexcept { return error_ == simdjson::SUCCESS; }
  /// How deep arrays and objects are nested; only for JSON.
  std::size_t depth() const noexcept { return deepest_; }
  /// An escape was rewritten, so that strings in root() may differ from those in the text.
  bool has_surrogates() const noexcept { return has_surrogates_; }
  simdjson::dom::element root() const noexcept { return root_; }

  /// The text as root() has it, without white space; only for JSON.
  std::string minified() const { return simdjson::minify(root_); }

 private:
  void rewrite(std::string_view text) {
    bool in_string = false;
    std::size_t digits = 0;
    std::size_t depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      const bool digit = c >= '0' && c <= '9';
      digits = digit ? digits + 1 : 0;
      if (in_string && c == '\\' && i + 1 < text.size()) {
        rewritten_ += c;
        rewritten_ += text[++i];
        if (is_surrogate(text.substr(i))) {
          rewritten_ += '0';
          ++i;
          has_surrogates_ = true;
        }
        continue;
      }
      if (c == '"') in_string = !in_string;
      if (!in_string && (c == '[' || c == '{')) deepest_ = std::max(deepest_, ++depth);
      if (!in_string && (c == ']' || c == '}') && depth > 0) --depth;
      if (in_string || digits <= 2) rewritten_ += c;
    }
  }

  /// `escape` begins after the backslash.
  static bool is_surrogate(std::string_view escape) {
    return escape.size() >= 3 && escape[0] == 'u' && (escape[1] == 'd' || escape[1] == 'D') &&
           std::string_view("89abcdefABCDEF").find(escape[2]) != std::string_view::npos;
  }

  simdjson::dom::parser parser_;
  simdjson::dom::element root_;
  simdjson::error_code error_ = simdjson::UNINITIALIZED;
  std::string rewritten_;
  std::size_t deepest_ = 0;
  bool has_surrogates_ = false;
};

}  // namespace hearth::test
