#include "shard/subscriptions.hpp"

#include "unit/shard/recorder.hpp"

#include <gmock/gmock.h>

#include <functional>
#include <string>
#include <vector>

namespace hearth::shard {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Kind = hub::Interest::Kind;

/// Confirms when it is told to, in order.
class SlowBroker final : public Broker {
 public:
  void start(BrokerSink&) override {}
  void stop() override {}
  void publish(const BrokerMessage&) override {}
  bool subscribe(std::span<const BrokerAddress> addresses, std::function<void()> done) override {
    for (const BrokerAddress& address : addresses) told.push_back("+" + std::string(address.name));
    if (!is_slow) return true;
    waiting.push_back(std::move(done));
    return false;
  }
  void unsubscribe(std::span<const BrokerAddress> addresses) override {
    for (const BrokerAddress& address : addresses) told.push_back("-" + std::string(address.name));
  }
  BrokerState state() const override { return BrokerState::ready; }
  BrokerStatistics statistics() const override { return {}; }

  bool is_slow = true;
  std::vector<std::string> told;
  std::vector<std::function<void()>> waiting;
};

class SubscriptionsTest : public testing::Test {
 protected:
  void await(const std::string& name) {
    subscriptions_.await(ids_.next(), [this, name](const protocol::ClientId&) { done_.push_back(name); });
  }
  void begin(std::string_view room) { subscriptions_.interest()->begin(Kind::room, room); }

  protocol::ClientIdSource ids_{0};
  TestMailbox mailbox_;
  std::shared_ptr<SlowBroker> broker_ = std::make_shared<SlowBroker>();
  Subscriptions subscriptions_{broker_, mailbox_.mailbox};
  std::vector<std::string> done_;
};

TEST_F(SubscriptionsTest, WhoAwaitsComesOnceEverythingBeforeItIsConfirmed) {
  begin("a");
  EXPECT_TRUE(subscriptions_.are_awaited());
  await("first");
  begin("b");
  EXPECT_TRUE(subscriptions_.are_awaited());
  await("second");
  EXPECT_EQ(mailbox_.run(), 0U);
  broker_->waiting[0]();
  mailbox_.run();
  EXPECT_THAT(done_, ElementsAre("first"));
  EXPECT_TRUE(subscriptions_.are_awaited());
  broker_->waiting[1]();
  mailbox_.run();
  EXPECT_THAT(done_, ElementsAre("first", "second"));
  EXPECT_FALSE(subscriptions_.are_awaited());
}

TEST_F(SubscriptionsTest, WhatIsActiveAtOnceIsNotAwaited) {
  broker_->is_slow = false;
  begin("a");
  EXPECT_FALSE(subscriptions_.are_awaited());
  EXPECT_THAT(broker_->told, ElementsAre("+a"));
}

TEST_F(SubscriptionsTest, TheBrokerIsToldOfWhatBeginsAndThenOfWhatEnds) {
  begin("a");
  subscriptions_.interest()->end(Kind::room, "a");
  begin("b");
  subscriptions_.tell();
  EXPECT_THAT(broker_->told, ElementsAre("+a", "+b", "-a"));
  subscriptions_.tell();
  EXPECT_EQ(broker_->told.size(), 3U);
}

TEST_F(SubscriptionsTest, AtTheEndNobodyWaitsAnyLonger) {
  begin("a");
  ASSERT_TRUE(subscriptions_.are_awaited());
  await("first");
  subscriptions_.give_up();
  EXPECT_THAT(done_, ElementsAre("first"));
}

TEST_F(SubscriptionsTest, WithoutABrokerNobodyWaits) {
  Subscriptions none(nullptr, mailbox_.mailbox);
  EXPECT_EQ(none.interest(), nullptr);
  EXPECT_FALSE(none.are_awaited());
  none.tell();
}

}  // namespace
}  // namespace hearth::shard
