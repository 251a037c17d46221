#include "api/body.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/stream_parser.hpp>
#include <boost/system/error_code.hpp>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>

namespace hearth::app {

namespace {

std::string listed(std::initializer_list<std::string_view> names) {
  std::string all;
  for (const std::string_view name : names) all += (all.empty() ? "" : ", ") + std::string(name);
  return all;
}

/// Of an array, which is valid JSON: its elements as they stand there, byte for byte.
std::vector<JsonView> elements_of(std::string_view array) {
  constexpr std::string_view kBetween = " \t\r\n,";
  std::vector<JsonView> elements;
  boost::json::stream_parser parser;  // stops where a value ends
  for (array.remove_prefix(1);;) {
    array.remove_prefix(std::min(array.find_first_not_of(kBetween), array.size()));
    if (array.empty() || array.front() == ']') return elements;
    const std::size_t size = parser.write_some({array.data(), array.size()});
    const std::string_view element = array.substr(0, size);  // and the space after it
    elements.push_back(JsonView::trusted(element.substr(0, element.find_last_not_of(kBetween) + 1)));
    array.remove_prefix(size);
    parser.reset();
  }
}

/// Where the parser stops; nothing if it does not.
std::string place_of_mistake(std::string_view text) {
  boost::json::stream_parser parser;
  boost::system::error_code error;
  const std::size_t read = parser.write_some(text.data(), text.size(), error);
  if (!error && read == text.size()) return parser.done() ? "" : "; it ends too early";
  return ", from byte " + std::to_string(read + 1) + " on";
}

}  // namespace

ApiProblem invalid(std::string_view member, const std::string& what) {
  return {422, "invalid_value", std::string(member) + ' ' + what, '/' + std::string(member)};
}

ApiBody::ApiBody(std::string_view text, std::initializer_list<std::string_view> members) : text_(text) {
  if (text.empty()) throw ApiProblem{400, "malformed", "there is no body; it has to be a JSON object", {}};
  try {
    const Json valid(text);  // stricter with UTF-8 than the parser, and what goes out byte for byte has to be
  } catch (const std::invalid_argument&) {
    throw ApiProblem{400, "malformed", "the body is no valid JSON in UTF-8" + place_of_mistake(text), {}};
  }
  boost::system::error_code error;
  boost::json::value parsed = boost::json::parse(text, error);
  if (error) throw ApiProblem{400, "malformed", "the body cannot be read: " + error.message(), {}};
  if (!parsed.is_object()) throw ApiProblem{400, "malformed", "the body is no JSON object", {}};
  object_ = std::move(parsed.as_object());
  for (const auto& member : object_) {
    if (std::find(members.begin(), members.end(), std::string_view(member.key())) == members.end()) {
      throw ApiProblem{422, "unknown_member",
                       "there is no member " + std::string(member.key()) + " here; there are " + listed(members),
                       '/' + std::string(member.key())};
    }
  }
}

std::string_view ApiBody::one_of(std::initializer_list<std::string_view> members) const {
  std::string_view found;
  for (const std::string_view member : members) {
    if (!has(member)) continue;
    if (!found.empty()) throw invalid(member, "is given beside " + std::string(found) + "; give one of them");
    found = member;
  }
  if (found.empty()) throw ApiProblem{422, "missing_member", "one of " + listed(members) + " is needed", {}};
  return found;
}

const boost::json::value& ApiBody::at(std::string_view member) const {
  const boost::json::value* value = object_.if_contains(member);
  if (value == nullptr) {
    throw ApiProblem{422, "missing_member", std::string(member) + " is missing", '/' + std::string(member)};
  }
  return *value;
}

std::string ApiBody::text(std::string_view member) const {
  const boost::json::value& value = at(member);
  if (!value.is_string()) throw invalid(member, "is no string");
  if (value.get_string().empty()) throw invalid(member, "is empty");
  return std::string(value.get_string());
}

std::optional<std::string> ApiBody::optional_text(std::string_view member) const {
  if (!has(member)) return std::nullopt;
  return text(member);
}

std::vector<std::string> ApiBody::read_texts(std::string_view member, std::size_t least) const {
  const boost::json::value& value = at(member);
  if (!value.is_array()) throw invalid(member, "is no array");
  if (value.get_array().size() < least) throw invalid(member, "is empty");
  if (value.get_array().size() > kMostNames) throw invalid(member, "has more than 1000 elements");
  std::vector<std::string> texts;
  for (const boost::json::value& element : value.get_array()) {
    if (!element.is_string() || element.get_string().empty()) throw invalid(member, "has an element that is no name");
    texts.emplace_back(element.get_string());
  }
  return texts;
}

std::vector<JsonView> ApiBody::elements(std::string_view member, std::size_t most) const {
  const boost::json::value& value = at(member);
  if (!value.is_array()) throw invalid(member, "is no array");
  if (value.get_array().size() > most) throw invalid(member, "has more than " + std::to_string(most) + " elements");
  return elements_of(raw(member).text());
}

std::vector<std::string> ApiBody::texts(std::string_view member) const { return read_texts(member, 1); }

std::vector<std::string> ApiBody::optional_texts(std::string_view member) const {
  return has(member) ? read_texts(member, 0) : std::vector<std::string>();
}

std::optional<std::int64_t> ApiBody::optional_number(std::string_view member) const {
  if (!has(member)) return std::nullopt;
  const boost::json::value& value = at(member);
  if (!value.is_int64()) throw invalid(member, "is no whole number");
  return value.get_int64();
}

std::optional<bool> ApiBody::optional_truth(std::string_view member) const {
  if (!has(member)) return std::nullopt;
  const boost::json::value& value = at(member);
  if (!value.is_bool()) throw invalid(member, "is neither true nor false");
  return value.get_bool();
}

void ApiBody::expect_true(std::string_view member) const {
  const boost::json::value& value = at(member);
  if (!value.is_bool() || !value.get_bool()) throw invalid(member, "has to be true, or left out");
}

JsonView ApiBody::raw(std::string_view member) const {
  return JsonView::trusted(text_).member(member).value_or(JsonView());
}

}  // namespace hearth::app
