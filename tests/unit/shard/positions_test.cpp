#include "shard/positions.hpp"

#include <gmock/gmock.h>

#include <optional>
#include <string>
#include <vector>

namespace hearth::shard {
namespace {

using history::JoinAnswer;
using history::Reason;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Epoch kEpoch{.bits = 1};

struct PositionsTest : testing::Test {
  void await(std::vector<std::string> rooms) {
    positions.await(client, std::move(rooms), [this](const protocol::ClientId& id, std::string_view json) {
      EXPECT_EQ(id, client);
      answers.emplace_back(json);
    });
  }
  void tell(std::string_view room, const JoinAnswer& answer) { positions.tell(client, room, &answer); }

  protocol::ClientIdSource ids{0};
  const protocol::ClientId client = ids.next();
  Positions positions;
  std::vector<std::string> answers;
};

TEST_F(PositionsTest, AreToldTogetherInTheOrderAsked) {
  await({"b", "a", "c"});
  tell("a", {.stands = Position{kEpoch, 3}, .top = 4});
  tell("b", {.gave_position = true, .stands = Position{kEpoch, 1}, .top = 1});
  EXPECT_THAT(answers, IsEmpty());
  positions.tell(client, "c", nullptr);
  const std::string epoch = kEpoch.str();
  EXPECT_THAT(answers,
              ElementsAre(R"({"b":{"recovered":true,"epoch":")" + epoch + R"(","offset":1,"top":1},"a":{"epoch":")" +
                          epoch + R"(","offset":3,"top":4},"c":null})"));
}

TEST_F(PositionsTest, WhatFollowsAnAnswerIsHeldUntilAllAreKnown) {
  await({"a", "b"});
  EXPECT_FALSE(positions.is_held(client, "a"));
  tell("a", {.stands = Position{kEpoch, 3}, .top = 4});
  EXPECT_TRUE(positions.is_held(client, "a"));
  EXPECT_FALSE(positions.is_held(client, "b"));
  EXPECT_FALSE(positions.is_held(client, "another room"));
  EXPECT_THAT(positions.take_released(), IsEmpty());
  tell("b", {.stands = Position{kEpoch, 1}, .top = 1});
  EXPECT_FALSE(positions.is_held(client, "a"));
  EXPECT_THAT(positions.take_released(), ElementsAre(client));
  EXPECT_THAT(positions.take_released(), IsEmpty());
}

TEST_F(PositionsTest, AGapBeforeTheAnswerBecomesPartOfIt) {
  await({"a", "b"});
  tell("a", {.gave_position = true, .stands = Position{kEpoch, 3}, .top = 4});
  positions.tell(client, "a", history::Gap{Reason::trimmed, {kEpoch, 9}, 9, 0});
  positions.tell(client, "b", nullptr);
  EXPECT_THAT(answers, ElementsAre(R"({"a":{"recovered":false,"reason":"trimmed","epoch":")" + kEpoch.str() +
                                   R"(","offset":9,"top":9},"b":null})"));
}

TEST_F(PositionsTest, WhoHasGoneIsToldNothing) {
  await({"a"});
  EXPECT_TRUE(positions.forget(client));
  tell("a", {});
  EXPECT_THAT(answers, IsEmpty());
  EXPECT_FALSE(positions.forget(client));
}

TEST_F(PositionsTest, OneThatIsNotKnownSaysWhy) {
  await({"a"});
  tell("a", {.lost = Reason::unavailable});
  EXPECT_THAT(answers, ElementsAre(R"({"a":{"reason":"unavailable"}})"));
}

}  // namespace
}  // namespace hearth::shard
