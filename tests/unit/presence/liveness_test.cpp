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

}  // namespace
}  // namespace hearth::presence
