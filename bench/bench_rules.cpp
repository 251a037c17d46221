// What a decision about a room costs, with a hundred rules.

#include "hearth/room_rules.hpp"

#include <benchmark/benchmark.h>
#include <boost/json/parse.hpp>

#include <string>
#include <vector>

namespace {

using namespace hearth;

constexpr int kRules = 100;

/// Of the forms in docs/rules.md, ten of each.
RoomRules hundred_rules() {
  std::vector<RoomRule> rules;
  for (int i = 0; i < kRules / 10; ++i) {
    const std::string n = std::to_string(i);
    rules.push_back({.pattern = {"news" + n + ":*"}, .join = {"anyone"}});
    rules.push_back({.pattern = {"user" + n + ":{user}:**"}, .join = {"users"}});
    rules.push_back({.pattern = {"org" + n + ":{claim:org_id}:**"}, .join = {"users"}});
    rules.push_back({.pattern = {"team" + n + ":{claim:teams}"}, .join = {"users"}, .publish = {"members", "users"}});
    rules.push_back({.pattern = {"admin" + n + ":**"}, .join = {"claim:/realm/roles=admin"}});
    rules.push_back({.pattern = {"chat" + n + ":*"}, .join = {"granted"}, .publish = {"members", "granted"}});
    rules.push_back({.pattern = {"talk" + n + ":*"}, .join = {"users"}, .publish = {"members"}});
    rules.push_back({.pattern = {"stage" + n + ":*"}, .join = {"anyone"}, .publish = {"users"}});
    rules.push_back({.pattern = {"ingest" + n + ":{user}"}, .publish = {"users"}});
    rules.push_back({.pattern = {"game" + n + ":*:score"}, .join = {"users"}});
  }
  return RoomRules(rules);
}

/// A hundred whose names begin alike, so that a look at the beginning tells nothing.
RoomRules alike_rules() {
  std::vector<RoomRule> rules;
  for (int i = 0; i < kRules; ++i) {
    rules.push_back({.pattern = {"application:{claim:org_id}:kind-" + std::to_string(i) + ":*"}, .join = {"users"}});
  }
  return RoomRules(rules);
}

struct Client {
  boost::json::object claims =
      boost::json::parse(R"({"iss":"https://id.example.com","sub":"ann","exp":1900000000,"org_id":"acme",
        "teams":["red","green","blue"],"realm":{"roles":["user","editor","admin"]}})")
          .as_object();
  std::vector<RoomPattern> join;

  explicit Client(int grants = 1) {
    for (int i = 1; i < grants; ++i) join.emplace_back("chat:" + std::to_string(i));
    join.emplace_back("chat9:42");
  }
  ClientView view() const {
    return {.client_id = "d7271c4e-0000-4000-8000-000000000000", .user_id = "ann", .claims = &claims, .join = join};
  }
};

void decide(benchmark::State& state, const RoomRules& rules, const std::string& room, const Client& client) {
  const ClientView view = client.view();
  RoomDecision decision;
  for (auto _ : state) {
    decision = rules.decide(RoomAction::join, room, view);
    benchmark::DoNotOptimize(decision);
  }
  state.SetLabel(decision.outcome == RoomDecision::Outcome::allowed ? "allowed" : "refused");
}

void what_is(benchmark::State& state, const RoomRules& rules, const std::string& room) {
  for (auto _ : state) benchmark::DoNotOptimize(rules.what_is(room));
}

void explain(benchmark::State& state, const RoomRules& rules, const std::string& room, const Client& client) {
  const ClientView view = client.view();
  for (auto _ : state) benchmark::DoNotOptimize(rules.explain(RoomAction::join, room, view));
}

const RoomRules kHundred = hundred_rules();
const RoomRules kAlike = alike_rules();
const Client kClient;
const Client kGranted(64);

BENCHMARK_CAPTURE(decide, first_rule, kHundred, "news0:today", kClient);
BENCHMARK_CAPTURE(decide, last_rule_wildcard_inside, kHundred, "game9:42:score", kClient);
BENCHMARK_CAPTURE(decide, own, kHundred, "user9:ann:mail", kClient);
BENCHMARK_CAPTURE(decide, list_claim, kHundred, "team9:blue", kClient);
BENCHMARK_CAPTURE(decide, claim_condition, kHundred, "admin9:audit", kClient);
BENCHMARK_CAPTURE(decide, granted, kHundred, "chat9:42", kClient);
BENCHMARK_CAPTURE(decide, granted_64_patterns, kHundred, "chat9:42", kGranted);
BENCHMARK_CAPTURE(decide, no_rule, kHundred, "nothing:of:the:kind", kClient);
BENCHMARK_CAPTURE(decide, alike_last, kAlike, "application:acme:kind-99:x", kClient);
BENCHMARK_CAPTURE(what_is, last_rule, kHundred, "game9:42:score");
BENCHMARK_CAPTURE(explain, last_rule, kHundred, "game9:42:score", kClient);

}  // namespace

BENCHMARK_MAIN();
