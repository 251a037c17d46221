#include "auth/rule_set.hpp"

#include "protocol/request_error.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace hearth::auth {
namespace {

constexpr std::uint16_t kRoomRefused = protocol::request_error::kRoomRefused.code;
constexpr std::uint16_t kNotMember = protocol::request_error::kNotMember.code;
constexpr std::uint16_t kPublishRefused = protocol::request_error::kPublishRefused.code;

/// The first eight bytes, zeros where there are none.
std::uint64_t first_bytes(std::string_view text) noexcept {
  std::uint64_t bytes = 0;
  if (!text.empty()) std::memcpy(&bytes, text.data(), std::min(text.size(), sizeof bytes));
  return bytes;
}

std::uint64_t mask_of(std::size_t size) noexcept {
  constexpr std::string_view kOnes = "\xff\xff\xff\xff\xff\xff\xff\xff";
  return first_bytes(kOnes.substr(0, size));
}

}  // namespace

RuleSet::RuleSet(std::vector<RoomRule> rules, std::vector<CompiledRule> compiled)
    : rules_(std::move(rules)), compiled_(std::move(compiled)) {
  for (std::uint32_t rule = 0; rule < compiled_.size(); ++rule) {
    const auto& patterns = compiled_[rule].patterns;
    for (std::uint32_t pattern = 0; pattern < patterns.size(); ++pattern) {
      const std::string_view beginning = patterns[pattern].beginning();
      beginnings_.push_back({mask_of(beginning.size()), first_bytes(beginning), rule, pattern});
    }
  }
}

std::optional<std::size_t> RuleSet::first_match(std::string_view room, const PlaceholderValues& values) const {
  const std::uint64_t bytes = first_bytes(room);
  for (const Beginning& beginning : beginnings_) {
    if ((bytes & beginning.mask) != beginning.bytes) continue;
    if (compiled_[beginning.rule].patterns[beginning.pattern].matches(room, values)) return beginning.rule;
  }
  return std::nullopt;
}

const std::vector<Condition>& RuleSet::conditions(std::size_t rule, RoomAction action) const noexcept {
  return action == RoomAction::join ? compiled_[rule].join : compiled_[rule].publish;
}

bool RuleSet::may_publish(std::size_t rule, std::string_view event) const noexcept {
  const auto& events = rules_[rule].publish_events;
  return !events || std::find(events->begin(), events->end(), event) != events->end();
}

RoomDecision RuleSet::judge(RoomAction action, std::optional<std::size_t> rule, std::string_view room,
                            const ClientView& client) const {
  using Outcome = RoomDecision::Outcome;
  const std::uint16_t refused = action == RoomAction::join ? kRoomRefused : kPublishRefused;
  if (!rule) return {Outcome::refused, refused, rule};
  bool ask = false;
  for (const Condition& condition : conditions(*rule, action)) {
    if (!holds(condition, action, room, client)) {
      return {Outcome::refused, condition.kind == Condition::Kind::members ? kNotMember : refused, rule};
    }
    ask = ask || condition.kind == Condition::Kind::ask;
  }
  if (action == RoomAction::publish && !may_publish(*rule, client.event)) return {Outcome::refused, refused, rule};
  return {ask ? Outcome::ask : Outcome::allowed, 0, rule};
}

}  // namespace hearth::auth
