#include "api/block_body.hpp"

#include "api/body.hpp"
#include "config/times.hpp"
#include "config/units.hpp"

#include <algorithm>

namespace hearth::app {

namespace {

std::chrono::sys_seconds read_time(const ApiBody& body, std::string_view member) {
  const auto time = config::parse_time(body.text(member));
  if (!time) throw invalid(member, "is no time in UTC such as 2026-11-25T18:00:00Z");
  return *time;
}

}  // namespace

Block read_block(std::string_view text, std::chrono::system_clock::time_point now) {
  constexpr std::chrono::days kLongest{400};
  const ApiBody body(text, {"user", "token", "until", "for", "issuedBefore"});
  Block block;
  const std::string_view whom = body.one_of({"user", "token"});
  (whom == "user" ? block.user : block.token) = body.text(whom);
  const std::string_view end = body.one_of({"until", "for"});
  if (end == "until") {
    block.until = read_time(body, end);
  } else {
    const auto duration = config::parse_duration(body.text(end));
    if (!duration) throw invalid(end, "is no duration such as 30m, 12h or 7d");
    block.until = now + std::min<std::chrono::milliseconds>(*duration, kLongest + std::chrono::days(1));
  }
  if (block.until <= now) throw invalid(end, "has to lie in the future");
  if (block.until > now + kLongest) throw invalid(end, "is more than 400 days from now");
  if (body.has("issuedBefore")) {
    if (whom != "user") throw invalid("issuedBefore", "goes with user alone");
    block.issued_before = read_time(body, "issuedBefore");
  }
  return block;
}

boost::json::object json_of(const Block& block) {
  boost::json::object object;
  object[block.user.empty() ? "token" : "user"] = block.user.empty() ? block.token : block.user;
  object["until"] = config::show_time(block.until);
  if (block.issued_before) object["issuedBefore"] = config::show_time(*block.issued_before);
  return object;
}

}  // namespace hearth::app
