#include "shard/stalls.hpp"

#include "unit/shard/recorder.hpp"

#include <gmock/gmock.h>

#include <chrono>

namespace hearth::shard {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

class OpenClient : public hub::Client {
 public:
  explicit OpenClient(const protocol::ClientId& its_id) : hub::Client(its_id, {}) { open_for_test(); }
};

class StallsTest : public testing::Test {
 protected:
  StallsTest() {
    hub_.add(client_);
    is_behind_ = true;
  }

  net::TimePoint at(net::Millis time) const { return start_ + time; }
  /// What was closed by then.
  std::vector<std::string> closed_at(net::Millis time) {
    stalls_.expire(at(time));
    return outlet_.take();
  }

  const net::TimePoint start_ = net::TimePoint(1000s);
  protocol::ClientIdSource ids_{0};
  OpenClient client_{ids_.next()};
  hub::Hub hub_;
  RecordingOutlet outlet_;
  static inline bool is_behind_ = true;
  Stalls stalls_{hub_, outlet_, 60s, [](const hub::Client& /*client*/) { return is_behind_; }};
};

TEST_F(StallsTest, WhoTakesNothingIsClosed) {
  stalls_.waits(client_, start_);
  EXPECT_EQ(stalls_.next(), at(60s));
  EXPECT_THAT(closed_at(59'999ms), IsEmpty());
  EXPECT_THAT(closed_at(60s), ElementsAre("close 1013"));
  EXPECT_EQ(stalls_.next(), std::nullopt);
}

TEST_F(StallsTest, WhoWaitsInSeveralRoomsWaitsSinceTheFirst) {
  stalls_.waits(client_, start_);
  stalls_.waits(client_, at(50s));
  EXPECT_THAT(closed_at(60s), ElementsAre("close 1013"));
}

TEST_F(StallsTest, WhoHasTakenAllIsLeftAlone) {
  stalls_.waits(client_, start_);
  stalls_.goes_on(client_);
  EXPECT_THAT(closed_at(60s), IsEmpty());
  EXPECT_EQ(stalls_.size(), 0U);
}

TEST_F(StallsTest, WhoIsBehindInNoRoomAnyMoreIsLeftAlone) {
  stalls_.waits(client_, start_);
  is_behind_ = false;
  EXPECT_THAT(closed_at(60s), IsEmpty());
  EXPECT_EQ(stalls_.size(), 0U);
}

TEST_F(StallsTest, WhoWaitsAgainHasItsTimeAgain) {
  stalls_.waits(client_, start_);
  stalls_.goes_on(client_);
  stalls_.waits(client_, at(30s));
  EXPECT_EQ(stalls_.size(), 1U) << "however often it waits";
  EXPECT_THAT(closed_at(89'999ms), IsEmpty());
  EXPECT_THAT(closed_at(90s), ElementsAre("close 1013"));
}

TEST_F(StallsTest, WhoHasGoneIsForgotten) {
  stalls_.waits(client_, start_);
  hub_.remove(client_);
  EXPECT_THAT(closed_at(60s), IsEmpty());
  EXPECT_EQ(stalls_.size(), 0U);
}

}  // namespace
}  // namespace hearth::shard
