#include "guard/gate.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

namespace hearth {
namespace {

using std::chrono::steady_clock;

TEST(Gate, CountsThoseInside) {
  Gate gate;
  EXPECT_EQ(gate.inside(), 0U);
  {
    const auto first = gate.enter();
    const auto second = gate.enter();
    EXPECT_TRUE(first && second);
    EXPECT_EQ(gate.inside(), 2U);
  }
  EXPECT_EQ(gate.inside(), 0U);
}

TEST(Gate, LetsNobodyInOnceItIsClosed) {
  Gate gate;
  EXPECT_FALSE(gate.closed());
  gate.close();
  EXPECT_TRUE(gate.closed());
  EXPECT_FALSE(gate.enter());
  EXPECT_EQ(gate.inside(), 0U);
}

TEST(Gate, MovedPassIsStillOneAndACopyIsOneMore) {
  Gate gate;
  auto entered = gate.enter();
  Gate::Pass moved = std::move(*entered);
  entered.reset();
  EXPECT_EQ(gate.inside(), 1U);
  gate.close();
  {
    const Gate::Pass copy = moved;
    EXPECT_EQ(gate.inside(), 2U);
  }
  EXPECT_EQ(gate.inside(), 1U);
}

TEST(Gate, AssigningAPassGivesTheOldOneBack) {
  Gate gate;
  Gate other;
  auto pass = gate.enter();
  pass = other.enter();
  EXPECT_EQ(gate.inside(), 0U);
  EXPECT_EQ(other.inside(), 1U);
}

TEST(Gate, SaysOnceThatNobodyIsInside) {
  int said = 0;
  Gate gate;
  auto first = gate.enter();
  auto second = gate.enter();
  gate.close([&] { ++said; });
  gate.close();
  first.reset();
  EXPECT_EQ(said, 0);
  second.reset();
  EXPECT_EQ(said, 1);
}

TEST(Gate, SaysAtOnceThatNobodyIsInsideIfSo) {
  int said = 0;
  Gate gate;
  gate.close([&] { ++said; });
  EXPECT_EQ(said, 1);
}

TEST(Gate, MayBeDestroyedByWhatItSaysThisTo) {
  auto gate = std::make_unique<Gate>();
  auto pass = gate->enter();
  gate->close([&] { gate.reset(); });
  pass.reset();
  EXPECT_EQ(gate, nullptr);
}

TEST(Gate, WaitsForNobody) {
  Gate gate;
  gate.wait();
  EXPECT_TRUE(gate.closed());
}

TEST(Gate, WaitsNoLongerThanAsked) {
  Gate gate;
  auto pass = gate.enter();
  const auto soon = steady_clock::now() + std::chrono::milliseconds(1);
  EXPECT_FALSE(gate.wait_until(soon));
  EXPECT_GE(steady_clock::now(), soon);
  EXPECT_FALSE(gate.enter());
  pass.reset();
  EXPECT_TRUE(gate.wait_until(steady_clock::now()));
}

TEST(GateDeathTest, MayNotBeDestroyedUnderThoseInside) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto leave_late = [] {
    auto gate = std::make_unique<Gate>();
    const auto pass = gate->enter();
    gate.reset();
  };
  EXPECT_EXIT(leave_late(), testing::KilledBySignal(SIGABRT), "src/guard/gate.cpp");
}

TEST(GateBetweenShards, WaitsForWhoeverIsInside) {
  for (int round = 0; round < 200; ++round) {
    std::atomic<int> done = 0;
    std::vector<std::jthread> threads;
    auto gate = std::make_unique<Gate>();
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&done, pass = gate->enter()]() mutable {
        const Gate::Pass copy = *pass;
        pass.reset();
        ++done;
      });
    }
    gate->wait();
    EXPECT_EQ(done, 3);
    gate.reset();
  }
}

TEST(GateBetweenShards, IsClosedUnderThoseThatComeAndGo) {
  Gate gate;
  std::atomic<bool> begun = false;
  std::atomic<int> inside = 0;
  const auto come_and_go = [&] {
    while (const auto pass = gate.enter()) {
      ++inside;
      begun = true;
      begun.notify_all();
      --inside;
    }
  };
  const std::jthread first(come_and_go);
  const std::jthread second(come_and_go);
  begun.wait(false);
  gate.wait();
  EXPECT_EQ(inside, 0);
  EXPECT_EQ(gate.inside(), 0U);
}

}  // namespace
}  // namespace hearth
