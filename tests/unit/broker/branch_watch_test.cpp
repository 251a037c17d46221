#include "broker/branch_watch.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace hearth::broker {
namespace {

using namespace std::chrono_literals;

TEST(BranchWatch, FindsTheFifthOfARoomInAMinute) {
  BranchWatch watch;
  BranchWatch::TimePoint now{1h};
  for (int i = 0; i < BranchWatch::kMost; ++i) {
    EXPECT_FALSE(watch.began("r", now));
    EXPECT_FALSE(watch.began("s", now)) << "each room is on its own";
    now += 10s;
  }
  EXPECT_TRUE(watch.began("r", now));
}

TEST(BranchWatch, ForgetsAfterAMinute) {
  BranchWatch watch;
  BranchWatch::TimePoint now{1h};
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(watch.began("r", now));
    now += 30s;
  }
}

TEST(BranchWatch, CountsThoseOfOneConnection) {
  BranchWatch watch;
  const BranchWatch::TimePoint now{1h};
  for (int i = 0; i < 20; ++i) {
    watch.connected();
    EXPECT_FALSE(watch.began("r", now));
  }
}

}  // namespace
}  // namespace hearth::broker
