#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hearth {

/// What a client of a room is told of who else is in it.
enum class RoomPresence : std::uint8_t {
  off,
  count,    ///< how many
  members,  ///< who, up to `presence_limit`
};

/// What becomes of a message to a room for a member that reads too slowly. Who has asked for `since` is told how much
/// it has missed.
enum class RoomSlowConsumer : std::uint8_t {
  close,     ///< the member is closed with 1013
  drop,      ///< the message is dropped whole and counted
  gap,       ///< it gets nothing until it reads again
  latest,    ///< the same, and then gets the newest message of each key
  catch_up,  ///< it gets everything, from the history of the room, once it reads again; needs one
};

/// What messages from outside that have no place in a history become.
enum class RoomRecord : std::uint8_t {
  none,
  lease,  ///< one instance at a time writes them into the history; needs a broker and a history
};

/// What rooms of certain names are, and what clients may do in them: docs/rules.md. The fields are the keys of a
/// `[[rooms]]` table. Plain values; RoomRules checks them.
struct RoomRule {
  /// Of the names that the rule is for. At least one, each at most 256 UTF-16 code units.
  std::vector<std::string> pattern{};
  /// For logs, metrics and explanations; empty: the patterns.
  std::string name{};

  /// Conditions that must all hold for a client to join; at least one.
  std::vector<std::string> join{"nobody"};
  /// The same for publishing.
  std::vector<std::string> publish{"nobody"};
  /// Names of the events that clients may publish; nothing: all.
  std::optional<std::vector<std::string>> publish_events{};
  /// Whether it is reported who joins and leaves.
  bool events{false};

  /// Publications that are kept, at most 100,000; 0: no history.
  std::uint32_t history_size{0};
  /// For how long they are kept, 1 s to 30 d.
  std::chrono::milliseconds history_ttl{std::chrono::minutes(10)};
  /// Whether clients may come back to where they were. Nothing: if there is a history.
  std::optional<bool> recover{};
  RoomPresence presence{RoomPresence::off};
  /// Members past which only their number is told, 1 to 1,000,000.
  std::uint32_t presence_limit{1000};
  /// Changes are told at most so often, 10 ms to 1 min. Nothing: 100 ms for `members`, 1 s for `count`.
  std::optional<std::chrono::milliseconds> presence_interval{};
  /// A leave is told this much later, and not at all if the user is back by then; up to 1 h.
  std::chrono::milliseconds presence_grace{0};
  /// Nothing: `catch_up` with `recover`, otherwise as the server does it.
  std::optional<RoomSlowConsumer> slow_consumer{};
  RoomRecord record{RoomRecord::none};
};

/// What the server that has the rules can do.
struct RoomRuleSupport {
  bool ask = true;     ///< there is somebody who answers the condition `ask`
  bool broker = true;  ///< it is joined to other instances
};

/// Something wrong with a rule.
struct RoomRuleProblem {
  std::size_t rule = 0;                  ///< its index
  std::string key{};                     ///< the field, such as `pattern`
  std::optional<std::size_t> element{};  ///< which element of a list
  std::string text{};                    ///< what is wrong, and what would be right
};

/// Something that a rule allows and hardly means.
struct RoomRuleWarning {
  enum class Kind : std::uint8_t {
    hidden,     ///< `rule` never decides anything, because `other` comes first
    differs,    ///< there are rooms that are what `rule` says, and in which `other` says who may do what
    ambiguous,  ///< a wildcard stands right before a placeholder, so that a part of a value is enough
  };
  Kind kind = Kind::hidden;
  std::size_t rule = 0;
  std::size_t other = 0;  ///< the other rule; with Kind::ambiguous the same
  std::string room{};     ///< a name for which it is so
  std::string text{};
};

}  // namespace hearth
