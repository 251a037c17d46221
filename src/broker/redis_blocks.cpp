#include "broker/redis_blocks.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>

namespace hearth::broker {

namespace {

using Time = std::chrono::system_clock::time_point;

constexpr std::string_view kUser = "user:";
constexpr std::string_view kToken = "token:";
constexpr std::int64_t kLast = 32'503'680'000;  // the year 3000

std::int64_t in_seconds(Time time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

std::optional<Time> seconds_in(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  const std::int64_t seconds = value->get_int64();
  if (seconds < 0 || seconds > kLast) return std::nullopt;
  return Time(std::chrono::seconds(seconds));
}

std::optional<Block> block_of(std::string_view field, std::string_view value) {
  Block block;
  if (field.starts_with(kUser)) block.user = field.substr(kUser.size());
  if (field.starts_with(kToken)) block.token = field.substr(kToken.size());
  if (block.user.empty() == block.token.empty()) return std::nullopt;
  boost::json::error_code error;
  const boost::json::value json = boost::json::parse(boost::json::string_view(value), error);
  if (error || !json.is_object()) return std::nullopt;
  const auto until = seconds_in(json.get_object(), "until");
  if (!until) return std::nullopt;
  block.until = *until;
  block.issued_before = seconds_in(json.get_object(), "issuedBefore");
  return block;
}

}  // namespace

std::string block_field(std::string_view user, std::string_view token) {
  std::string field(token.empty() ? kUser : kToken);
  return field.append(token.empty() ? user : token);
}

std::string block_value(const Block& block) {
  boost::json::object object{{"until", in_seconds(block.until)}};
  if (block.issued_before) object["issuedBefore"] = in_seconds(*block.issued_before);
  return boost::json::serialize(object);
}

KeptBlocks read_blocks(const redis::RespReply& reply, Time now) {
  KeptBlocks kept;
  if (!reply.is_array()) return kept;
  // Field and value take turns, and none of them is an array itself.
  for (std::size_t node = 1; node + 1 < reply.size(); node += 2) {
    const std::string_view field = reply.text(node);
    auto block = block_of(field, reply.text(node + 1));
    if (block && block->until > now) {
      kept.blocks.push_back(*std::move(block));
    } else {
      kept.ended.emplace_back(field);
    }
  }
  return kept;
}

}  // namespace hearth::broker
