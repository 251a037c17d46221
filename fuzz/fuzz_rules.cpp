// Reads three lines as two patterns and the name of a room: matching is compared with trying everything, and what is
// said of both patterns with the name.

#include "auth/client_values.hpp"
#include "auth/pattern.hpp"
#include "auth/pattern_relation.hpp"
#include "hearth/room_rules.hpp"
#include "require.hpp"

#include <boost/json/parse.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace hearth;

using auth::AnyValues;
using auth::Pattern;
using hearth::fuzz::require;
using Kind = Pattern::Part::Kind;

/// Beyond this, trying everything takes too long.
constexpr std::size_t kMostName = 24;
constexpr std::size_t kMostParts = 8;

std::string_view take_line(std::string_view& rest) {
  const std::string_view line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  return line;
}

/// By definition: each part stands for some beginning of the rest.
bool matches_slowly(const Pattern& pattern, std::size_t part, std::string_view name,
                    const auth::PlaceholderValues& values) {
  if (part == pattern.parts().size()) return name.empty();
  const Pattern::Part& first = pattern.parts()[part];
  if (first.kind == Kind::literal) {
    const std::string_view text = pattern.literal(first);
    return name.starts_with(text) && matches_slowly(pattern, part + 1, name.substr(text.size()), values);
  }
  for (std::size_t size = 1; size <= name.size(); ++size) {
    const std::string_view taken = name.substr(0, size);
    if (first.kind == Kind::star && auth::is_separator(taken.back())) return false;
    if (first.kind == Kind::placeholder) {
      const std::string_view end = pattern.end_of_placeholder(part);
      if (!end.empty() && taken.find(end) != std::string_view::npos) return false;
      if (!values.has(pattern.placeholders()[first.begin], taken)) continue;
    }
    if (matches_slowly(pattern, part + 1, name.substr(size), values)) return true;
  }
  return false;
}

void check_matching(const Pattern& pattern, std::string_view name, const auth::PlaceholderValues& values) {
  if (name.size() > kMostName || pattern.parts().size() > kMostParts) {
    static_cast<void>(pattern.matches(name, values));
    return;
  }
  require(pattern.matches(name, values) == matches_slowly(pattern, 0, name, values), "matching is as it is defined");
}

void check_relation(const Pattern& one, const Pattern& other, std::string_view name,
                    const auth::PlaceholderValues& values) {
  if (auth::contains(one, other) && other.matches(name, values)) {
    require(one.matches(name, values), "what contains a pattern matches what that matches");
  }
  if (one.text().size() + other.text().size() > 128) return;
  if (const auto shared = auth::shared_name(one, other)) {
    require(one.matches(*shared, AnyValues()) && other.matches(*shared, AnyValues()), "both match a shared name");
  }
}

void check_rules(std::string_view one, std::string_view other, std::string_view room, const ClientView& client) {
  const std::vector<RoomRule> rules{{.pattern = {std::string(one)}, .join = {"users", "claim:list=7"}},
                                    {.pattern = {std::string(other)}, .join = {"granted"}}};
  if (!RoomRules::check(rules).empty()) return;
  const RoomRules compiled(rules);
  const RoomDecision decision = compiled.decide(RoomAction::join, room, client);
  const RoomExplanation explanation = compiled.explain(RoomAction::join, room, client);
  require(decision == explanation.decision, "an explanation comes to the same end");
  require(decision.rule.has_value() == explanation.rules.back().matches, "and to the same rule");
  const auto what = compiled.what_is(room);
  require(!decision.rule || (what && *what <= *decision.rule), "what a room is is said by that rule or an earlier one");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(bytes), size);
  const std::string_view first = take_line(rest);
  const std::string_view second = take_line(rest);
  const std::string_view room = rest;

  static const boost::json::object claims =
      boost::json::parse(R"({"org_id":"a","list":["b",7,""],"a":{"b":"x:y"}})").get_object();
  const ClientView client{.client_id = "c", .user_id = "ann", .claims = &claims};
  const auth::ClientValues values(client);

  const auto one = Pattern::parse(first, Pattern::Placeholders::allowed);
  const auto other = Pattern::parse(second, Pattern::Placeholders::allowed);
  if (one) check_matching(*one, room, values);
  if (one) check_matching(*one, room, AnyValues());
  if (one && other) check_relation(*one, *other, room, values);
  check_rules(first, second, room, client);
  return 0;
}
