// The worked examples of docs/rules.md.

#include "unit/auth/rules.hpp"

#include <gtest/gtest.h>

namespace hearth::test {
namespace {

const RuleClient kNobody{};
const RuleClient kAnn{.user = "ann"};
const RuleClient kBen{.user = "ben"};

TEST(RoomRulesExample, PublicNewsThatTheBackendPublishes) {
  const RoomRules rules({{.pattern = {"news:*"}, .join = {"anyone"}}});
  EXPECT_EQ(Asking(rules, kNobody).join("news:today"), "allowed 0");
  EXPECT_EQ(Asking(rules, kAnn).publish_as_member("news:today"), "refused 0 203");
  EXPECT_EQ(Asking(rules, kAnn).join("user:ben"), "refused - 200");
}

TEST(RoomRulesExample, EverythingOfOnesOwn) {
  const RoomRules rules({{.pattern = {"user:{user}:**"}, .join = {"users"}}});
  EXPECT_EQ(Asking(rules, kAnn).join("user:ann:mail"), "allowed 0");
  EXPECT_EQ(Asking(rules, kAnn).join("user:ann:mail:7"), "allowed 0");
  EXPECT_EQ(Asking(rules, kAnn).join("user:ben:mail"), "refused - 200");
  EXPECT_EQ(Asking(rules, kNobody).join("user:ann:mail"), "refused - 200");
  EXPECT_EQ(Asking(rules, {.user = "ann:x"}).join("user:ann:x:secret"), "refused - 200");
}

TEST(RoomRulesExample, TenantFromTheIdentityProvider) {
  const RoomRules rules({{.pattern = {"org:{claim:org_id}:**"}, .join = {"users"}}});
  EXPECT_EQ(Asking(rules, {.user = "ann", .claims = R"({"org_id":"acme"})"}).join("org:acme:board"), "allowed 0");
  EXPECT_EQ(Asking(rules, {.user = "ann", .claims = R"({"org_id":17})"}).join("org:17:board"), "allowed 0");
  EXPECT_EQ(Asking(rules, {.user = "ann", .claims = R"({"org_id":"other"})"}).join("org:acme:board"), "refused - 200");
  EXPECT_EQ(Asking(rules, kAnn).join("org:acme:board"), "refused - 200");
}

TEST(RoomRulesExample, SeveralTeamsInAListClaim) {
  const RoomRules rules({{.pattern = {"team:{claim:teams}"}, .join = {"users"}, .publish = {"members", "users"}}});
  const Asking ann(rules, {.user = "ann", .claims = R"({"teams":["red","blue",7]})"});
  EXPECT_EQ(ann.join("team:red"), "allowed 0");
  EXPECT_EQ(ann.join("team:7"), "allowed 0");
  EXPECT_EQ(ann.join("team:green"), "refused - 200");
  EXPECT_EQ(ann.publish_as_member("team:blue"), "allowed 0");
  EXPECT_EQ(ann.publish("team:blue"), "refused 0 202");
}

TEST(RoomRulesExample, AdminsOnly) {
  const RoomRules rules(
      {{.pattern = {"admin:**"}, .join = {"claim:/realm/roles=admin"}, .publish = {"claim:/realm/roles=admin"}}});
  const Asking admin(rules, {.user = "ann", .claims = R"({"realm":{"roles":["user","admin"]}})"});
  EXPECT_EQ(admin.join("admin:audit:2026"), "allowed 0");
  EXPECT_EQ(admin.publish("admin:audit:2026"), "allowed 0");
  const Asking user(rules, {.user = "ben", .claims = R"({"realm":{"roles":["user"]}})"});
  EXPECT_EQ(user.join("admin:audit:2026"), "refused 0 200");
  EXPECT_EQ(user.publish("admin:audit:2026"), "refused 0 203");
  EXPECT_EQ(Asking(rules, kNobody).join("admin:audit:2026"), "refused 0 200");
}

TEST(RoomRulesExample, ChatByToken) {
  const RoomRules rules({{.pattern = {"chat:*"}, .join = {"granted"}, .publish = {"members", "granted"}}});
  const Asking ann(rules, {.user = "ann", .join = {"chat:42", "chat:43"}, .publish = {"chat:42"}});
  EXPECT_EQ(ann.join("chat:42"), "allowed 0");
  EXPECT_EQ(ann.join("chat:43"), "allowed 0");
  EXPECT_EQ(ann.join("chat:44"), "refused 0 200");
  EXPECT_EQ(ann.publish_as_member("chat:42"), "allowed 0");
  EXPECT_EQ(ann.publish_as_member("chat:43"), "refused 0 203");
  EXPECT_EQ(ann.publish("chat:42"), "refused 0 202");
}

TEST(RoomRulesExample, ChatByDatabase) {
  const RoomRules rules({{.pattern = {"chat:*"},
                          .join = {"ask"},
                          .publish = {"members"},
                          .publish_events = std::vector<std::string>{"message", "typing"}}});
  const Asking ann(rules, kAnn);
  EXPECT_EQ(ann.join("chat:42"), "ask 0");
  EXPECT_EQ(ann.publish_as_member("chat:42", "typing"), "allowed 0");
  EXPECT_EQ(ann.publish_as_member("chat:42", "order_paid"), "refused 0 203");
  EXPECT_EQ(ann.publish("chat:42", "typing"), "refused 0 202");
}

TEST(RoomRulesExample, Moderated) {
  const RoomRules rules({{.pattern = {"stage:*"}, .join = {"anyone"}, .publish = {"ask"}}});
  EXPECT_EQ(Asking(rules, kNobody).join("stage:main"), "allowed 0");
  EXPECT_EQ(Asking(rules, kNobody).publish("stage:main"), "ask 0");
}

TEST(RoomRulesExample, SensorsThatWriteWhereNobodyReads) {
  const RoomRules rules({{.pattern = {"ingest:{user}"}, .join = {"nobody"}, .publish = {"users"}}});
  const Asking sensor(rules, {.user = "sensor-7"});
  EXPECT_EQ(sensor.join("ingest:sensor-7"), "refused 0 200");
  EXPECT_EQ(sensor.publish("ingest:sensor-7"), "allowed 0");
  EXPECT_EQ(sensor.publish("ingest:sensor-8"), "refused - 203");
}

TEST(RoomRulesExample, AnExceptionBeforeTheRule) {
  const RoomRules rules({{.pattern = {"chat:staff"}, .join = {"granted"}}, {.pattern = {"chat:*"}, .join = {"users"}}});
  EXPECT_EQ(Asking(rules, {.user = "ann", .join = {"chat:staff"}}).join("chat:staff"), "allowed 0");
  EXPECT_EQ(Asking(rules, kBen).join("chat:staff"), "refused 0 200");
  EXPECT_EQ(Asking(rules, kBen).join("chat:lunch"), "allowed 1");
}

}  // namespace
}  // namespace hearth::test
