#include "shard/blocks.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <initializer_list>
#include <vector>

namespace hearth::shard {
namespace {

using namespace std::chrono_literals;

constexpr Blocks::Time kNow{1'000'000s};

TEST(Blocks, KeepAUserOutUntilTheyEnd) {
  Blocks blocks;
  EXPECT_FALSE(blocks.keeps_out({.user = "ann"}, kNow));
  EXPECT_TRUE(blocks.add({.user = "ann", .until = kNow + 10s}, kNow));
  EXPECT_TRUE(blocks.keeps_out({.user = "ann"}, kNow + 9s));
  EXPECT_FALSE(blocks.keeps_out({.user = "ann"}, kNow + 10s));
  EXPECT_FALSE(blocks.keeps_out({.user = "ben"}, kNow));
  EXPECT_FALSE(blocks.keeps_out({}, kNow));
}

TEST(Blocks, OfAUserMaySpareTokensThatAreNewer) {
  Blocks blocks;
  blocks.add({.user = "ann", .until = kNow + 10s, .issued_before = kNow}, kNow);
  EXPECT_TRUE(blocks.keeps_out({.user = "ann", .issued_at = kNow - 1s}, kNow));
  EXPECT_TRUE(blocks.keeps_out({.user = "ann"}, kNow));
  EXPECT_FALSE(blocks.keeps_out({.user = "ann", .issued_at = kNow}, kNow));
}

TEST(Blocks, OfATokenAreForThatTokenAlone) {
  Blocks blocks;
  blocks.add({.token = "t1", .until = kNow + 10s}, kNow);
  EXPECT_TRUE(blocks.keeps_out({.user = "ann", .token = "t1"}, kNow));
  EXPECT_FALSE(blocks.keeps_out({.user = "ann", .token = "t2"}, kNow));
  EXPECT_FALSE(blocks.keeps_out({.user = "t1"}, kNow));
}

TEST(Blocks, WhatIsKeptForAllIsTakenAndWhatIsNotAnyMoreForgotten) {
  Blocks blocks;
  blocks.add({.user = "gone", .until = kNow + 100s}, kNow);
  blocks.add({.token = "stays", .until = kNow + 100s}, kNow);
  blocks.add({.user = "fresh", .until = kNow + 100s}, kNow + 20s);
  const std::vector<Block> kept{{.token = "stays", .until = kNow + 100s}, {.user = "new", .until = kNow + 50s}};
  EXPECT_TRUE(blocks.take(kept, kNow + 10s, kNow + 30s));
  EXPECT_FALSE(blocks.keeps_out({.user = "gone"}, kNow + 30s));
  EXPECT_TRUE(blocks.keeps_out({.user = "fresh"}, kNow + 30s)) << "it may not have come to be kept yet";
  EXPECT_TRUE(blocks.keeps_out({.token = "stays"}, kNow + 30s));
  EXPECT_TRUE(blocks.keeps_out({.user = "new"}, kNow + 30s));
  EXPECT_FALSE(blocks.take(kept, kNow + 10s, kNow + 30s)) << "nothing is new";
  EXPECT_FALSE(blocks.take({}, kNow + 40s, kNow + 40s));
  EXPECT_TRUE(blocks.list(kNow + 40s).empty());
}

TEST(Blocks, AreTakenBackAndListed) {
  Blocks blocks;
  const Block ann{.user = "ann", .until = kNow + 10s};
  const Block token{.token = "t1", .until = kNow + 20s};
  blocks.add(ann, kNow);
  blocks.add(token, kNow);
  EXPECT_THAT(blocks.list(kNow), testing::UnorderedElementsAre(ann, token));
  EXPECT_THAT(blocks.list(kNow + 15s), testing::ElementsAre(token));
  blocks.remove("ann", {});
  blocks.remove({}, "t1");
  EXPECT_THAT(blocks.list(kNow), testing::IsEmpty());
  EXPECT_FALSE(blocks.keeps_out({.user = "ann", .token = "t1"}, kNow));
}

TEST(Blocks, AreBoundedAndThoseThatEndedMakeRoom) {
  Blocks blocks;
  for (std::size_t i = 0; i < Blocks::kMost; ++i) {
    ASSERT_TRUE(blocks.add({.user = std::to_string(i), .until = kNow + 10s}, kNow));
  }
  EXPECT_FALSE(blocks.add({.user = "ann", .until = kNow + 10s}, kNow));
  EXPECT_TRUE(blocks.add({.user = "ann", .until = kNow + 30s}, kNow + 10s));
}

}  // namespace
}  // namespace hearth::shard
