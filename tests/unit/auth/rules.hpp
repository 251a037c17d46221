#pragma once

#include "hearth/room_rules.hpp"

#include <boost/json/parse.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::test {

/// A client with all that rules look at.
struct RuleClient {
  std::string id = "c-1";
  std::optional<std::string> user{};
  std::string claims = "{}";
  std::vector<std::string> join{};
  std::vector<std::string> publish{};
};

inline std::vector<RoomPattern> patterns(const std::vector<std::string>& texts) {
  std::vector<RoomPattern> found;
  for (const std::string& text : texts) found.emplace_back(text);
  return found;
}

/// `allowed 0`, `refused 1 203`, `ask 2`, `refused - 200`: what, by which rule, with which code.
inline std::string to_text(const RoomDecision& decision) {
  using Outcome = RoomDecision::Outcome;
  std::string text = decision.outcome == Outcome::allowed ? "allowed"
                     : decision.outcome == Outcome::ask   ? "ask"
                                                          : "refused";
  text += decision.rule ? ' ' + std::to_string(*decision.rule) : " -";
  if (decision.code != 0) text += ' ' + std::to_string(decision.code);
  return text;
}

/// Asks on behalf of a client.
class Asking {
 public:
  Asking(RoomRules rules, RuleClient client)
      : rules_(std::move(rules)),
        client_(std::move(client)),
        claims_(boost::json::parse(client_.claims).as_object()),
        join_(patterns(client_.join)),
        publish_(patterns(client_.publish)) {}

  ClientView view(bool member = false, std::string_view event = "message") const {
    return {.client_id = client_.id,
            .user_id = client_.user,
            .claims = &claims_,
            .join = join_,
            .publish = publish_,
            .is_member = member,
            .event = event};
  }
  std::string join(std::string_view room) const { return to_text(rules_.decide(RoomAction::join, room, view())); }
  std::string publish(std::string_view room, std::string_view event = "message") const {
    return to_text(rules_.decide(RoomAction::publish, room, view(false, event)));
  }
  std::string publish_as_member(std::string_view room, std::string_view event = "message") const {
    return to_text(rules_.decide(RoomAction::publish, room, view(true, event)));
  }

 private:
  RoomRules rules_;
  RuleClient client_;
  boost::json::object claims_;
  std::vector<RoomPattern> join_;
  std::vector<RoomPattern> publish_;
};

}  // namespace hearth::test
