#pragma once

#include "hearth/history.hpp"
#include "hearth/options.hpp"
#include "hearth/room_rule.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>

namespace hearth::shard {

/// A rule, for as long as somebody needs it, whatever the rules are by then; or null.
using RulePtr = std::shared_ptr<const RoomRule>;

/// Which rooms remember, which others' rules say what becomes of members who read slowly, and of which ones it is told
/// who comes and goes, by the rules that are in force. From any thread.
///
/// Rules change in two steps, so that no publication goes into a log to which a room does not listen yet: first rooms
/// that come to be, and those that are there, become what the new rules say (`begin`); when they all have, what is
/// published goes by them too (`finish`).
class Remembering {
 public:
  explicit Remembering(const Options& options);

  /// Whether any room did at the beginning: otherwise none ever does.
  bool any() const noexcept { return any_; }
  static bool any(const RoomRules& rules);
  /// Whether any that does not remember had a `slow_consumer` at the beginning: otherwise, on a server without any that
  /// remembers, none ever has.
  bool any_policy() const noexcept { return any_policy_; }
  static bool any_policy(const RoomRules& rules);

  /// For what is published: the rule of a room that remembers; null if it does not. The room of a client's own id never
  /// does.
  RulePtr rule_of(std::string_view room) const;
  /// The same for a room that comes to be, or is to become what the rules say; also of one that does not remember, but
  /// has a `slow_consumer`.
  RulePtr rule_to_be(std::string_view room) const;
  /// Whether members of any room are told who is in it, at the beginning: otherwise none ever are.
  bool any_presence() const noexcept { return any_presence_; }
  static bool any_presence(const RoomRules& rules);
  /// The rule of a room that comes to be, if its members are; null otherwise, and for that of a client's own id.
  RulePtr presence_of(std::string_view room) const;
  /// Whether it is told who comes into this room and leaves it.
  bool reports(std::string_view room) const;

  /// The number of these rules, for `finish`.
  std::uint64_t begin(const RoomRules& rules);
  void finish(std::uint64_t number);
  /// Of the rules that `rule_of` goes by.
  std::uint64_t number() const noexcept { return number_.load(std::memory_order_acquire); }

  static Retention retention(const RoomRule& rule) noexcept { return {rule.history_size, rule.history_ttl}; }

 private:
  struct Rules {
    RoomRules rules;
    std::uint64_t number = 0;
    bool any_history = false;
    bool any_policy = false;
    bool any_events = false;
    bool any_presence = false;
  };
  using RulesPtr = std::shared_ptr<const Rules>;

  static RulesPtr make(const RoomRules& rules, std::uint64_t number);
  template <class IsWanted>
  static RulePtr rule_in(const RulesPtr& rules, std::string_view room, IsWanted is_wanted);
  static const RoomRule* find(const Rules& rules, std::string_view room);
  RulesPtr get(const RulesPtr& rules) const;

  const bool any_;
  const bool any_policy_;
  const bool any_presence_;
  std::atomic<std::uint64_t> number_{0};
  mutable std::mutex mutex_;  // of those below
  RulesPtr published_by_;
  RulesPtr next_;
};

}  // namespace hearth::shard
