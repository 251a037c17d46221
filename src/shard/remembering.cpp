#include "shard/remembering.hpp"

#include "protocol/client_id.hpp"

#include <algorithm>
#include <span>

namespace hearth::shard {

namespace {

bool keeps_history(const RoomRule& rule) noexcept { return rule.history_size > 0; }
bool has_policy(const RoomRule& rule) noexcept { return !keeps_history(rule) && rule.slow_consumer.has_value(); }
bool has_events(const RoomRule& rule) noexcept { return rule.events; }
bool has_presence(const RoomRule& rule) noexcept { return rule.presence != RoomPresence::off; }

}  // namespace

Remembering::Remembering(const Options& options)
    : any_(any(options.room_rules)),
      any_policy_(any_policy(options.room_rules)),
      any_presence_(any_presence(options.room_rules)),
      published_by_(make(options.room_rules, 0)),
      next_(published_by_) {}

bool Remembering::any(const RoomRules& rules) {
  return std::any_of(rules.rules().begin(), rules.rules().end(), keeps_history);
}

bool Remembering::any_policy(const RoomRules& rules) {
  return std::any_of(rules.rules().begin(), rules.rules().end(), has_policy);
}

bool Remembering::any_presence(const RoomRules& rules) {
  return std::any_of(rules.rules().begin(), rules.rules().end(), has_presence);
}

Remembering::RulesPtr Remembering::make(const RoomRules& rules, std::uint64_t number) {
  const bool any_events = std::any_of(rules.rules().begin(), rules.rules().end(), has_events);
  return std::make_shared<const Rules>(
      Rules{rules, number, any(rules), any_policy(rules), any_events, any_presence(rules)});
}

Remembering::RulesPtr Remembering::get(const RulesPtr& rules) const {
  const std::lock_guard lock(mutex_);
  return rules;
}

template <class IsWanted>
RulePtr Remembering::rule_in(const RulesPtr& rules, std::string_view room, IsWanted is_wanted) {
  if (protocol::ClientId::parse(room)) return nullptr;
  const RoomRule* rule = find(*rules, room);
  return rule != nullptr && is_wanted(*rule) ? RulePtr(rules, rule) : nullptr;
}

const RoomRule* Remembering::find(const Rules& rules, std::string_view room) {
  const auto index = rules.rules.what_is(room);
  return index ? &rules.rules.rules()[*index] : nullptr;
}

RulePtr Remembering::rule_of(std::string_view room) const {
  if (!any_) return nullptr;
  const RulesPtr rules = get(published_by_);
  return rules->any_history ? rule_in(rules, room, keeps_history) : nullptr;
}

RulePtr Remembering::rule_to_be(std::string_view room) const {
  if (!any_ && !any_policy_) return nullptr;
  const RulesPtr rules = get(next_);
  if (!rules->any_history && !rules->any_policy) return nullptr;
  return rule_in(rules, room, [](const RoomRule& rule) { return keeps_history(rule) || has_policy(rule); });
}

bool Remembering::reports(std::string_view room) const {
  const RulesPtr rules = get(next_);
  if (!rules->any_events) return false;
  const RoomRule* rule = find(*rules, room);
  return rule != nullptr && has_events(*rule);
}

RulePtr Remembering::presence_of(std::string_view room) const {
  if (!any_presence_) return nullptr;
  const RulesPtr rules = get(next_);
  if (!rules->any_presence || protocol::ClientId::parse(room)) return nullptr;
  const RoomRule* rule = find(*rules, room);
  return rule != nullptr && has_presence(*rule) ? RulePtr(rules, rule) : nullptr;
}

std::uint64_t Remembering::begin(const RoomRules& rules) {
  const std::lock_guard lock(mutex_);
  next_ = make(rules, next_->number + 1);
  return next_->number;
}

// Of rules that were replaced before they were in force, nothing is left to do.
void Remembering::finish(std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  if (next_->number != number) return;
  published_by_ = next_;
  number_.store(number, std::memory_order_release);
}

}  // namespace hearth::shard
