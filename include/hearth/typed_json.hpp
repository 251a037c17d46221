#pragma once

#include <boost/describe/members.hpp>
#include <boost/json/conversion.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <boost/mp11/algorithm.hpp>

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

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

/// Containers that elements of any number can be put into.
template <class T>
concept Growing = requires(T container, typename T::value_type element) {
  container.insert(container.end(), std::move(element));
};
template <class T>
inline constexpr bool kIsMap = boost::json::is_map_like<T>::value;
template <class T>
inline constexpr bool kIsList =
    boost::json::is_sequence_like<T>::value && !kIsMap<T> && !boost::json::is_string_like<T>::value;

inline constexpr unsigned kAllMembers = boost::describe::mod_public | boost::describe::mod_inherited;

inline const boost::json::object& object_in(const boost::json::value& value, const std::string& field) {
  const boost::json::object* object = value.if_object();
  if (object == nullptr) throw FieldError(field, "is no object");
  return *object;
}

inline std::string member_name(const std::string& field, std::string_view member) {
  return field.empty() ? std::string(member) : field + '.' + std::string(member);
}

template <class T>
T read_json(const boost::json::value& value, const std::string& field);

template <class T>
T read_described(const boost::json::value& value, const std::string& field) {
  const boost::json::object& object = object_in(value, field);
  T result{};
  boost::mp11::mp_for_each<boost::describe::describe_members<T, kAllMembers>>([&](auto member) {
    using Member = std::remove_cvref_t<decltype(result.*member.pointer)>;
    const std::string name = member_name(field, member.name);
    if (const boost::json::value* found = object.if_contains(member.name)) {
      result.*member.pointer = read_json<Member>(*found, name);
    } else if (!IsOptional<Member>::value) {
      throw FieldError(name, "is missing");
    }
  });
  return result;
}

template <class T>
T read_list(const boost::json::value& value, const std::string& field) {
  const boost::json::array* array = value.if_array();
  if (array == nullptr) throw FieldError(field, "is no array");
  T result;
  std::size_t index = 0;
  for (const boost::json::value& element : *array) {
    const std::string name = field + '[' + std::to_string(index++) + ']';
    result.insert(result.end(), read_json<typename T::value_type>(element, name));
  }
  return result;
}

template <class T>
T read_map(const boost::json::value& value, const std::string& field) {
  T result;
  for (const auto& [key, element] : object_in(value, field)) {
    const std::string name = member_name(field, key);
    result.emplace(std::string(key), read_json<typename T::mapped_type>(element, name));
  }
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
  } else if constexpr (kIsMap<T>) {
    return read_map<T>(value, field);
  } else if constexpr (kIsList<T> && Growing<T>) {
    return read_list<T>(value, field);
  } else {
    auto result = boost::json::try_value_to<T>(value);
    if (!result) throw FieldError(field, "has the wrong type: " + result.error().message());
    return *std::move(result);
  }
}

}  // namespace detail

/// Makes a T of JSON: members of a type described with Boost.Describe by their names (unknown keys are ignored,
/// `std::optional` ones may be missing or null), also in lists and maps; everything else as boost::json::value_to does.
/// Throws FieldError.
template <class T>
T from_json(const boost::json::value& value) {
  return detail::read_json<T>(value, {});
}

}  // namespace hearth
