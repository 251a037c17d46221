#pragma once

#include "hearth/client_view.hpp"
#include "hearth/export.hpp"
#include "hearth/room_rule.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth {

enum class RoomAction : std::uint8_t { join, publish };

struct RoomDecision {
  enum class Outcome : std::uint8_t {
    allowed,
    refused,
    ask,  ///< all other conditions hold; the backend has the last word
  };
  Outcome outcome = Outcome::refused;
  /// Of a refusal (docs/protocol.md): 200 `Room refused`, 202 `Not a member of the room`, 203 `Publish refused`; else
  /// 0.
  std::uint16_t code = 0;
  /// The rule that has decided; nothing if none matches.
  std::optional<std::size_t> rule{};

  bool operator==(const RoomDecision&) const = default;
};

/// A condition of the rule that decides, `publish_events` included.
struct ExaminedCondition {
  enum class Outcome : std::uint8_t { holds, fails, asks };
  std::string condition{};
  Outcome outcome = Outcome::holds;
  std::string text{};  ///< why, such as ``the client's `join` has chat:*``
};

struct ExaminedRule {
  std::size_t rule = 0;
  std::string name{};
  bool matches = false;
  std::string text{};                           ///< which pattern matches, or why none does
  std::vector<ExaminedCondition> conditions{};  ///< if it matches
};

/// How a decision comes about.
struct RoomExplanation {
  RoomDecision decision{};
  std::vector<ExaminedRule> rules{};  ///< in order, up to the one that decides; all if none does
};

/// Decides who may join rooms and publish in them, and what a room is: docs/rules.md.
///
/// Immutable; copies share what is inside, and any thread may use them. Nothing is allocated for a decision on a name
/// that a client can give.
class HEARTH_API RoomRules {
 public:
  /// No rules: nobody may do anything.
  RoomRules();
  /// Throws std::invalid_argument, which names every problem that check() finds.
  explicit RoomRules(std::vector<RoomRule> rules, const RoomRuleSupport& support = {});

  /// All that is wrong with the rules.
  static std::vector<RoomRuleProblem> check(std::span<const RoomRule> rules, const RoomRuleSupport& support = {});

  /// As given, and what was left out as it counts: `name`, `recover`, `presence_interval`, and `slow_consumer` if
  /// `recover` decides it.
  std::span<const RoomRule> rules() const noexcept;

  /// The first rule that matches for this client decides alone; if there is none, no.
  RoomDecision decide(RoomAction action, std::string_view room, const ClientView& client) const;
  /// The same, and why.
  RoomExplanation explain(RoomAction action, std::string_view room, const ClientView& client) const;

  /// The rule that says what a room is, whoever asks: the first that matches with any text for its placeholders.
  std::optional<std::size_t> what_is(std::string_view room) const;

  /// What the rules allow and hardly mean. Takes its time: for when a configuration is read.
  std::vector<RoomRuleWarning> warnings() const;

 private:
  class Impl;
  std::shared_ptr<const Impl> impl_;
};

}  // namespace hearth
