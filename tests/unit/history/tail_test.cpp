#include "history/tail.hpp"

#include "unit/history/publications.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace hearth::history {
namespace {

using test::kA;

PublicationPtr at(std::uint64_t offset) { return test::publication(kA, offset); }

std::vector<std::uint64_t> offsets_after(const Tail& tail, std::uint64_t offset) {
  std::vector<std::uint64_t> found;
  for (auto pieces = tail.after(offset); !pieces.empty(); pieces = tail.after(found.back())) {
    for (const auto& publication : pieces) found.push_back(publication->position().offset);
  }
  return found;
}

TEST(Tail, KeepsTheLastSoMany) {
  TailBudget budget(1 << 20);
  Tail tail(budget, 3);
  for (std::uint64_t offset = 1; offset <= 10; ++offset) tail.push(at(offset));
  EXPECT_EQ(offsets_after(tail, 7), (std::vector<std::uint64_t>{8, 9, 10}));
  EXPECT_EQ(offsets_after(tail, 9), (std::vector<std::uint64_t>{10}));
  EXPECT_TRUE(tail.after(10).empty());
  EXPECT_TRUE(tail.after(6).empty());  // 7 is gone
}

TEST(Tail, KeepsNothingIfItIsToKeepNothing) {
  TailBudget budget(1 << 20);
  Tail tail(budget, 0);
  tail.push(at(1));
  EXPECT_EQ(tail.size(), 0U);
  EXPECT_EQ(budget.bytes(), 0U);
}

TEST(Tail, LosesTheOldestOfAllOnceTheShardHasTooMuch) {
  const std::size_t size = at(1)->footprint();
  TailBudget budget(4 * size);
  Tail one(budget, 100);
  Tail other(budget, 100);
  one.push(at(1));
  other.push(at(1));
  one.push(at(2));
  other.push(at(2));
  one.push(at(3));
  EXPECT_EQ(offsets_after(one, 1), (std::vector<std::uint64_t>{2, 3}));
  EXPECT_EQ(other.size(), 2U);
  one.push(at(4));
  EXPECT_EQ(other.size(), 1U);
  EXPECT_LE(budget.bytes(), 4 * size);
}

TEST(Tail, ForgetsByAge) {
  TailBudget budget(1 << 20);
  Tail tail(budget, 100);
  tail.push(at(1));  // of 1000
  tail.forget_older(999);
  EXPECT_EQ(tail.size(), 1U);
  tail.forget_older(1000);
  EXPECT_EQ(tail.size(), 0U);
  EXPECT_EQ(budget.bytes(), 0U);
}

TEST(TailBudget, OutlivesTails) {
  const std::size_t size = at(1)->footprint();
  TailBudget budget(3 * size);
  Tail lasting(budget, 100);
  for (int i = 0; i < 100; ++i) {
    Tail passing(budget, 100);
    passing.push(at(1));
    lasting.push(at(static_cast<std::uint64_t>(i) + 1));
    passing.push(at(2));
  }
  EXPECT_EQ(lasting.size(), 1U);  // the others' were newer than the one before it
  EXPECT_EQ(budget.bytes(), size);
}

TEST(TailBudget, KeepsNoMoreNotesThanItNeeds) {
  TailBudget budget(std::size_t{1} << 30);
  Tail resting(budget, 100);
  resting.push(at(1));  // its note is the oldest for good
  Tail busy(budget, 2);
  for (std::uint64_t offset = 1; offset < 50'000; ++offset) busy.push(at(offset));
  EXPECT_LT(budget.notes(), 5'000U);
  EXPECT_EQ(resting.size(), 1U);
  EXPECT_EQ(offsets_after(busy, 49'997), (std::vector<std::uint64_t>{49'998, 49'999}));
}

}  // namespace
}  // namespace hearth::history
