#include "shard/throttle.hpp"

#include "unit/shard/parts.hpp"

#include <gmock/gmock.h>

#include <chrono>

namespace hearth::shard {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

class ThrottleTest : public testing::Test {
 protected:
  void limit(const Limits& limits) {
    Options options;
    options.limits = limits;
    parts_ = std::make_unique<Parts>(std::move(options));
  }
  hub::Client& client() {
    hub::Client& client = parts_->client("ann");
    parts_->throttle.connected(client, start_);
    return client;
  }
  void send(hub::Client& client, net::Millis at, std::size_t bytes = 10) {
    if (client.limited) parts_->throttle.count(client, bytes, start_ + at);
  }
  std::vector<std::string> until(net::Millis at) {
    parts_->throttle.expire(start_ + at);
    return parts_->outlet.take();
  }

  const net::TimePoint start_{1h};
  std::unique_ptr<Parts> parts_;
};

constexpr Rate kTen{.count = 10, .per = 1s, .burst = 2};

TEST_F(ThrottleTest, WhoSendsTooMuchIsHeldUpUntilItMayAgain) {
  limit({.messages = kTen});
  hub::Client& client = this->client();
  send(client, 0ms);
  EXPECT_THAT(until(0ms), IsEmpty());
  send(client, 0ms);
  EXPECT_THAT(until(99ms), ElementsAre("held up"));
  EXPECT_TRUE(client.throttled);
  EXPECT_EQ(parts_->throttle.next(), start_ + 100ms);
  EXPECT_THAT(until(100ms), ElementsAre("let go"));
  EXPECT_FALSE(client.throttled);
  EXPECT_EQ(parts_->hits.count(Limit::messages), 1U);
}

TEST_F(ThrottleTest, BytesCountToo) {
  limit({.bytes = Rate{.count = 1000, .per = 1s, .burst = 2000}});
  hub::Client& client = this->client();
  send(client, 0ms, 1999);
  EXPECT_THAT(until(0ms), IsEmpty());
  send(client, 0ms, 1000);
  EXPECT_THAT(until(999ms), ElementsAre("held up"));
  EXPECT_THAT(until(1000ms), ElementsAre("let go"));
  EXPECT_EQ(parts_->hits.count(Limit::bytes), 1U);
}

TEST_F(ThrottleTest, WhoGoesOnForTenSecondsIsClosed) {
  limit({.messages = kTen});
  hub::Client& client = this->client();
  std::vector<std::string> last;
  net::Millis at = 0ms;
  for (; at < 20s && (last.empty() || last.back() != "close 4008"); at += 10ms) {
    parts_->throttle.expire(start_ + at);
    if (!client.throttled) send(client, at);
    for (auto& text : parts_->outlet.take()) last.push_back(std::move(text));
  }
  EXPECT_EQ(last.back(), "close 4008");
  EXPECT_NEAR(static_cast<double>(at.count()), 10'000, 200);
}

TEST_F(ThrottleTest, APauseOfASecondIsABreak) {
  limit({.messages = kTen});
  hub::Client& client = this->client();
  for (net::Millis at = 0ms; at < 60s; at += 5s) {
    for (net::Millis more = 0ms; more < 5s; more += 10ms) {
      parts_->throttle.expire(start_ + at + more);
      if (more < 3s && !client.throttled) send(client, at + more);
    }
  }
  EXPECT_THAT(parts_->outlet.take(), testing::Not(testing::Contains("close 4008")));
}

TEST_F(ThrottleTest, AClientMayHaveARateOfItsOwn) {
  limit({.messages = kTen});
  hub::Client& trusted = client();
  parts_->throttle.allow(trusted, Rate{.count = 1000, .per = 1s, .burst = 100}, start_);
  for (int i = 0; i < 99; ++i) send(trusted, 0ms);
  EXPECT_THAT(until(0ms), IsEmpty());
  send(trusted, 0ms);
  EXPECT_THAT(until(1ms), ElementsAre("held up"));
}

TEST_F(ThrottleTest, WithoutLimitsOnlyThatClientIsCounted) {
  limit({});
  hub::Client& plain = client();
  hub::Client& slow = client();
  EXPECT_FALSE(plain.limited);
  parts_->throttle.allow(slow, kTen, start_);
  parts_->throttle.allow(plain, std::nullopt, start_);
  EXPECT_FALSE(plain.limited);
  for (int i = 0; i < 2; ++i) send(slow, 0ms);
  EXPECT_THAT(until(0ms), ElementsAre("held up"));
}

TEST_F(ThrottleTest, OtherLimitsAreOfThoseThatAreThere) {
  limit({});
  hub::Client& client = this->client();
  EXPECT_FALSE(client.limited);
  parts_->throttle.update({.messages = kTen}, start_);
  EXPECT_TRUE(client.limited);
  send(client, 0ms);
  send(client, 0ms);
  EXPECT_THAT(until(0ms), ElementsAre("held up"));
  parts_->throttle.update({}, start_);
  EXPECT_FALSE(client.limited);
  EXPECT_FALSE(client.throttled);
  EXPECT_THAT(until(1s), ElementsAre("let go")) << "once, and not again when its time would have come";
}

TEST_F(ThrottleTest, ARateOfItsOwnOutlivesOtherLimits) {
  limit({.messages = kTen});
  hub::Client& client = this->client();
  parts_->throttle.allow(client, Rate{.count = 1, .per = 1s, .burst = 5}, start_);
  parts_->throttle.update({}, start_);
  EXPECT_TRUE(client.limited);
  for (int i = 0; i < 4; ++i) send(client, 0ms);
  EXPECT_THAT(until(0ms), IsEmpty());
  send(client, 0ms);
  EXPECT_THAT(until(0ms), ElementsAre("held up"));
}

TEST_F(ThrottleTest, ARateThatStaysKeepsWhatIsLeftOfIt) {
  limit({.messages = kTen});
  hub::Client& client = this->client();
  send(client, 0ms);
  parts_->throttle.update({.connections = 5, .messages = kTen}, start_);
  send(client, 0ms);
  EXPECT_THAT(until(0ms), ElementsAre("held up"));
}

TEST_F(ThrottleTest, ADryRunCountsAlone) {
  limit({.messages = kTen, .dry_run = true});
  hub::Client& client = this->client();
  for (int i = 0; i < 5; ++i) send(client, 0ms);
  EXPECT_THAT(until(10s), IsEmpty());
  EXPECT_EQ(parts_->hits.count(Limit::messages), 4U);
}

TEST_F(ThrottleTest, WhoHasGoneIsForgotten) {
  limit({.messages = kTen});
  hub::Client& client = this->client();
  for (int i = 0; i < 2; ++i) send(client, 0ms);
  parts_->throttle.gone(client);
  parts_->hub.remove(client);
  parts_->outlet.take();
  EXPECT_THAT(until(1s), IsEmpty());
}

}  // namespace
}  // namespace hearth::shard
