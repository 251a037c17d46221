#include "auth/json_document.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <utility>

namespace hearth::auth {
namespace {

namespace json = boost::json;

/// Members of all objects in valid JSON: each has a colon, and there are none elsewhere but in strings.
std::size_t members_written(std::string_view text) noexcept {
  std::size_t count = 0;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') {
      in_string = !in_string;
    } else if (in_string && text[at] == '\\') {
      ++at;
    } else if (!in_string && text[at] == ':') {
      ++count;
    }
  }
  return count;
}

/// Members that were kept, of which there is one for each key. The parser has bounded how deep this goes.
std::size_t members_kept(const json::value& value) noexcept {
  std::size_t count = 0;
  if (const json::object* object = value.if_object()) {
    count = object->size();
    for (const json::key_value_pair& member : *object) count += members_kept(member.value());
  } else if (const json::array* array = value.if_array()) {
    for (const json::value& element : *array) count += members_kept(element);
  }
  return count;
}

}  // namespace

Parsed<json::object> parse_object(std::string_view text) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  if (error) return Problem{"is not JSON that can be read: " + error.message()};
  if (!value.is_object()) return Problem{"is no JSON object"};
  if (members_written(text) != members_kept(value)) return Problem{"has a key twice"};
  return std::move(value.get_object());
}

}  // namespace hearth::auth
