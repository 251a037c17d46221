#include "auth/claim_path.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <system_error>

namespace hearth::auth {
namespace {

namespace json = boost::json;

/// A step of a JSON pointer (RFC 6901, 4), or nothing if a `~` in it means nothing.
std::optional<std::string> unescaped_step(std::string_view step) {
  std::string text;
  for (std::size_t at = 0; at < step.size(); ++at) {
    if (step[at] != '~') {
      text += step[at];
      continue;
    }
    if (at + 1 == step.size() || (step[at + 1] != '0' && step[at + 1] != '1')) return std::nullopt;
    text += step[++at] == '0' ? '~' : '/';
  }
  return text;
}

/// An index has no sign and no zero before it (RFC 6901, 4).
const json::value* element(const json::array& array, std::string_view step) noexcept {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
  const bool is_number = error == std::errc() && end == step.data() + step.size();
  if (!is_number || (step.size() > 1 && step.front() == '0')) return nullptr;
  return array.if_contains(index);
}

/// Room for the digits of a 64-bit integer and its sign.
using Digits = std::array<char, 20>;

template <class Integer>
std::string_view write(Digits& digits, Integer integer) noexcept {
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), integer);
  return {digits.data(), static_cast<std::size_t>(end - digits.data())};
}

/// What a string or an integer counts as. The view is into the value or into `digits`.
std::optional<std::string_view> text_of(const json::value& value, Digits& digits) noexcept {
  switch (value.kind()) {
    case json::kind::string:
      return std::string_view(value.get_string());
    case json::kind::int64:
      return write(digits, value.get_int64());
    case json::kind::uint64:
      return write(digits, value.get_uint64());
    default:
      return std::nullopt;
  }
}

bool is_text(const json::value& value, std::string_view text) noexcept {
  Digits digits;
  return text_of(value, digits) == text;
}

bool is_text_or_truth(const json::value& value, std::string_view text) noexcept {
  if (const bool* truth = value.if_bool()) return text == (*truth ? "true" : "false");
  return is_text(value, text);
}

template <class Is>
bool is_or_has(const json::value& claim, std::string_view text, Is is) noexcept {
  const json::array* list = claim.if_array();
  if (list == nullptr) return is(claim, text);
  for (const json::value& value : *list) {
    if (is(value, text)) return true;
  }
  return false;
}

}  // namespace

Parsed<ClaimPath> ClaimPath::parse(std::string_view text) {
  if (text.empty()) return Problem{"a claim needs a name, or a JSON pointer such as /realm/roles"};
  ClaimPath path;
  path.text_ = text;
  if (text.front() != '/') {
    path.steps_.emplace_back(text);
    return path;
  }
  while (!text.empty()) {
    text.remove_prefix(1);
    const std::string_view written = text.substr(0, text.find('/'));
    text.remove_prefix(written.size());
    auto step = unescaped_step(written);
    if (!step) return Problem{"the JSON pointer `" + path.text_ + "` has a `~` without 0 or 1 after it (RFC 6901)"};
    path.steps_.push_back(*std::move(step));
  }
  return path;
}

const json::value* ClaimPath::find(const json::object& claims) const noexcept {
  const json::value* found = claims.if_contains(steps_.front());
  for (std::size_t at = 1; at < steps_.size() && found != nullptr; ++at) {
    if (const json::object* object = found->if_object()) {
      found = object->if_contains(steps_[at]);
    } else if (const json::array* array = found->if_array()) {
      found = element(*array, steps_[at]);
    } else {
      found = nullptr;
    }
  }
  return found;
}

bool has_text(const json::value& claim, std::string_view text) noexcept { return is_or_has(claim, text, is_text); }

bool has_text_or_truth(const json::value& claim, std::string_view text) noexcept {
  return is_or_has(claim, text, is_text_or_truth);
}

std::vector<std::string> texts(const json::value& claim) {
  std::vector<std::string> found;
  Digits digits;
  const auto add = [&](const json::value& value) {
    const auto text = text_of(value, digits);
    if (text && !text->empty()) found.emplace_back(*text);
  };
  if (const json::array* list = claim.if_array()) {
    for (const json::value& value : *list) add(value);
  } else {
    add(claim);
  }
  return found;
}

}  // namespace hearth::auth
