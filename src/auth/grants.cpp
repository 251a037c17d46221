#include "hearth/grants.hpp"

#include "auth/shown.hpp"
#include "protocol/json.hpp"
#include "protocol/system_events.hpp"

#include <boost/json/serialize.hpp>
#include <boost/throw_exception.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace hearth {
namespace {

namespace json = boost::json;
template <class T>
using Result = boost::system::result<T, GrantsProblem>;

constexpr std::array<std::string_view, 6> kMembers{"metadata", "join", "publish", "autoJoin", "messages", "info"};

std::string element_name(std::string_view member, std::size_t index) {
  return std::string(member) + '[' + std::to_string(index) + ']';
}

Result<std::vector<std::string>> read_texts(const json::object& object, std::string_view member) {
  std::vector<std::string> texts;
  const json::value* value = object.if_contains(member);
  if (value == nullptr) return texts;
  const json::array* list = value->if_array();
  if (list == nullptr) return GrantsProblem{std::string(member), "is no array"};
  if (list->size() > Grants::kMaxPatterns) {
    return GrantsProblem{std::string(member),
                         "has " + std::to_string(list->size()) + " elements; at most 64 are taken"};
  }
  for (const json::value& element : *list) {
    if (!element.is_string()) return GrantsProblem{element_name(member, texts.size()), "is no string"};
    texts.emplace_back(element.get_string());
  }
  return texts;
}

Result<std::vector<RoomPattern>> read_patterns(const json::object& object, std::string_view member) {
  const auto texts = read_texts(object, member);
  if (!texts) return texts.error();
  std::vector<RoomPattern> patterns;
  for (const std::string& text : *texts) {
    auto pattern = RoomPattern::parse(text);
    if (!pattern) return GrantsProblem{element_name(member, patterns.size()), pattern.error()};
    patterns.push_back(*std::move(pattern));
  }
  return patterns;
}

Result<std::vector<std::string>> read_rooms(const json::object& object, std::string_view member) {
  auto rooms = read_texts(object, member);
  if (!rooms) return rooms;
  for (std::size_t i = 0; i < rooms->size(); ++i) {
    const std::size_t length = protocol::utf16_length((*rooms)[i]);
    if (length == 0 || length > protocol::kMaxRoomNameLength) {
      return GrantsProblem{element_name(member, i), "is no name of a room, which has 1 to 256 characters"};
    }
  }
  return rooms;
}

Result<std::optional<Rate>> read_messages(const json::object& object) {
  const json::value* value = object.if_contains("messages");
  if (value == nullptr) return std::optional<Rate>();
  const json::string* text = value->if_string();
  const auto rate = text != nullptr ? parse_rate(*text) : std::nullopt;
  if (!rate) return GrantsProblem{"messages", "is no rate, such as \"500/s\" or \"600/min burst 50\""};
  return rate;
}

Result<json::value> read_info(const json::object& object) {
  const json::value* value = object.if_contains("info");
  if (value == nullptr) return json::value();
  const std::size_t size = json::serialize(*value).size();
  if (size > Grants::kMaxInfo) {
    return GrantsProblem{"info", "is " + std::to_string(size) + " bytes of JSON; at most 1024 are taken"};
  }
  return *value;
}

}  // namespace

void throw_exception_from_error(const GrantsProblem& problem, const boost::source_location& location) {
  const std::string member = problem.member.empty() ? "the object" : '`' + problem.member + '`';
  boost::throw_exception(std::invalid_argument("hearth: " + member + ' ' + problem.text), location);
}

Result<Grants> read_grants(const json::value& value) {
  const json::object* object = value.if_object();
  if (object == nullptr) return GrantsProblem{"", "is no object"};
  auto join = read_patterns(*object, "join");
  if (!join) return join.error();
  auto publish = read_patterns(*object, "publish");
  if (!publish) return publish.error();
  auto auto_join = read_rooms(*object, "autoJoin");
  if (!auto_join) return auto_join.error();
  const auto messages = read_messages(*object);
  if (!messages) return messages.error();
  auto info = read_info(*object);
  if (!info) return info.error();
  const json::value* metadata = object->if_contains("metadata");
  return Grants{metadata != nullptr ? *metadata : json::value(),
                *std::move(join),
                *std::move(publish),
                *std::move(auto_join),
                *messages,
                *std::move(info)};
}

std::vector<std::string> unknown_grants(const json::value& value) {
  std::vector<std::string> unknown;
  const json::object* object = value.if_object();
  if (object == nullptr) return unknown;
  for (const json::key_value_pair& member : *object) {
    if (std::find(kMembers.begin(), kMembers.end(), member.key()) == kMembers.end()) unknown.emplace_back(member.key());
  }
  return unknown;
}

}  // namespace hearth
