#include "shard/doorkeeper.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace hearth::shard {
namespace {

using namespace std::chrono_literals;

constexpr net::TimePoint kStart{1h};

TEST(AddressKey, IsOfTheAddressAndOfThePrefixOfALongOne) {
  EXPECT_EQ(address_key("192.0.2.1:5000"), address_key("192.0.2.1:5001"));
  EXPECT_NE(address_key("192.0.2.1:5000"), address_key("192.0.2.2:5000"));
  EXPECT_EQ(address_key("[2001:db8::1]:5000"), address_key("[2001:db8::ffff:1]:6000"));
  EXPECT_NE(address_key("[2001:db8::1]:5000"), address_key("[2001:db8:0:1::1]:5000"));
  EXPECT_EQ(address_key("[::ffff:192.0.2.1]:1"), address_key("192.0.2.1:1"));
  EXPECT_EQ(address_key("[fe80::1%eth0]:1"), address_key("[fe80::2]:1"));
}

TEST(AddressKey, LoopbackAndUnixSocketsHaveNone) {
  for (const char* none : {"127.0.0.1:1", "127.8.9.1:1", "[::1]:1", "[::ffff:127.0.0.1]:1", "unix", "", "nonsense:1"}) {
    EXPECT_FALSE(address_key(none)) << none;
  }
}

class DoorkeeperTest : public testing::Test {
 protected:
  Doorkeeper& door(const Limits& limits) { return door_.emplace(limits, hits_); }
  LimitHits hits_{log::Log()};
  std::optional<Doorkeeper> door_;
};

TEST_F(DoorkeeperTest, ConnectionsAreCountedTillTheyGo) {
  Doorkeeper& door = this->door({.connections = 2});
  EXPECT_FALSE(door.enter({}, kStart));
  EXPECT_FALSE(door.enter(7, kStart));
  EXPECT_EQ(door.enter({}, kStart), Limit::connections);
  door.leave({}, false);
  EXPECT_FALSE(door.enter({}, kStart));
  EXPECT_EQ(hits_.count(Limit::connections), 1U);
}

TEST_F(DoorkeeperTest, EachAddressHasItsOwnCount) {
  Doorkeeper& door = this->door({.connections_per_ip = 1});
  EXPECT_FALSE(door.enter(1, kStart));
  EXPECT_EQ(door.enter(1, kStart), Limit::connections_per_ip);
  EXPECT_FALSE(door.enter(2, kStart));
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(door.enter({}, kStart));  // who has none
  door.leave(1, true);
  EXPECT_FALSE(door.enter(1, kStart));
}

TEST_F(DoorkeeperTest, WhoAuthenticatesMakesRoomForOthers) {
  Doorkeeper& door = this->door({.unauthenticated = 1});
  EXPECT_FALSE(door.enter({}, kStart));
  EXPECT_EQ(door.enter({}, kStart), Limit::unauthenticated);
  door.authenticated();
  EXPECT_FALSE(door.enter({}, kStart));
  door.leave({}, true);
  EXPECT_EQ(door.enter({}, kStart), Limit::unauthenticated);
  door.leave({}, false);
  EXPECT_FALSE(door.enter({}, kStart));
}

TEST_F(DoorkeeperTest, ConnectsAreARate) {
  const Rate rate{.count = 10, .per = 1s, .burst = 2};
  Doorkeeper& door = this->door({.connects = rate});
  EXPECT_FALSE(door.enter({}, kStart));
  EXPECT_FALSE(door.enter({}, kStart));
  EXPECT_EQ(door.enter({}, kStart), Limit::connects);
  EXPECT_FALSE(door.enter({}, kStart + 100ms));
}

TEST_F(DoorkeeperTest, WhoHasConnectedCountsInTheRatesOnce) {
  const Rate rate{.count = 1, .per = 1h, .burst = 2};
  Doorkeeper& door = this->door({.connects = rate, .connects_per_ip = rate});
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(door.connect(7, kStart));
    EXPECT_FALSE(door.enter(7, kStart, true));
  }
  EXPECT_EQ(door.connect(7, kStart), Limit::connects_per_ip);
  EXPECT_EQ(door.connect(8, kStart), Limit::connects);
  EXPECT_EQ(hits_.count(Limit::connects), 1U);
}

TEST_F(DoorkeeperTest, AnAddressIsRememberedUntilItMayDoAllAgain) {
  const Rate rate{.count = 1, .per = 1s, .burst = 2};
  Doorkeeper& door = this->door({.connects_per_ip = rate});
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(door.enter(7, kStart));
  for (int i = 0; i < 2; ++i) door.leave(7, true);
  for (std::uint64_t other = 100; other < 3000; ++other) {  // many enough that some are forgotten
    EXPECT_FALSE(door.enter(other, kStart));
    door.leave(other, true);
  }
  EXPECT_EQ(door.enter(7, kStart), Limit::connects_per_ip);
  EXPECT_FALSE(door.enter(8, kStart));
  EXPECT_FALSE(door.enter(7, kStart + 1s));
}

TEST_F(DoorkeeperTest, UsersHaveTheirOwnCount) {
  Doorkeeper& door = this->door({.connections_per_user = 1});
  EXPECT_TRUE(door.enter_user("ann"));
  EXPECT_FALSE(door.enter_user("ann"));
  EXPECT_TRUE(door.enter_user("ben"));
  door.leave_user("ann");
  EXPECT_TRUE(door.enter_user("ann"));
  EXPECT_EQ(hits_.count(Limit::connections_per_user), 1U);
}

TEST_F(DoorkeeperTest, ADryRunCountsAndLetsIn) {
  Doorkeeper& door = this->door({.connections = 1, .connections_per_user = 1, .dry_run = true});
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(door.enter({}, kStart));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(door.enter_user("ann"));
  EXPECT_EQ(hits_.count(Limit::connections), 2U);
  EXPECT_EQ(hits_.count(Limit::connections_per_user), 2U);
  for (int i = 0; i < 3; ++i) door.leave_user("ann");
}

}  // namespace
}  // namespace hearth::shard
