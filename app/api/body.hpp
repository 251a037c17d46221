#pragma once

#include "api/answer.hpp"
#include "hearth/json.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::app {

/// The JSON object of a request, taken apart. Each function throws ApiProblem, which names the member, if that is not
/// what it has to be. Good for as long as the text that it is made of.
class ApiBody {
 public:
  /// Longest list of names.
  static constexpr std::size_t kMostNames = 1000;

  /// Of text; 400 if it is no JSON object, 422 if it has other members than these.
  ApiBody(std::string_view text, std::initializer_list<std::string_view> members);

  bool has(std::string_view member) const { return object_.contains(member); }
  /// Which one of these members is there; 422 if it is none or several of them.
  std::string_view one_of(std::initializer_list<std::string_view> members) const;

  /// A text that is not empty.
  std::string text(std::string_view member) const;
  std::optional<std::string> optional_text(std::string_view member) const;
  /// A list of such texts, 1 to kMostNames.
  std::vector<std::string> texts(std::string_view member) const;
  /// The same, which may be left out or empty.
  std::vector<std::string> optional_texts(std::string_view member) const;
  std::optional<std::int64_t> optional_number(std::string_view member) const;
  std::optional<bool> optional_truth(std::string_view member) const;
  /// Has to be `true`.
  void expect_true(std::string_view member) const;
  /// The elements of a list of at most so many, as their bytes came.
  std::vector<JsonView> elements(std::string_view member, std::size_t most) const;
  /// The bytes as they came; nothing if it is not there.
  JsonView raw(std::string_view member) const;

 private:
  const boost::json::value& at(std::string_view member) const;
  std::vector<std::string> read_texts(std::string_view member, std::size_t least) const;

  std::string_view text_;
  boost::json::object object_;
};

/// An ApiProblem of 422.
ApiProblem invalid(std::string_view member, const std::string& what);

}  // namespace hearth::app
