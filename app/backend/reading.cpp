#include "backend/reading.hpp"

#include <boost/json/value.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace hearth::app {

namespace {

using boost::json::object;
using boost::json::value;

constexpr std::size_t kMostUserId = 256;              // UTF-16 code units
constexpr std::int64_t kMostSeconds = 7'258'118'400;  // the year 2200
constexpr std::int64_t kNoSeconds = 253'402'300'800;  // the year 10000: likely milliseconds

template <class Type>
Read<Type> wrong(std::string problem) {
  return {std::nullopt, std::move(problem)};
}

// Of valid UTF-8: one for each character, and one more for those of four bytes.
std::size_t utf16_length(std::string_view text) {
  std::size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) != 0x80U) units += byte >= 0xF0U ? 2 : 1;
  }
  return units;
}

std::string read_user_id(const value& given, std::optional<std::string>& user_id) {
  if (given.is_string()) {
    user_id.emplace(given.get_string());
  } else if (given.is_int64()) {
    user_id = std::to_string(given.get_int64());
  } else if (given.is_uint64()) {
    user_id = std::to_string(given.get_uint64());
  } else {
    return "`userId` is neither a string nor an integer";
  }
  const std::size_t length = utf16_length(*user_id);
  if (length == 0 || length > kMostUserId) return "`userId` has to be 1 to 256 characters long";
  return {};
}

std::string read_end(const value& given, std::optional<std::chrono::sys_seconds>& end) {
  boost::system::error_code error;
  if (!given.is_number()) return "`expiresAt` is no number; it is in seconds since 1970";
  const auto number = given.is_double() ? given.get_double() : given.to_number<double>(error);
  if (!(number >= 0) || number >= static_cast<double>(kNoSeconds)) {
    return "`expiresAt` is in seconds since 1970, and before the year 10000; these are likely milliseconds";
  }
  end.emplace(std::chrono::seconds(std::min(static_cast<std::int64_t>(number), kMostSeconds)));
  return {};
}

// Absent and null are the same: many languages write the one for the other.
const value* member(const object& answer, std::string_view name) {
  const value* found = answer.if_contains(boost::json::string_view(name.data(), name.size()));
  return found == nullptr || found->is_null() ? nullptr : found;
}

std::string read_members(object& answer, BackendIdentity& identity) {
  if (const value* given = member(answer, "userId")) {
    if (std::string problem = read_user_id(*given, identity.user_id); !problem.empty()) return problem;
  }
  if (const value* given = member(answer, "expiresAt")) {
    if (std::string problem = read_end(*given, identity.expires_at); !problem.empty()) return problem;
  }
  if (const value* given = member(answer, "claims")) {
    if (!given->is_object()) return "`claims` is no object";
    identity.claims = given->get_object();
  }
  object others;
  for (auto& [name, given] : answer) {
    if (!given.is_null() && name != "userId" && name != "expiresAt" && name != "claims") {
      others.emplace(name, std::move(given));
    }
  }
  auto grants = read_grants(others);
  if (!grants) return "`" + grants.error().member + "` " + grants.error().text;
  identity.grants = *std::move(grants);
  return {};
}

}  // namespace

Read<BackendIdentity> read_identity(JsonView answer) {
  try {
    value parsed = answer.parse();
    if (!parsed.is_object()) return wrong<BackendIdentity>("it is no object");
    BackendIdentity identity;
    if (std::string problem = read_members(parsed.get_object(), identity); !problem.empty()) {
      return wrong<BackendIdentity>(std::move(problem));
    }
    return {std::move(identity), {}};
  } catch (const boost::system::system_error&) {
    return wrong<BackendIdentity>("it has a number or a string in it that cannot be represented");
  }
}

Read<std::vector<std::string>> read_rooms(JsonView answer) {
  using Rooms = std::vector<std::string>;
  try {
    const value parsed = answer.parse();
    const value* rooms = parsed.is_object() ? member(parsed.get_object(), "rooms") : nullptr;
    if (rooms == nullptr || !rooms->is_array()) return wrong<Rooms>("it has no list `rooms`");
    Rooms names;
    for (const value& room : rooms->get_array()) {
      if (!room.is_string()) return wrong<Rooms>("`rooms` has something in it that is no string");
      names.emplace_back(room.get_string());
    }
    return {std::move(names), {}};
  } catch (const boost::system::system_error&) {
    return wrong<Rooms>("it has a number or a string in it that cannot be represented");
  }
}

std::optional<std::string> read_error(const std::string& body) {
  try {
    const Json json{std::string_view(body)};
    const auto error = json.view().member("error");
    const auto message = error ? error->member("message") : std::nullopt;
    return message ? message->string() : std::nullopt;
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

}  // namespace hearth::app
