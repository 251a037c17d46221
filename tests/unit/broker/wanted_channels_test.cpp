#include "broker/wanted_channels.hpp"

#include <gmock/gmock.h>

#include <string>

namespace hearth::broker {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr std::chrono::milliseconds kLinger{100};

struct WantedChannelsTest : testing::Test {
  WantedChannels wanted{kLinger};
  int done = 0;

  WantedChannels::Wish add(std::vector<std::string> channels) {
    return wanted.add(std::move(channels), [this] { ++done; });
  }
  void remove(const std::string& channel) { wanted.remove({&channel, 1}); }
  static void call(const WantedChannels::Callbacks& callbacks) {
    for (const auto& callback : callbacks) callback();
  }
};

TEST_F(WantedChannelsTest, WithoutALinkNobodyWaits) {
  EXPECT_FALSE(add({"a"}).waits);
  EXPECT_THAT(wanted.take(), IsEmpty());
  EXPECT_THAT(wanted.connect(), ElementsAre("a"));
}

TEST_F(WantedChannelsTest, WhoeverAsksWaitsForAllItsChannels) {
  wanted.connect();
  const auto wish = add({"a", "b"});
  EXPECT_TRUE(wish.waits);
  EXPECT_TRUE(wish.work);
  EXPECT_THAT(wanted.take(), ElementsAre("a", "b"));
  call(wanted.confirm("a"));
  EXPECT_EQ(done, 0);
  call(wanted.confirm("b"));
  EXPECT_EQ(done, 1);
}

TEST_F(WantedChannelsTest, OnlyTheFirstWishIsWork) {
  wanted.connect();
  EXPECT_TRUE(add({"a"}).work);
  const auto second = add({"a"});
  EXPECT_FALSE(second.work);
  EXPECT_TRUE(second.waits);
  EXPECT_THAT(wanted.take(), ElementsAre("a"));
  call(wanted.confirm("a"));
  EXPECT_EQ(done, 2);
  EXPECT_FALSE(add({"a"}).waits);
}

TEST_F(WantedChannelsTest, ALinkThatGoesDownReleasesWhoeverWaits) {
  wanted.connect();
  add({"a", "b"});
  call(wanted.confirm("a"));
  call(wanted.disconnect());
  EXPECT_EQ(done, 1);
  EXPECT_THAT(wanted.connect(), UnorderedElementsAre("a", "b"));
}

TEST_F(WantedChannelsTest, ARefusalReleasesWhoeverWaits) {
  wanted.connect();
  add({"a"});
  call(wanted.refuse("a"));
  EXPECT_EQ(done, 1);
}

TEST_F(WantedChannelsTest, IsWantedAsLongAsSomebodyDoes) {
  add({"a"});
  add({"a"});
  remove("a");
  EXPECT_TRUE(wanted.is_wanted("a"));
  remove("a");
  EXPECT_FALSE(wanted.is_wanted("a"));
  remove("a");
  EXPECT_FALSE(wanted.is_wanted("a")) << "one too many changes nothing";
}

TEST_F(WantedChannelsTest, WhatIsNotWantedLingers) {
  wanted.connect();
  add({"a"});
  call(wanted.confirm("a"));
  remove("a");
  const auto until = wanted.next_expiry();
  ASSERT_TRUE(until);
  EXPECT_THAT(wanted.expire(*until - std::chrono::nanoseconds(1)), IsEmpty());
  EXPECT_FALSE(add({"a"}).waits) << "it is still active";
  EXPECT_THAT(wanted.expire(*until), IsEmpty()) << "it is wanted again";
  remove("a");
  EXPECT_THAT(wanted.expire(*wanted.next_expiry()), ElementsAre("a"));
  EXPECT_EQ(wanted.size(), 0U);
  EXPECT_FALSE(wanted.next_expiry());
}

TEST_F(WantedChannelsTest, WhatRedisHasNotConfirmedIsNotGivenUpYet) {
  wanted.connect();
  add({"a"});
  remove("a");
  EXPECT_THAT(wanted.expire(*wanted.next_expiry()), IsEmpty());
  call(wanted.confirm("a"));
  EXPECT_THAT(wanted.expire(*wanted.next_expiry()), ElementsAre("a"));
}

TEST_F(WantedChannelsTest, WithoutALinkThereIsNothingToUnsubscribeFrom) {
  add({"a"});
  remove("a");
  EXPECT_THAT(wanted.expire(*wanted.next_expiry()), IsEmpty());
  EXPECT_EQ(wanted.size(), 0U);
}

}  // namespace
}  // namespace hearth::broker
