#pragma once

#include "hearth/export.hpp"

#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace hearth {

/// JSON text that has been checked to be valid, or nothing. A view: whoever gave it says how long it lives.
class HEARTH_API JsonView {
 public:
  constexpr JsonView() noexcept = default;

  /// Takes text on the caller's word that it is valid JSON in UTF-8. What is not would reach every receiver.
  static constexpr JsonView trusted(std::string_view text) noexcept { return JsonView(text); }

  /// The bytes as they came; empty when there is nothing.
  constexpr std::string_view text() const noexcept { return text_; }
  constexpr bool has_value() const noexcept { return !text_.empty(); }
  constexpr explicit operator bool() const noexcept { return has_value(); }

  /// The value of a member, the last one of this name, if this is an object that has it. Nothing is parsed for it.
  std::optional<JsonView> member(std::string_view key) const noexcept;
  /// What it says if it is a string; an escaped lone surrogate becomes U+FFFD.
  std::optional<std::string> string() const;

  /// The value; null when there is nothing. Numbers that no `double` holds and escaped lone surrogates are valid JSON
  /// that Boost.JSON cannot represent: for those it throws boost::system::system_error.
  boost::json::value parse() const;

 private:
  constexpr explicit JsonView(std::string_view text) noexcept : text_(text) {}
  std::string_view text_;
};

template <class T>
concept ConvertibleToJson =
    boost::json::has_value_from<T>::value && !std::convertible_to<const T&, std::string_view> &&
    !std::same_as<std::remove_cvref_t<T>, boost::json::value> && !std::same_as<std::remove_cvref_t<T>, JsonView> &&
    !std::same_as<std::remove_cvref_t<T>, std::nullptr_t>;

/// The `data` of a message to send, as an argument: ready JSON text, a boost::json::value, or anything that
/// boost::json::value_from converts. Made from text it keeps a view of it, so it is for passing on at once.
class HEARTH_API Json {
 public:
  /// No data: the envelope has no `data` member.
  Json() noexcept = default;
  Json(JsonView view) noexcept : view_(view) {}

  /// Ready JSON text, sent byte for byte. Throws std::invalid_argument if it is not valid JSON in UTF-8; to send a text
  /// as a JSON string, pass `boost::json::value(text)`.
  Json(std::string_view text);
  Json(const std::string& text) : Json(std::string_view(text)) {}
  Json(const char* text) : Json(std::string_view(text)) {}

  Json(std::nullptr_t) noexcept : view_(JsonView::trusted("null")) {}
  /// Throws std::invalid_argument if a string in it is not valid UTF-8.
  Json(const boost::json::value& value);

  template <ConvertibleToJson T>
  Json(const T& value) : Json(boost::json::value_from(value)) {}

  Json(const Json&) = delete;
  Json& operator=(const Json&) = delete;

  JsonView view() const noexcept { return owned_.empty() ? view_ : JsonView::trusted(owned_); }

 private:
  JsonView view_;
  std::string owned_;
};

}  // namespace hearth
