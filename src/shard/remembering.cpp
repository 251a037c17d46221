#include "shard/remembering.hpp"

#include "protocol/client_id.hpp"

#include <algorithm>
#include <span>

namespace hearth::shard {

namespace {

bool keeps_history(const RoomRule& rule) noexcept { return rule.history_size > 0; }

}  // namespace

Remembering::Remembering(const Options& options)
    : rules_(options.room_rules), any_(std::any_of(rules_.rules().begin(), rules_.rules().end(), keeps_history)) {}

const RoomRule* Remembering::rule_of(std::string_view room) const {
  if (!any_ || protocol::ClientId::parse(room)) return nullptr;
  const auto index = rules_.what_is(room);
  if (!index) return nullptr;
  const RoomRule& rule = rules_.rules()[*index];
  return keeps_history(rule) ? &rule : nullptr;
}

}  // namespace hearth::shard
