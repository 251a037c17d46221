#include "redis/pulse.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace hearth::redis {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using Due = Pulse::Due;

constexpr milliseconds kTimeout{900};
constexpr milliseconds kAnswer{20};  // a ping's way there and back

struct PulseTest : testing::Test {
  const Pulse::Clock::time_point begin{};
  Pulse pulse{kTimeout, begin};

  Pulse::Clock::time_point after(int time) const { return begin + milliseconds(time); }
};

TEST_F(PulseTest, PingsThreeTimesInTheTimeout) {
  EXPECT_EQ(pulse.next(), after(300));
  EXPECT_EQ(pulse.look(after(299)), Due::nothing);
  std::vector<Due> seen;
  for (const int time : {300, 600, 900, 1200}) {
    seen.push_back(pulse.look(after(time)));
    pulse.heard(after(time) + kAnswer);
  }
  EXPECT_THAT(seen, ElementsAre(Due::ping, Due::ping, Due::ping, Due::ping));
}

TEST_F(PulseTest, GivesUpAPeerThatNeverAnswersWhenTheTimeoutIsOver) {
  EXPECT_EQ(pulse.look(after(300)), Due::ping);
  EXPECT_EQ(pulse.look(after(600)), Due::ping);
  EXPECT_EQ(pulse.next(), after(900));
  EXPECT_EQ(pulse.look(after(900)), Due::end);
}

// The answer comes just after a ping, so that the timeout ends just after the third ping that follows.
TEST_F(PulseTest, DoesNotWaitForTheNextPingToGiveUp) {
  EXPECT_EQ(pulse.look(after(300)), Due::ping);
  pulse.heard(after(300) + kAnswer);
  EXPECT_EQ(pulse.look(after(600)), Due::ping);
  EXPECT_EQ(pulse.look(after(900)), Due::ping);
  EXPECT_EQ(pulse.look(after(1200)), Due::ping);
  EXPECT_EQ(pulse.next(), after(1220));
  EXPECT_EQ(pulse.look(after(1219)), Due::nothing);
  EXPECT_EQ(pulse.look(after(1220)), Due::end);
}

TEST_F(PulseTest, APeerThatIsHeardIsNotGivenUp) {
  for (int time = 0; time < 100'000; time += 800) {
    pulse.heard(after(time));
    EXPECT_NE(pulse.look(after(time + 799)), Due::end);
  }
}

TEST_F(PulseTest, PingsThatWereMissedAreNotMadeUpFor) {
  pulse.heard(after(1'000));
  EXPECT_EQ(pulse.look(after(1'700)), Due::ping);
  EXPECT_EQ(pulse.look(after(1'700)), Due::nothing);
}

}  // namespace
}  // namespace hearth::redis
