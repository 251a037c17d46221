#include "protocol/json_scanner.hpp"

#include <array>

namespace hearth::protocol {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool is_hex_digit(char c) noexcept { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// The arrays and objects that the scanner is inside of, a bit each.
class Nesting {
 public:
  explicit Nesting(std::size_t outer) noexcept : room_(kMaxJsonDepth - outer) {}

  bool empty() const noexcept { return depth_ == 0; }
  bool in_object() const noexcept { return in_object_; }

  /// Whether there was room for one more.
  bool open(bool object) noexcept {
    if (depth_ >= room_) return false;
    const std::uint64_t bit = std::uint64_t{1} << (depth_ % 64);
    std::uint64_t& word = outer_is_object_[depth_ / 64];
    word = in_object_ ? word | bit : word & ~bit;
    in_object_ = object;
    ++depth_;
    return true;
  }

  void close() noexcept {
    --depth_;
    in_object_ = ((outer_is_object_[depth_ / 64] >> (depth_ % 64)) & 1) != 0;
  }

 private:
  std::size_t room_;
  std::size_t depth_ = 0;
  bool in_object_ = false;
  std::array<std::uint64_t, kMaxJsonDepth / 64> outer_is_object_;  // set as far as depth_
};

static_assert(kMaxJsonDepth % 64 == 0);

}  // namespace

bool JsonScanner::skip_nested(std::size_t outer) noexcept {
  Nesting nesting(outer);
  for (;;) {
    if (is_next('{') || is_next('[')) {
      const bool object = *at_ == '{';
      if (!nesting.open(object)) return false;
      ++at_;
      skip_space();
      if (!is_next(object ? '}' : ']')) {
        if (object && !skip_key()) return false;
        continue;
      }
    } else {
      if (!skip_scalar()) return false;
      skip_space();
    }
    // A value has ended, or an empty array or object is about to: close what ends here, up to the next value.
    while (!skip(',')) {
      if (!skip(nesting.in_object() ? '}' : ']')) return false;
      nesting.close();
      if (nesting.empty()) return true;
      skip_space();
    }
    skip_space();
    if (nesting.in_object() && !skip_key()) return false;
  }
}

bool JsonScanner::skip_escape() noexcept {
  if (end_ - at_ < 2 || *at_ != '\\') return false;
  const char kind = at_[1];
  at_ += 2;
  switch (kind) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
      return true;
    case 'u':
      if (end_ - at_ < 4) return false;
      if (!is_hex_digit(at_[0]) || !is_hex_digit(at_[1]) || !is_hex_digit(at_[2]) || !is_hex_digit(at_[3])) {
        return false;
      }
      at_ += 4;
      return true;
    default:
      return false;
  }
}

bool JsonScanner::skip_scalar() noexcept {
  if (at_end()) return false;
  switch (*at_) {
    case '"':
      return skip_string();
    case 't':
      return skip_word("true");
    case 'f':
      return skip_word("false");
    case 'n':
      return skip_word("null");
    default:
      return skip_number();
  }
}

bool JsonScanner::skip_number() noexcept {
  skip('-');
  if (!skip('0') && !skip_digits()) return false;
  if (skip('.') && !skip_digits()) return false;
  if (is_next('e') || is_next('E')) {
    ++at_;
    if (!skip('+')) skip('-');
    return skip_digits();
  }
  return true;
}

bool JsonScanner::skip_digits() noexcept {
  const char* const first = at_;
  while (at_ != end_ && is_digit(*at_)) ++at_;
  return at_ != first;
}

bool JsonScanner::skip_word(std::string_view word) noexcept {
  if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(word)) return false;
  at_ += word.size();
  return true;
}

}  // namespace hearth::protocol
