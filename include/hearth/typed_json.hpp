#pragma once

#include <boost/describe/members.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <boost/mp11/algorithm.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

namespace hearth {

/// JSON did not fit a type: which field, and what is wrong with it.
class FieldError : public std::invalid_argument {
 public:
  FieldError(const std::string& field, const std::string& problem)
      : std::invalid_argument((field.empty() ? "the value" : "field `" + field + "`") + ' ' + problem) {}
};

namespace detail {

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

inline constexpr unsigned kAllMembers = boost::describe::mod_public | boost::describe::mod_inherited;

template <class T>
T read_json(const boost::json::value& value, const std::string& field);

template <class T>
T read_described(const boost::json::value& value, const std::string& field) {
  const boost::json::object* object = value.if_object();
  if (object == nullptr) throw FieldError(field, "is no object");
  T result{};
  boost::mp11::mp_for_each<boost::describe::describe_members<T, kAllMembers>>([&](auto member) {
    using Member = std::remove_cvref_t<decltype(result.*member.pointer)>;
    const std::string name = field.empty() ? std::string(member.name) : field + '.' + member.name;
    if (const boost::json::value* found = object->if_contains(member.name)) {
      result.*member.pointer = read_json<Member>(*found, name);
    } else if (!IsOptional<Member>::value) {
      throw FieldError(name, "is missing");
    }
  });
  return result;
}

template <class T>
T read_json(const boost::json::value& value, const std::string& field) {
  if constexpr (IsOptional<T>::value) {
    if (value.is_null()) return std::nullopt;
    return read_json<typename T::value_type>(value, field);
  } else if constexpr (std::is_same_v<T, boost::json::value>) {
    return value;
  } else if constexpr (boost::describe::has_describe_members<T>::value) {
    return read_described<T>(value, field);
  } else {
    auto result = boost::json::try_value_to<T>(value);
    if (!result) throw FieldError(field, "has the wrong type: " + result.error().message());
    return *std::move(result);
  }
}

}  // namespace detail

/// Makes a T of JSON: members of a type described with Boost.Describe by their names (unknown keys are ignored,
/// `std::optional` ones may be missing or null), everything else as boost::json::value_to does. Throws FieldError.
template <class T>
T from_json(const boost::json::value& value) {
  return detail::read_json<T>(value, {});
}

}  // namespace hearth
