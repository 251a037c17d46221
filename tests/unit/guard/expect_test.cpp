#include "guard/expect.hpp"

#include <gtest/gtest.h>

namespace hearth {
namespace {

void half(int number) { expect(number % 2 == 0); }

TEST(Expect, PassesWhatHolds) { half(2); }

TEST(ExpectDeathTest, EndsTheProcessAndSaysWhere) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(half(3), testing::KilledBySignal(SIGABRT),
              "^hearth: a mistake of its own, found at tests/unit/guard/expect_test.cpp:8 in .*half");
}

}  // namespace
}  // namespace hearth
