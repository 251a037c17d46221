#include "shard/space_saving.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <string>

namespace hearth::shard {
namespace {

std::map<std::string, SpaceSaving::Entry> by_name(const SpaceSaving& sketch) {
  std::map<std::string, SpaceSaving::Entry> all;
  for (const SpaceSaving::Entry& entry : sketch.entries()) all[entry.name] = entry;
  return all;
}

TEST(SpaceSaving, CountsFewNamesExactly) {
  SpaceSaving sketch;
  for (std::size_t i = 0; i < SpaceSaving::kMost; ++i) {
    for (std::size_t n = 0; n <= i; ++n) sketch.add("room " + std::to_string(i), 2);
  }
  const auto entries = by_name(sketch);
  ASSERT_EQ(entries.size(), SpaceSaving::kMost);
  for (std::size_t i = 0; i < SpaceSaving::kMost; ++i) {
    EXPECT_EQ(entries.at("room " + std::to_string(i)).count, 2 * (i + 1));
    EXPECT_EQ(entries.at("room " + std::to_string(i)).error, 0U);
  }
}

TEST(SpaceSaving, OneMoreTakesThePlaceOfTheLeast) {
  SpaceSaving sketch;
  for (std::size_t i = 0; i < SpaceSaving::kMost; ++i) sketch.add("room " + std::to_string(i), i + 10);
  sketch.add("new", 5);
  const auto entries = by_name(sketch);
  EXPECT_EQ(entries.size(), SpaceSaving::kMost);
  EXPECT_FALSE(entries.contains("room 0"));
  EXPECT_EQ(entries.at("new").count, 15U);
  EXPECT_EQ(entries.at("new").error, 10U);
}

// The guarantee of the sketch, on names of which few are frequent: no count is too small, none is too large by more
// than its error, and whoever has more than its share of the places is there.
TEST(SpaceSaving, KeepsWhatIsFrequentAmongMany) {
  std::mt19937_64 random(7);
  SpaceSaving sketch;
  std::map<std::string, std::uint64_t> exact;
  std::uint64_t total = 0;
  for (int i = 0; i < 40'000; ++i) {
    const bool is_frequent = random() % 3 == 0;
    const std::string name = is_frequent ? "hot " + std::to_string(random() % 20) : std::to_string(random() % 10'000);
    const std::uint64_t count = 1 + random() % 5;
    sketch.add(name, count);
    exact[name] += count;
    total += count;
  }
  const auto entries = by_name(sketch);
  for (const auto& [name, entry] : entries) {
    EXPECT_GE(entry.count, exact[name]) << name;
    EXPECT_LE(entry.count - entry.error, exact[name]) << name;
  }
  for (const auto& [name, count] : exact) {
    if (count > total / SpaceSaving::kMost) {
      EXPECT_TRUE(entries.contains(name)) << name;
    }
  }
}

TEST(SpaceSaving, HalvingKeepsTheOrderAndForgetsWhatIsGone) {
  SpaceSaving sketch;
  sketch.add("once", 1);
  sketch.add("ten", 10);
  sketch.add("four", 4);
  sketch.halve();
  auto entries = by_name(sketch);
  EXPECT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries.at("ten").count, 5U);
  EXPECT_EQ(entries.at("four").count, 2U);
  sketch.add("four", 7);
  for (std::size_t i = 0; i < SpaceSaving::kMost; ++i) sketch.add("room " + std::to_string(i), 20);
  entries = by_name(sketch);  // those with the least have made room
  EXPECT_EQ(entries.size(), SpaceSaving::kMost);
  EXPECT_FALSE(entries.contains("ten"));
  EXPECT_FALSE(entries.contains("four"));
}

TEST(SpaceSaving, ForgetsAllThatItIsTold) {
  SpaceSaving sketch;
  sketch.add("a", 3);
  sketch.clear();
  EXPECT_TRUE(sketch.entries().empty());
  sketch.add("a", 1);
  EXPECT_EQ(by_name(sketch).at("a").count, 1U);
}

}  // namespace
}  // namespace hearth::shard
