#include "api/once_memory.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace hearth::app {

// For failures.
static void PrintTo(OnceState state, std::ostream* out) { *out << static_cast<int>(state); }

namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const OnceMemory::Clock::time_point kStart{seconds(1000)};
const OnceKey kTea{"1", "tea"};

TEST(OnceMemory, SaysWhatHasBeenDone) {
  OnceMemory memory;
  EXPECT_EQ(memory.claim(kTea, kStart), OnceState::mine);
  EXPECT_EQ(memory.claim(kTea, kStart), OnceState::pending);
  memory.finish(kTea);
  EXPECT_EQ(memory.claim(kTea, kStart), OnceState::done);
  EXPECT_EQ(memory.claim({"1", "coffee"}, kStart), OnceState::conflict);
  EXPECT_EQ(memory.claim({"2", "tea"}, kStart), OnceState::mine);
}

TEST(OnceMemory, WhatWasNotDoneMayBeTriedAgain) {
  OnceMemory memory;
  memory.claim(kTea, kStart);
  memory.forget(kTea);
  EXPECT_EQ(memory.claim(kTea, kStart + seconds(1)), OnceState::mine);
  memory.finish(kTea);
  EXPECT_EQ(memory.claim(kTea, kStart + minutes(5)), OnceState::done) << "it counts from the second time";
  EXPECT_EQ(memory.claim(kTea, kStart + minutes(5) + seconds(1)), OnceState::mine);
}

TEST(OnceMemory, ForgetsAfterFiveMinutes) {
  OnceMemory memory;
  memory.claim(kTea, kStart);
  memory.finish(kTea);
  EXPECT_EQ(memory.claim(kTea, kStart + minutes(5) - seconds(1)), OnceState::done);
  EXPECT_EQ(memory.claim({"1", "coffee"}, kStart + minutes(5)), OnceState::mine);
}

TEST(OnceMemory, TakesNoMoreThanItMay) {
  OnceMemory memory(2);
  EXPECT_EQ(memory.claim({"1", ""}, kStart), OnceState::mine);
  EXPECT_EQ(memory.claim({"2", ""}, kStart + minutes(1)), OnceState::mine);
  EXPECT_EQ(memory.claim({"3", ""}, kStart + minutes(2)), OnceState::full);
  EXPECT_EQ(memory.claim({"1", ""}, kStart + minutes(2)), OnceState::pending) << "what is known stays known";
  EXPECT_EQ(memory.claim({"3", ""}, kStart + minutes(5)), OnceState::mine);
}

}  // namespace
}  // namespace hearth::app
