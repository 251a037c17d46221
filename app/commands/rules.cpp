#include "config/rules.hpp"
#include "commands/commands.hpp"
#include "commands/config_flags.hpp"
#include "commands/verifier.hpp"
#include "config/load.hpp"
#include "hearth/jwt.hpp"
#include "hearth/room_rules.hpp"

#include <fmt/format.h>

#include <initializer_list>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::app {

namespace {

struct RulesArguments {
  std::optional<std::string> config{};
  std::string room{};
  std::string user{};
  std::string token{};
  std::string event{"message"};
  bool is_member = false;
};

std::string_view word_of(ExaminedCondition::Outcome outcome) {
  switch (outcome) {
    case ExaminedCondition::Outcome::holds:
      return "holds";
    case ExaminedCondition::Outcome::fails:
      return "FAILS";
    case ExaminedCondition::Outcome::asks:
      return "asks";
  }
  return {};
}

std::string answer_of(const RoomDecision& decision) {
  switch (decision.outcome) {
    case RoomDecision::Outcome::allowed:
      return "yes";
    case RoomDecision::Outcome::ask:
      return "the backend decides";
    case RoomDecision::Outcome::refused:
      return fmt::format("no, code {}", decision.code);
  }
  return {};
}

void print(const RoomExplanation& explanation, std::string_view action) {
  std::cout << action << ": " << answer_of(explanation.decision) << '\n';
  for (const ExaminedRule& rule : explanation.rules) {
    std::cout << fmt::format("  rule {} ({}): {}\n", rule.rule + 1, rule.name, rule.text);
    for (const ExaminedCondition& condition : rule.conditions) {
      std::cout << fmt::format("    {:<6} {}: {}\n", word_of(condition.outcome), condition.condition, condition.text);
    }
  }
  if (!explanation.decision.rule) std::cout << "  no rule matches, so nobody may\n";
}

void explain(const config::Config& config, const RulesArguments& arguments, ClientView client) {
  const RoomRules rules(config::rules_of(config));
  client.is_member = arguments.is_member;
  client.event = arguments.event;
  print(rules.explain(RoomAction::join, arguments.room, client), "join");
  print(rules.explain(RoomAction::publish, arguments.room, client), "publish");
}

int explain_for_holder(const config::Config& config, const RulesArguments& arguments) {
  if (config.auth.jwt.empty()) {
    std::cerr << "hearth rules: the configuration has no [[auth.jwt]] to verify a token with\n";
    return 2;
  }
  const auto verifier = verifier_of(config.auth);
  const JwtResult verified = verifier->verify(arguments.token);
  if (!verified) {
    std::cerr << "hearth rules: the token is refused (" << to_string(verified.error().reason)
              << "): " << verified.error().text << '\n';
    return 1;
  }
  explain(config, arguments,
          {.user_id = verified->user_id,
           .claims = &verified->claims,
           .join = verified->grants.join,
           .publish = verified->grants.publish});
  return 0;
}

int run_rules(const RulesArguments& arguments) {
  const config::Loaded loaded = config::load({.file = arguments.config, .variables = config::environment()});
  if (!loaded.is_good()) {
    config::print(std::cerr, loaded.problems);
    return 2;
  }
  if (!arguments.token.empty()) return explain_for_holder(loaded.config, arguments);
  ClientView client;
  if (!arguments.user.empty()) client.user_id = arguments.user;
  explain(loaded.config, arguments, client);
  return 0;
}

void describe(CLI::App& rules, RulesArguments& arguments) {
  rules.add_option("room", arguments.room, "Name of a room")->required();
  auto* user = rules.add_option("--user", arguments.user, "For this user, who has no claims");
  rules.add_option("--token", arguments.token, "For who shows this token")->excludes(user);
  rules.add_flag("--member", arguments.is_member, "As a member of the room");
  rules.add_option("--event", arguments.event, "The event that is published")->capture_default_str();
  add_config_flag(rules, arguments.config);
  rules.footer(R"--(Examples:
  hearth rules user:ann --user ann
  hearth rules chat:42 --member --token "$(hearth token --user ann)"
Without --user and --token it is for a client without a user id.
Exit code: 0; 1 if the token is refused; 2 if the arguments or the configuration are wrong.)--");
}

}  // namespace

void add_rules(CommandList& commands) {
  commands.add<RulesArguments>("rules", "Say what a client may do in a room, and why", describe, run_rules);
}

}  // namespace hearth::app
