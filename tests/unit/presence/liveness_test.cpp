#include "presence/liveness.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace hearth::presence {
namespace {

using namespace std::chrono_literals;

TEST(Liveness, WhoFindsThatItIsMissingSaysAtOnceThatItLives) {
  const std::vector<std::string> self{"a"};
  TimePoint now{1h};
  Liveness liveness("a", 5s, now);
  EXPECT_EQ(liveness.next(now), Liveness::Ask::beat);
  liveness.answered(self, true, now);
  EXPECT_EQ(liveness.next(now), Liveness::Ask::nothing);
  now += 2500ms;
  EXPECT_EQ(liveness.next(now), Liveness::Ask::look);
  const Liveness::Change change = liveness.answered({}, true, now);
  EXPECT_TRUE(change.was_missing);
  EXPECT_EQ(liveness.next(now), Liveness::Ask::beat);
}

// It has reached another server in between, and the others have not yet.
TEST(Liveness, JudgesNobodyForTwoBeatsAfterItWasMissing) {
  const std::vector<std::string> alone{"a"};
  const std::vector<std::string> both{"a", "b"};
  TimePoint now{1h};
  Liveness liveness("a", 5s, now);
  const auto answered = [&](const std::vector<std::string>& living, bool was_missing) {
    EXPECT_NE(liveness.next(now), Liveness::Ask::nothing);
    return liveness.answered(living, was_missing, now).dead;
  };
  answered(both, true);
  const TimePoint missing = now += 2500ms;
  answered(alone, true);
  liveness.doubt(now);
  for (; now < missing + 10s; now += 2500ms) EXPECT_TRUE(answered(alone, false).empty());
  EXPECT_EQ(answered(alone, false), std::vector<std::string>{"b"});
}

TEST(Liveness, ALateAnswerIsNotBelievedOfOneThatWasHeardOfSince) {
  const std::vector<std::string> alone{"a"};
  const std::vector<std::string> both{"a", "b"};
  TimePoint now{1h};
  Liveness liveness("a", 5s, now);
  for (int i = 0; i < 6; ++i, now += 2500ms) {
    liveness.next(now);
    liveness.answered(both, false, now);
  }
  liveness.next(now);
  liveness.heard("b", now + 1s);
  EXPECT_TRUE(liveness.answered(alone, false, now + 2s).dead.empty());
  now += 2500ms;
  liveness.next(now);
  EXPECT_EQ(liveness.answered(alone, false, now).dead, std::vector<std::string>{"b"});
}

}  // namespace
}  // namespace hearth::presence
