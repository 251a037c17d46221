#include "api/rule_json.hpp"

#include "hearth/room_rule.hpp"

#include <chrono>
#include <cstddef>

namespace hearth::app {

namespace {

std::string_view word_of(RoomPresence presence) {
  switch (presence) {
    case RoomPresence::off:
      return "off";
    case RoomPresence::count:
      return "count";
    case RoomPresence::members:
      return "members";
  }
  return {};
}

std::string_view word_of(RoomSlowConsumer slow_consumer) {
  switch (slow_consumer) {
    case RoomSlowConsumer::close:
      return "close";
    case RoomSlowConsumer::drop:
      return "drop";
    case RoomSlowConsumer::gap:
      return "gap";
    case RoomSlowConsumer::latest:
      return "latest";
    case RoomSlowConsumer::catch_up:
      return "catch_up";
  }
  return {};
}

boost::json::object history_of(const RoomRule& rule) {
  return {{"size", rule.history_size},
          {"ttlSeconds", std::chrono::duration<double>(rule.history_ttl).count()},
          {"recover", rule.recover.value_or(true)}};
}

}  // namespace

std::optional<boost::json::object> rule_json(const Server& server, const RoomRules& rules, std::string_view room) {
  const std::optional<std::size_t> index = rules.what_is(room);
  if (!index) return std::nullopt;
  const RoomRule& rule = rules.rules()[*index];
  boost::json::object json{{"number", *index + 1}, {"name", rule.name}, {"presence", word_of(rule.presence)}};
  // The room of a client's own id does not remember, whatever the rules say.
  if (server.remembers(room)) json["history"] = history_of(rule);
  if (rule.slow_consumer) json["slowConsumer"] = word_of(*rule.slow_consumer);
  return json;
}

}  // namespace hearth::app
