#include "backend/name_choice.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace hearth::app {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr NameChoice::Time kNow{100h};

ListedNode node(const std::string& id, const std::string& name, std::int64_t seen, const std::string& mark = "+") {
  return {.id = id, .name = name, .seen = seen, .life = 1, .mark = mark, .value = ""};
}

TEST(NameChoice, IsWhatIsWantedIfNobodyHasIt) {
  NameChoice names("alpha", 5s);
  const auto choice = names.choose({1000, {node("1", "beta", 900)}}, kNow);
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->name, "alpha");
  EXPECT_THAT(choice->dead, IsEmpty());
}

TEST(NameChoice, HasANumberIfOneLivesThatHasTheName) {
  NameChoice names("alpha", 5s);
  EXPECT_FALSE(names.choose({1000, {node("1", "alpha", 900)}}, kNow));
  const auto choice = names.choose({2000, {node("1", "alpha", 1900)}}, kNow + 1s);
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->name, "alpha-2");
}

TEST(NameChoice, HasTheFirstNumberThatIsFree) {
  NameChoice names("alpha", 5s);
  const auto look = [](std::int64_t seen) {
    return NodeLook{seen, {node("1", "alpha", seen), node("2", "alpha-2", seen), node("3", "alpha-4", seen)}};
  };
  EXPECT_FALSE(names.choose(look(1000), kNow));
  const auto choice = names.choose(look(2000), kNow + 1s);
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->name, "alpha-3");
}

TEST(NameChoice, WaitsForOneThatIsSilentButNotForLong) {
  NameChoice names("alpha", 5s);
  const NodeLook look{1000, {node("1", "alpha", 900)}};
  EXPECT_FALSE(names.choose(look, kNow));
  EXPECT_FALSE(names.choose(look, kNow + 4999ms));
  const auto choice = names.choose(look, kNow + 5s);
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->name, "alpha");
  EXPECT_THAT(choice->dead, ElementsAre("1"));
}

TEST(NameChoice, DoesNotWaitForOneThatIsLost) {
  NameChoice names("alpha", 5s);
  const auto choice = names.choose({1000, {node("1", "alpha", 900, "2")}}, kNow);
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->name, "alpha");
}

}  // namespace
}  // namespace hearth::app
