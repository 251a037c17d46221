#include "config/rules.hpp"

#include <cstdint>

namespace hearth::config {

namespace {

RoomRule rule_of(const RoomConfig& room) {
  RoomRule rule;
  rule.pattern = room.pattern;
  rule.name = room.name;
  rule.join = room.join;
  rule.publish = room.publish;
  rule.publish_events = room.publish_events;
  rule.events = room.events;
  rule.history_size = static_cast<std::uint32_t>(room.history_size);
  rule.history_ttl = room.history_ttl;
  rule.recover = room.recover;
  rule.slow_consumer = room.slow_consumer;
  rule.presence = room.presence;
  rule.presence_limit = static_cast<std::uint32_t>(room.presence_limit);
  rule.presence_interval = room.presence_interval;
  rule.presence_grace = room.presence_grace;
  return rule;
}

}  // namespace

std::vector<RoomRule> rules_of(const Config& config) {
  std::vector<RoomRule> rules;
  for (const RoomConfig& room : config.rooms) rules.push_back(rule_of(room));
  return rules;
}

}  // namespace hearth::config
