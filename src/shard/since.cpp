#include "shard/since.hpp"

#include "protocol/json.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <system_error>

namespace hearth::shard {

std::optional<std::uint64_t> parse_offset(std::string_view json) noexcept {
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(json.data(), json.data() + json.size(), value);
  if (failed != std::errc() || end != json.data() + json.size() || value > Position::kMostOffset) return std::nullopt;
  return value;
}

std::optional<history::Since> parse_since(std::string_view json) {
  using Kind = history::Since::Kind;
  if (json == "null") return history::Since{};
  if (!protocol::is_object(json)) return std::nullopt;
  if (const auto last = protocol::find_member(json, "last")) {
    const auto count = parse_offset(*last);
    if (!count) return std::nullopt;
    return history::Since{Kind::last, {{}, std::min(*count, kMostLast)}};
  }
  const auto epoch_json = protocol::find_member(json, "epoch");
  const auto offset_json = protocol::find_member(json, "offset");
  if (!epoch_json || !offset_json || !protocol::is_string(*epoch_json)) return std::nullopt;
  std::string scratch;
  const auto epoch = Epoch::parse(protocol::unescape(*epoch_json, scratch));
  const auto offset = parse_offset(*offset_json);
  if (!epoch || !offset) return std::nullopt;
  return history::Since{Kind::position, {*epoch, *offset}};
}

}  // namespace hearth::shard
