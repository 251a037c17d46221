#include "broker/outage_hold.hpp"

#include <gmock/gmock.h>

namespace hearth::broker {
namespace {

using std::chrono::milliseconds;

constexpr OutageHold::Times kTimes{.notice = milliseconds(300), .resubscribe = milliseconds(1000)};

struct OutageHoldTest : testing::Test {
  OutageHold hold{kTimes, 1};

  static OutageHold::Clock::time_point at(int time) { return OutageHold::Clock::time_point() + milliseconds(time); }
  bool holds(int time) {
    hold.look(at(time));
    return hold.holds();
  }
  /// Up, with so many subscribed, until the link is lost at 1000.
  void outage(std::optional<std::int64_t> before) {
    hold.link_up(at(0));
    hold.subscribers(before);
    hold.link_down(at(1000));
  }
};

TEST_F(OutageHoldTest, TheFirstConnectionHoldsNothing) {
  hold.link_down(at(0));
  hold.link_up(at(100));
  EXPECT_FALSE(holds(100));
}

TEST_F(OutageHoldTest, HoldsUntilAsManySubscribeAsBefore) {
  outage(3);
  hold.link_up(at(2000));
  EXPECT_TRUE(holds(2000));
  hold.subscribers(2);
  EXPECT_TRUE(holds(2100));
  hold.subscribers(3);
  EXPECT_FALSE(holds(2200));
}

TEST_F(OutageHoldTest, HoldsNoLongerThanTheyNeedToComeBack) {
  outage(3);
  hold.link_up(at(2000));
  hold.subscribers(2);
  EXPECT_TRUE(holds(2999));
  EXPECT_FALSE(holds(3000));
}

TEST_F(OutageHoldTest, WhoNoticesLaterHasTheSameTimeToComeBack) {
  outage(3);
  hold.link_up(at(1050));
  EXPECT_TRUE(holds(2299));
  EXPECT_FALSE(holds(2300));
}

TEST_F(OutageHoldTest, AnInstanceAloneIsNotHeldUp) {
  outage(1);
  hold.link_up(at(2000));
  EXPECT_FALSE(holds(2000));
}

TEST_F(OutageHoldTest, AnEmitterSubscribesToNothingItself) {
  OutageHold emitters(kTimes, 0);
  emitters.link_up(at(0));
  emitters.subscribers(1);
  emitters.link_down(at(1000));
  emitters.link_up(at(2000));
  EXPECT_TRUE(emitters.holds());
  emitters.subscribers(1);
  EXPECT_FALSE(emitters.holds());
}

TEST_F(OutageHoldTest, HoldsForTheWholeTimeIfRedisDoesNotTellHowManyThereAre) {
  outage(std::nullopt);
  hold.link_up(at(2000));
  hold.subscribers(std::nullopt);
  EXPECT_TRUE(holds(2999));
  hold.subscribers(5);
  EXPECT_TRUE(holds(2999)) << "it is not known how many there were";
  EXPECT_FALSE(holds(3000));
}

TEST_F(OutageHoldTest, ALinkThatBreaksAgainWaitsForTheSameNumber) {
  outage(3);
  hold.link_up(at(2000));
  hold.subscribers(1);
  hold.link_down(at(2100));
  hold.link_down(at(2150));  // an attempt that fails
  hold.link_up(at(2200));
  EXPECT_TRUE(holds(2200));
  hold.subscribers(1);
  EXPECT_TRUE(holds(3199));
  hold.subscribers(3);
  EXPECT_FALSE(holds(3200));
}

TEST_F(OutageHoldTest, WhoIsGoneForGoodHoldsUpOneOutageAlone) {
  outage(3);
  hold.link_up(at(2000));
  hold.subscribers(2);
  EXPECT_FALSE(holds(3000));
  hold.link_down(at(5000));
  hold.link_up(at(6000));
  EXPECT_TRUE(holds(6000));
  hold.subscribers(2);
  EXPECT_FALSE(holds(6001));
}

TEST_F(OutageHoldTest, WithNoTimeNothingIsHeld) {
  OutageHold none({.notice = milliseconds(300), .resubscribe = milliseconds(0)}, 1);
  none.link_up(at(0));
  none.subscribers(3);
  none.link_down(at(1000));
  none.link_up(at(1001));
  EXPECT_FALSE(none.holds());
}

}  // namespace
}  // namespace hearth::broker
