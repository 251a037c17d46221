#include "backend/circuit.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace hearth::app {
namespace {

using namespace std::chrono_literals;
using Attempt = Circuit::Attempt;

constexpr Circuit::Time kStart{1h};

/// One that has just opened, at kStart.
Circuit opened() {
  Circuit circuit;
  for (unsigned i = 0; i < Circuit::kMostFailures; ++i) circuit.fail(circuit.begin(kStart), kStart);
  return circuit;
}

TEST(Circuit, OpensAfterFiveFailuresInARow) {
  Circuit circuit;
  for (int i = 0; i < 4; ++i) circuit.fail(circuit.begin(kStart), kStart);
  EXPECT_EQ(circuit.begin(kStart), Attempt::usual);
  circuit.fail(Attempt::usual, kStart);
  EXPECT_TRUE(circuit.is_open());
  EXPECT_EQ(circuit.begin(kStart), Attempt::none);
}

TEST(Circuit, CountsAnewAfterASuccess) {
  Circuit circuit;
  for (int i = 0; i < 4; ++i) circuit.fail(circuit.begin(kStart), kStart);
  circuit.succeed(circuit.begin(kStart));
  for (int i = 0; i < 4; ++i) circuit.fail(circuit.begin(kStart), kStart);
  EXPECT_FALSE(circuit.is_open());
}

TEST(Circuit, LetsOneProbeThroughWhenItsPauseIsOver) {
  Circuit circuit = opened();
  EXPECT_EQ(circuit.begin(kStart + 999ms), Attempt::none);
  EXPECT_FALSE(circuit.admits(kStart + 999ms));
  EXPECT_TRUE(circuit.admits(kStart + 1s));
  EXPECT_EQ(circuit.begin(kStart + 1s), Attempt::probe);
  EXPECT_FALSE(circuit.admits(kStart + 1h));
  EXPECT_EQ(circuit.begin(kStart + 1h), Attempt::none);
}

TEST(Circuit, ClosesWhenTheProbeSucceeds) {
  Circuit circuit = opened();
  circuit.succeed(circuit.begin(kStart + 1s));
  EXPECT_FALSE(circuit.is_open());
  EXPECT_EQ(circuit.begin(kStart + 1s), Attempt::usual);
}

TEST(Circuit, DoublesItsPauseUpToFifteenSeconds) {
  Circuit circuit = opened();
  Circuit::Time now = kStart + 1s;
  for (const auto pause : {2s, 4s, 8s, 15s, 15s}) {
    const Attempt probe = circuit.begin(now);
    ASSERT_EQ(probe, Attempt::probe);
    circuit.fail(probe, now);
    EXPECT_FALSE(circuit.admits(now + pause - 1ms));
    now += pause;
  }
}

TEST(Circuit, BeginsWithTheFirstPauseWhenItOpensAgain) {
  Circuit circuit = opened();
  circuit.fail(circuit.begin(kStart + 1s), kStart + 1s);
  circuit.succeed(circuit.begin(kStart + 3s));
  for (int i = 0; i < 5; ++i) circuit.fail(circuit.begin(kStart + 3s), kStart + 3s);
  EXPECT_TRUE(circuit.admits(kStart + 4s));
}

TEST(Circuit, IsNotMovedByWhatBeganBeforeItOpened) {
  Circuit circuit;
  const Attempt old = circuit.begin(kStart);
  for (int i = 0; i < 5; ++i) circuit.fail(circuit.begin(kStart), kStart);
  circuit.succeed(old);
  EXPECT_TRUE(circuit.is_open());
  circuit.fail(old, kStart + 10s);
  EXPECT_TRUE(circuit.admits(kStart + 1s));
}

TEST(Circuit, TakesAnotherProbeWhenOneWasGivenUp) {
  Circuit circuit = opened();
  circuit.forget(circuit.begin(kStart + 1s));
  EXPECT_EQ(circuit.begin(kStart + 1s), Attempt::probe);
}

}  // namespace
}  // namespace hearth::app
