#include "shard/tally.hpp"

#include <gtest/gtest.h>

#include <string>

namespace hearth::shard {
namespace {

using Kind = Tally::Kind;

constexpr net::TimePoint kStart{std::chrono::hours(1)};

net::TimePoint at(int seconds) { return kStart + std::chrono::seconds(seconds); }

double value_of(Tally& tally, Kind kind, std::string_view name, net::TimePoint now) {
  for (const Tally::Entry& entry : tally.ask(kind, now)) {
    if (entry.name == name) return entry.value;
  }
  return 0;
}

TEST(Tally, CountsNothingUntilSomebodyAsks) {
  Tally tally;
  EXPECT_FALSE(tally.is_on());
  EXPECT_FALSE(tally.next());
  tally.room_message("tea", 100);
  EXPECT_TRUE(tally.ask(Kind::room_messages, kStart).empty());
  EXPECT_TRUE(tally.is_on());
  tally.room_message("tea", 100);
  EXPECT_EQ(tally.ask(Kind::room_messages, at(1)).size(), 1U);
}

TEST(Tally, EndsAMinuteAfterTheLastQuestion) {
  Tally tally;
  tally.ask(Kind::room_messages, kStart);
  tally.ask(Kind::room_bytes, at(30));
  for (int second = 30; second < 90; ++second) {
    tally.expire(at(second));
    ASSERT_TRUE(tally.is_on()) << second;
    ASSERT_LE(*tally.next(), at(90));
  }
  tally.expire(at(90));
  EXPECT_FALSE(tally.is_on());
}

// Ten messages of 100 bytes each second: that is what it says, at any moment, however often it has halved.
TEST(Tally, WhatGoesOnEvenlyHasItsFigureASecond) {
  Tally tally;
  const protocol::ClientId client = protocol::ClientIdSource(3).next();
  tally.ask(Kind::room_messages, kStart);
  for (int second = 0; second < 55; ++second) {
    for (int i = 0; i < 10; ++i) {
      tally.room_message("tea", 100);
      tally.client_message(client);
    }
    const auto now = at(second + 1);
    tally.expire(now);
    EXPECT_NEAR(value_of(tally, Kind::room_messages, "tea", now), 10, 0.5) << second;
    EXPECT_NEAR(value_of(tally, Kind::room_bytes, "tea", now), 1000, 50) << second;
    EXPECT_NEAR(value_of(tally, Kind::client_messages, client.str(), now), 10, 0.5) << second;
  }
}

TEST(Tally, WhatHasEndedFades) {
  Tally tally;
  tally.ask(Kind::room_messages, kStart);
  for (int i = 0; i < 1000; ++i) tally.room_message("tea", 1);
  const double first = value_of(tally, Kind::room_messages, "tea", at(1));
  const double later = value_of(tally, Kind::room_messages, "tea", at(40));
  EXPECT_LT(later, first / 10);
}

}  // namespace
}  // namespace hearth::shard
