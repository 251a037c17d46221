#include "hearth/json.hpp"

#include "protocol/json.hpp"

#include <simdjson.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace hearth {

boost::json::value JsonView::parse() const {
  if (text_.empty()) return nullptr;
  boost::json::parse_options options;
  options.max_depth = protocol::kMaxJsonDepth;
  return boost::json::parse(text_, {}, options);
}

std::optional<JsonView> JsonView::member(std::string_view key) const noexcept {
  std::string_view object = text_;
  object.remove_prefix(std::min(object.find_first_not_of(" \t\r\n"), object.size()));
  if (!protocol::is_object(object)) return std::nullopt;
  const auto value = protocol::find_member(object, key);
  return value ? std::optional(JsonView(*value)) : std::nullopt;
}

std::optional<std::string> JsonView::string() const {
  const auto begin = text_.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos || text_[begin] != '"') return std::nullopt;
  const auto end = text_.find_last_not_of(" \t\r\n");
  std::string scratch;
  return std::string(protocol::unescape(text_.substr(begin, end - begin + 1), scratch));
}

Json::Json(std::string_view text) : view_(JsonView::trusted(text)) {
  if (!simdjson::validate_utf8(text.data(), text.size()) || !protocol::is_valid_json(text)) {
    throw std::invalid_argument(
        "hearth: `data` given as text is not valid JSON; to send a text as a JSON string pass "
        "boost::json::value(text)");
  }
}

Json::Json(const boost::json::value& value) : owned_(boost::json::serialize(value)) {
  if (!simdjson::validate_utf8(owned_.data(), owned_.size())) {
    throw std::invalid_argument("hearth: `data` holds a string that is not valid UTF-8");
  }
}

}  // namespace hearth
