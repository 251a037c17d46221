#include "auth/room_rule_compiler.hpp"

#include "protocol/json.hpp"
#include "protocol/utf8.hpp"

#include <chrono>
#include <optional>
#include <utility>

namespace hearth::auth {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kMaxHistorySize = 100'000;
constexpr std::chrono::milliseconds kMinHistoryTtl = 1s;
constexpr std::chrono::milliseconds kMaxHistoryTtl = 30 * 24h;
constexpr std::uint32_t kMaxPresenceLimit = 1'000'000;
constexpr std::chrono::milliseconds kMinPresenceInterval = 10ms;
constexpr std::chrono::milliseconds kMaxPresenceInterval = 1min;
constexpr std::chrono::milliseconds kMaxPresenceGrace = 1h;
constexpr std::size_t kMaxNameLength = 256;

std::string ms(std::chrono::milliseconds time) { return std::to_string(time.count()) + " ms"; }

}  // namespace

void RoomRuleCompiler::add(const RoomRule& rule) {
  CompiledRule compiled{patterns(rule), conditions("join", rule.join, RoomAction::join),
                        conditions("publish", rule.publish, RoomAction::publish)};
  check_name(rule);
  check_events(rule);
  check_history(rule);
  check_presence(rule);
  compiled_.push_back(std::move(compiled));  // from here on problems are those of the next rule
}

std::vector<Pattern> RoomRuleCompiler::patterns(const RoomRule& rule) {
  std::vector<Pattern> found;
  if (rule.pattern.empty()) complain("pattern", "is missing; `**` matches every room");
  for (std::size_t i = 0; i < rule.pattern.size(); ++i) {
    auto pattern = Pattern::parse(rule.pattern[i], Pattern::Placeholders::allowed);
    if (pattern) {
      found.push_back(*std::move(pattern));
    } else {
      complain("pattern", i, pattern.error().text);
    }
  }
  return found;
}

std::vector<Condition> RoomRuleCompiler::conditions(std::string_view key, std::span<const std::string> texts,
                                                    RoomAction action) {
  std::vector<Condition> found;
  // All of none hold, so that an empty list would let everybody in.
  if (texts.empty()) complain(key, "is an empty list; write \"nobody\" or \"anyone\"");
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto condition = parse_condition(texts[i], action);
    if (!condition) {
      complain(key, i, condition.error().text);
    } else if (condition->kind == Condition::Kind::ask && !support_.ask) {
      complain(key, i, "`ask` needs a backend to ask; there is none");
    } else {
      found.push_back(*std::move(condition));
    }
  }
  return found;
}

void RoomRuleCompiler::check_name(const RoomRule& rule) {
  if (!protocol::is_valid_utf8(rule.name)) return complain("name", "is not valid UTF-8");
  if (protocol::utf16_length(rule.name) > kMaxNameLength) complain("name", "is longer than 256 characters");
}

void RoomRuleCompiler::check_events(const RoomRule& rule) {
  if (!rule.publish_events) return;
  if (rule.publish_events->empty()) {
    complain("publish_events", "is an empty list; leave it out for all events, or write publish = \"nobody\"");
  }
  for (std::size_t i = 0; i < rule.publish_events->size(); ++i) {
    if ((*rule.publish_events)[i].empty()) complain("publish_events", i, "is empty; an event has a name");
  }
}

void RoomRuleCompiler::check_history(const RoomRule& rule) {
  const bool has_history = rule.history_size > 0;
  if (rule.history_size > kMaxHistorySize) {
    complain("history_size", "is " + std::to_string(rule.history_size) + "; at most 100000 publications are kept");
  }
  if (rule.history_ttl < kMinHistoryTtl || rule.history_ttl > kMaxHistoryTtl) {
    complain("history_ttl", "is " + ms(rule.history_ttl) + "; 1 s to 30 d is possible");
  }
  if (rule.recover.value_or(false) && !has_history) {
    complain("recover", "needs a history to come back to; set history_size");
  }
  if (rule.slow_consumer == RoomSlowConsumer::catch_up && !has_history) {
    complain("slow_consumer", "is `catch_up`, which needs a history to catch up from; set history_size");
  }
  if (rule.record == RoomRecord::lease && !has_history) {
    complain("record", "is `lease`, which needs a history to record into; set history_size");
  }
  if (rule.record == RoomRecord::lease && !support_.broker) {
    complain("record", "is `lease`, which needs a broker; there is none");
  }
}

void RoomRuleCompiler::check_presence(const RoomRule& rule) {
  if (rule.presence_limit < 1 || rule.presence_limit > kMaxPresenceLimit) {
    complain("presence_limit", "is " + std::to_string(rule.presence_limit) + "; 1 to 1000000 is possible");
  }
  if (rule.presence_interval &&
      (*rule.presence_interval < kMinPresenceInterval || *rule.presence_interval > kMaxPresenceInterval)) {
    complain("presence_interval", "is " + ms(*rule.presence_interval) + "; 10 ms to 1 min is possible");
  }
  if (rule.presence_grace < 0ms || rule.presence_grace > kMaxPresenceGrace) {
    complain("presence_grace", "is " + ms(rule.presence_grace) + "; at most 1 h is possible");
  }
}

void RoomRuleCompiler::complain(std::string_view key, std::string text) {
  problems_.push_back({compiled_.size(), std::string(key), std::nullopt, std::move(text)});
}

void RoomRuleCompiler::complain(std::string_view key, std::size_t element, std::string text) {
  problems_.push_back({compiled_.size(), std::string(key), element, std::move(text)});
}

RoomRule with_defaults(RoomRule rule) {
  if (rule.name.empty()) {
    for (const std::string& pattern : rule.pattern) rule.name += (rule.name.empty() ? "" : ", ") + pattern;
  }
  if (!rule.recover) rule.recover = rule.history_size > 0;
  if (!rule.presence_interval) rule.presence_interval = rule.presence == RoomPresence::members ? 100ms : 1s;
  if (!rule.slow_consumer && *rule.recover) rule.slow_consumer = RoomSlowConsumer::catch_up;
  return rule;
}

}  // namespace hearth::auth
