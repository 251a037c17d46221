#include "presence/room.hpp"

#include "protocol/json.hpp"

#include <string_view>

namespace hearth::presence {

namespace {

std::string quote(std::string_view text) {
  std::string json;
  protocol::append_quoted(json, text);
  return json;
}

bool lists_members(const RoomRule& rule) noexcept { return rule.presence == RoomPresence::members; }

std::chrono::milliseconds interval_of(const RoomRule& rule) {
  return rule.presence_interval.value_or(std::chrono::milliseconds(lists_members(rule) ? 100 : 1000));
}

}  // namespace

Room::Room(std::uint64_t its_number, std::string its_name, const RoomRule& rule)
    : number(its_number),
      name(std::move(its_name)),
      quoted_name(quote(name)),
      interval(interval_of(rule)),
      options({.lists = lists_members(rule), .limit = rule.presence_limit, .grace = rule.presence_grace}),
      roster(options) {}

Roster Room::fresh_roster() const {
  Roster fresh(options);
  if (own) {
    for (const auto& [id, member] : own->members()) fresh.join(member);
  }
  return fresh;
}

}  // namespace hearth::presence
