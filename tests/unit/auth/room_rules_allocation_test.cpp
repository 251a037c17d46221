#include "support/allocations.hpp"
#include "unit/auth/rules.hpp"

#include <gtest/gtest.h>

namespace hearth::test {
namespace {

class RoomRulesAllocation : public testing::Test {
 protected:
  void SetUp() override {
    if (!kCountsAllocations) GTEST_SKIP() << "the sanitizers' allocators count nothing";
  }

  static std::uint64_t during(auto work) {
    const std::uint64_t before = allocations();
    work();
    return allocations() - before;
  }
};

TEST_F(RoomRulesAllocation, IsCountedWhereThereIsOne) {
  EXPECT_GE(during([] { static_cast<void>(RoomPattern("a:*")); }), 1U);
}

TEST_F(RoomRulesAllocation, IsNoneForADecision) {
  std::vector<RoomRule> all;
  for (int i = 0; i < 50; ++i) {
    all.push_back({.pattern = {"kind-" + std::to_string(i) + ":{user}:**"}, .join = {"users"}, .publish = {"members"}});
    all.push_back({.pattern = {"**:{claim:teams}:*-" + std::to_string(i)},
                   .join = {"granted", "claim:/realm/roles=admin"},
                   .publish = {"members", "granted"},
                   .publish_events = std::vector<std::string>{"message"}});
  }
  const RoomRules rules(all);
  const RuleClient client{.user = "somebody-with-a-rather-long-user-id",
                          .claims = R"({"teams":["red",123456789012345],"realm":{"roles":["user","admin"]}})",
                          .join = {"**"},
                          .publish = {"**"}};
  const Asking ann(RoomRules(), client);
  const ClientView view = ann.view(true);
  // As long as the name of a room can be: 256 characters of three bytes.
  std::string long_name = "a:123456789012345:";
  while (long_name.size() < 740) long_name += "界";
  long_name += "-49";
  std::vector<RoomDecision> decisions;
  decisions.reserve(8);
  EXPECT_EQ(during([&] {
              for (const RoomAction action : {RoomAction::join, RoomAction::publish}) {
                decisions.push_back(rules.decide(action, "kind-49:somebody-with-a-rather-long-user-id:x", view));
                decisions.push_back(rules.decide(action, long_name, view));
                decisions.push_back(rules.decide(action, "some:name:that-no-rule-is-for", view));
              }
              static_cast<void>(rules.what_is(long_name));
            }),
            0U);
  EXPECT_EQ(to_text(decisions[0]), "allowed 98");
  EXPECT_EQ(to_text(decisions[1]), "allowed 99");
  EXPECT_EQ(to_text(decisions[2]), "refused - 200");
  EXPECT_EQ(to_text(decisions[4]), "allowed 99");
}

}  // namespace
}  // namespace hearth::test
