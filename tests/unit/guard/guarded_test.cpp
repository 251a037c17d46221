#include "guard/guarded.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace hearth {
namespace {

template <class Access>
concept GivesItsValue = requires(Access access) {
  *std::forward<Access>(access);
};

TEST(Guarded, HoldsWhatItIsGiven) {
  EXPECT_EQ(Guarded<std::string>("value").lock()->size(), 5U);
  EXPECT_EQ(Guarded<std::string>(std::in_place, 3, 'a').lock()->size(), 3U);
  EXPECT_TRUE(Guarded<std::vector<int>>().lock()->empty());
  EXPECT_NE(Guarded<std::unique_ptr<int>>(std::make_unique<int>(1)).lock()->get(), nullptr);
}

TEST(Guarded, IsOnlyReadIfItIsConstant) {
  const Guarded<int> constant(1);
  const auto access = constant.lock();
  static_assert(std::is_same_v<decltype(*access), const int&>);
  EXPECT_EQ(*access, 1);
}

TEST(Guarded, GivesNoReferenceThatOutlivesTheLock) {
  using Access = decltype(std::declval<Guarded<int>>().lock());
  static_assert(GivesItsValue<Access&>);
  static_assert(!GivesItsValue<Access>);
  static_assert(!std::is_move_constructible_v<Access>);
}

TEST(GuardedBetweenShards, IsChangedByOneAtATime) {
  Guarded<int> count;
  {
    const auto add = [&count] {
      for (int i = 0; i < 10000; ++i) {
        auto access = count.lock();
        *access = *access + 1;
      }
    };
    const std::jthread first(add);
    const std::jthread second(add);
  }
  const auto access = count.lock();
  EXPECT_EQ(*access, 20000);
}

TEST(GuardedBetweenShards, WaitsForWhatAnotherThreadChanges) {
  Guarded<std::vector<int>> items;
  std::condition_variable arrived;
  const std::jthread other([&] {
    items.lock()->push_back(7);
    arrived.notify_one();
  });
  auto access = items.lock();
  access.wait(arrived, [&] { return !access->empty(); });
  EXPECT_EQ(access->front(), 7);
}

TEST(Guarded, WaitsNoLongerThanAsked) {
  Guarded<bool> done(false);
  std::condition_variable changed;
  auto access = done.lock();
  const auto soon = std::chrono::steady_clock::now() + std::chrono::milliseconds(1);
  EXPECT_FALSE(access.wait_until(changed, soon, [&] { return *access; }));
  EXPECT_GE(std::chrono::steady_clock::now(), soon);
}

}  // namespace
}  // namespace hearth
