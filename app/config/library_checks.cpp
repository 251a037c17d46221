#include "config/library_checks.hpp"

#include "config/issuers.hpp"
#include "config/rules.hpp"
#include "hearth/jwt.hpp"
#include "hearth/redis_options.hpp"
#include "hearth/room_pattern.hpp"
#include "hearth/room_rules.hpp"
#include "hearth/room_template.hpp"

#include <span>
#include <stdexcept>
#include <vector>

namespace hearth::config {

namespace {

std::string rule_path(std::size_t rule, const std::string& key) { return "rooms[" + std::to_string(rule) + "]." + key; }

}  // namespace

void check_issuer(const JwtConfig& jwt, const std::string& path, Findings& found) {
  try {
    const JwtIssuer issuer = issuer_of(jwt);
    for (const JwtProblem& problem : JwtVerifier::check(std::span(&issuer, 1))) {
      found.push_back({path + '.' + (problem.key == "jwks" ? "jwks_file" : problem.key), problem.text});
    }
  } catch (const std::runtime_error& error) {
    found.push_back({path + ".jwks_file", error.what()});
  }
}

void check_rules(const Config& config, Findings& found) {
  const std::vector<RoomRule> rules = rules_of(config);
  const std::size_t before = found.size();
  for (const RoomRuleProblem& problem : RoomRules::check(rules)) {
    found.push_back({rule_path(problem.rule, problem.key), problem.text});
  }
  if (found.size() > before) return;
  for (const RoomRuleWarning& warning : RoomRules(rules).warnings()) {
    found.push_back({rule_path(warning.rule, "pattern"), "is hardly meant: " + warning.text, true});
  }
}

void check_auto_join(const AuthConfig& auth, Findings& found) {
  for (const std::string& room : auth.auto_join) {
    try {
      RoomTemplate{room};
    } catch (const std::invalid_argument& error) {
      found.push_back({"auth.auto_join", std::string("has an entry that is no name of a room: ") + error.what()});
    }
  }
}

void check_messages(const BackendConfig& backend, Findings& found) {
  for (const std::string& event : backend.messages) {
    const auto pattern = RoomPattern::parse(event);
    if (!pattern) found.push_back({"backend.messages", "has `" + event + "` in it: " + pattern.error()});
  }
}

void check_stream(const std::string& url, Findings& found) {
  try {
    if (RedisOptions::from_url(url).topology != RedisTopology::cluster) return;
    found.push_back({"events.to", "is \"redis\", which cannot be a Redis Cluster; give \"backend\""});
  } catch (const std::invalid_argument&) {  // broker.url is wrong, which is said elsewhere
  }
}

}  // namespace hearth::config
