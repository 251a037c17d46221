#include "shard/publishes.hpp"

#include "hub/client.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace hearth::shard {
namespace {

class PublishesTest : public testing::Test {
 protected:
  /// Ends one with an answer that says its name; returns the names of those that are given.
  std::string end(std::uint64_t number, const std::string& name) {
    said_.clear();
    for (const auto& answer : publishes_.end(kClient, number, [this, name](hub::Client&) { said_ += name; })) {
      answer(client_);
    }
    return said_;
  }

  const protocol::ClientId kClient{{1}};
  hub::Client client_{kClient, net::TimePoint{}};
  Publishes publishes_;
  std::string said_;
};

TEST_F(PublishesTest, AreAnsweredInTheOrderInWhichTheyCame) {
  const auto a = publishes_.begin(kClient, 1);
  const auto b = publishes_.begin(kClient, 1);
  const auto c = publishes_.begin(kClient, 1);
  EXPECT_EQ(end(c, "c"), "");
  EXPECT_EQ(end(a, "a"), "a");
  EXPECT_EQ(end(b, "b"), "bc");
  EXPECT_FALSE(publishes_.takes_more(kClient)) << "it has not been held";
  EXPECT_FALSE(publishes_.has(kClient));
}

TEST_F(PublishesTest, WithoutAnAnswerHoldUpNobody) {
  const auto a = publishes_.begin(kClient, 1);
  const auto b = publishes_.begin(kClient, 1);
  EXPECT_TRUE(publishes_.end(kClient, a, {}).empty());
  EXPECT_EQ(end(b, "b"), "b");
}

TEST_F(PublishesTest, HoldTheTurnOfAClientThatHasTooManyOfThem) {
  std::vector<std::uint64_t> numbers;
  for (std::size_t i = 1; i < Publishes::kMost; ++i) {
    numbers.push_back(publishes_.begin(kClient, 1));
    EXPECT_FALSE(publishes_.hold(kClient));
  }
  numbers.push_back(publishes_.begin(kClient, 1));
  EXPECT_TRUE(publishes_.hold(kClient));
  EXPECT_TRUE(publishes_.is_held(kClient));
  EXPECT_EQ(end(numbers[1], "2"), "");
  EXPECT_FALSE(publishes_.takes_more(kClient)) << "the first is still to be answered";
  EXPECT_EQ(end(numbers[0], "1"), "12");
  EXPECT_TRUE(publishes_.takes_more(kClient));
  EXPECT_FALSE(publishes_.is_held(kClient));
  EXPECT_FALSE(publishes_.takes_more(kClient)) << "once";
}

TEST_F(PublishesTest, HoldTheTurnForAnswersThatWaitForAnEarlierOneToo) {
  const auto one = publishes_.begin(kClient, 1);
  for (std::size_t i = 1; i < Publishes::kMost; ++i) {
    EXPECT_FALSE(publishes_.hold(kClient));
    EXPECT_EQ(end(publishes_.begin(kClient, 0), "."), "");
  }
  EXPECT_TRUE(publishes_.hold(kClient));
  EXPECT_EQ(end(one, "1").size(), Publishes::kMost);
  EXPECT_TRUE(publishes_.takes_more(kClient));
}

TEST_F(PublishesTest, HoldTheTurnOfAClientWhoseAreTooLong) {
  const auto one = publishes_.begin(kClient, Publishes::kMostBytes);
  EXPECT_TRUE(publishes_.hold(kClient));
  EXPECT_EQ(end(one, "1"), "1");
  EXPECT_TRUE(publishes_.takes_more(kClient));
  EXPECT_FALSE(publishes_.has(kClient));
}

}  // namespace
}  // namespace hearth::shard
