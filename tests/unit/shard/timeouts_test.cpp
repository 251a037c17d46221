#include "shard/timeouts.hpp"

#include "unit/shard/recorder.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <memory>

namespace hearth::shard {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

class TimeoutsTest : public testing::Test {
 protected:
  static Options options() {
    Options options;
    options.auth_timeout = 5s;
    options.heartbeat_interval = 30s;
    options.heartbeat_timeout = 90s;
    return options;
  }
  net::TimePoint at(net::Millis time) const { return start_ + time; }
  void expire(net::Millis time) { timeouts_.expire(at(time), at(time)); }

  const net::TimePoint start_ = net::TimePoint(1000s);
  protocol::ClientIdSource ids_{0};
  RecordingOutlet outlet_;
  hub::Client client_{ids_.next(), start_};
  Timeouts timeouts_{options(), outlet_, start_};
};

TEST_F(TimeoutsTest, WhoDoesNotSayWhoItIsIsClosed) {
  timeouts_.connected(client_, start_);
  EXPECT_EQ(timeouts_.next(), at(5s));
  expire(4999ms);
  EXPECT_THAT(outlet_.take(), IsEmpty());
  expire(5s);
  EXPECT_THAT(outlet_.take(), ElementsAre("close 4001"));
  EXPECT_EQ(timeouts_.next(), std::nullopt);
}

TEST_F(TimeoutsTest, DecidingMayTakeThreeTimesAsLong) {
  timeouts_.connected(client_, start_);
  timeouts_.authenticating(client_, at(4s));
  expire(18999ms);
  EXPECT_THAT(outlet_.take(), IsEmpty());
  expire(19s);
  EXPECT_THAT(outlet_.take(), ElementsAre("close 4001"));
}

TEST_F(TimeoutsTest, WhoIsSilentIsClosedWhenItIsLookedFor) {
  client_.last_activity = start_;
  timeouts_.authenticated(client_);
  EXPECT_EQ(timeouts_.next(), at(30s));
  expire(30s);
  expire(60s);
  expire(89s);
  EXPECT_THAT(outlet_.take(), IsEmpty());
  expire(90s);
  EXPECT_THAT(outlet_.take(), ElementsAre("close 4002"));
}

TEST_F(TimeoutsTest, WhoHasSaidSomethingStays) {
  timeouts_.authenticated(client_);
  client_.last_activity = at(60s);
  timeouts_.heard(client_, at(60s));
  expire(120s);
  EXPECT_THAT(outlet_.take(), IsEmpty());
  expire(150s);
  EXPECT_THAT(outlet_.take(), ElementsAre("close 4002"));
}

// The process was held up: by the clock everybody has been silent for too long.
TEST_F(TimeoutsTest, SilenceIsJudgedByWhatWasRead) {
  client_.last_activity = start_;
  timeouts_.authenticated(client_);
  timeouts_.expire(at(200s), at(50s));
  EXPECT_THAT(outlet_.take(), IsEmpty());
  hub::Client late(ids_.next(), start_);
  timeouts_.connected(late, at(200s));
  timeouts_.expire(at(206s), at(204s));
  EXPECT_THAT(outlet_.take(), IsEmpty());
}

TEST_F(TimeoutsTest, TheEndOfTimeNeverComes) {
  Options options = TimeoutsTest::options();
  options.auth_timeout = net::Millis::max();
  options.heartbeat_interval = net::Millis::max();
  options.heartbeat_timeout = net::Millis::max();
  Timeouts ever(options, outlet_, start_);
  ever.connected(client_, start_);
  ever.expire(at(87600h), at(87600h));
  ever.authenticating(client_, start_);
  ever.expire(at(87600h), at(87600h));
  ever.authenticated(client_);
  ever.expire(at(87600h), at(87600h));
  EXPECT_THAT(outlet_.take(), IsEmpty());
}

}  // namespace
}  // namespace hearth::shard
