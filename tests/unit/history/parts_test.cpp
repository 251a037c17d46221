#include "history/parts.hpp"

#include "history/latest.hpp"
#include "history/reorder_buffer.hpp"
#include "unit/history/publications.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace hearth::history {
namespace {

using testing::ElementsAre;

struct Member {
  int name;
  std::size_t place;
  int part;  // 0: has a cursor, 1: live, 2: plain
};

// Whatever happens to whom, each stands in its part and knows its place.
TEST(Parts, KeepEverybodyInItsPart) {
  std::vector<Member> members(200);
  std::vector<Member*> list;
  std::vector<Member*> cursors;  // in the order in which they are to stand
  Parts parts;
  const auto moved = [](Member* member, std::size_t place) { member->place = place; };
  std::uint64_t chance = 1;
  const auto below = [&chance](std::size_t end) {
    chance = chance * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::size_t>((chance >> 33U) % end);
  };
  std::size_t joined = 0;
  for (int step = 0; step < 5000; ++step) {
    const std::size_t what = below(5);
    if (what == 0 && joined < members.size()) {
      Member& member = members[joined++];
      member = {static_cast<int>(joined), 0, 2};
      parts.add(list, &member, moved);
    } else if (!list.empty()) {
      Member* member = list[below(list.size())];
      if (what == 1 && member->part != 0) {
        parts.give_cursor(list, member->place, moved);
        member->part = 0;
        cursors.push_back(member);
      } else if ((what == 2 || what == 4) && member->part == 0) {
        cursors[member->place] = cursors.back();
        cursors.pop_back();
        what == 2 ? parts.make_live(list, member->place, moved) : parts.make_plain(list, member->place, moved);
        member->part = what == 2 ? 1 : 2;
      } else if (what == 3 && below(5) == 0) {
        if (member->part == 0) {
          cursors[member->place] = cursors.back();
          cursors.pop_back();
        }
        parts.remove(list, member->place, moved);
      }
    }
    ASSERT_EQ(parts.cursors(), cursors.size());
    for (std::size_t place = 0; place < list.size(); ++place) {
      ASSERT_EQ(list[place]->place, place);
      ASSERT_EQ(list[place]->part, place < parts.cursors() ? 0 : place < parts.live_end() ? 1 : 2);
    }
    for (std::size_t place = 0; place < cursors.size(); ++place) ASSERT_EQ(list[place], cursors[place]);
  }
}

TEST(Latest, KeepsTheNewestOfEachKey) {
  Latest latest;
  for (const auto& [offset, key] : std::vector<std::pair<std::uint64_t, const char*>>{{1, "a"}, {2, "b"}, {3, "a"}}) {
    latest.keep(test::publication(test::kA, offset, "r", {}, key));
  }
  std::vector<std::uint64_t> offsets;
  for (const auto& publication : latest.after(0)) offsets.push_back(publication->position().offset);
  EXPECT_THAT(offsets, ElementsAre(2, 3));
  EXPECT_EQ(latest.after(2).size(), 1U);
  EXPECT_EQ(latest.after(3).size(), 0U);
}

TEST(Latest, LosesTheKeyThatHasBeenSilentLongest) {
  Latest latest;
  for (std::uint64_t i = 1; i <= Latest::kMostKeys; ++i) {
    latest.keep(test::publication(test::kA, i, "r", {}, std::to_string(i)));
  }
  latest.keep(test::publication(test::kA, 2000, "r", {}, "1"));
  latest.keep(test::publication(test::kA, 2001, "r", {}, "new"));
  const auto kept = latest.after(0);
  EXPECT_EQ(kept.size(), Latest::kMostKeys);
  EXPECT_EQ(kept.front()->position().offset, 3U);
}

TEST(ReorderBuffer, GivesBackWhatItTook) {
  ReorderBudget budget;
  const std::size_t all = budget.left;
  {
    ReorderBuffer buffer(budget);
    for (const std::uint64_t offset : {5, 3, 4, 3, 9}) buffer.keep(test::publication(test::kA, offset));
    EXPECT_EQ(buffer.size(), 4U);
    EXPECT_LT(budget.left, all);
    EXPECT_EQ(buffer.take(2), nullptr);
    EXPECT_EQ(buffer.take(4)->position().offset, 4U);  // 3 has become useless
    EXPECT_EQ(buffer.size(), 2U);
    EXPECT_EQ(buffer.take(6), nullptr);
    EXPECT_EQ(buffer.size(), 1U);
  }
  EXPECT_EQ(budget.left, all);
}

TEST(ReorderBuffer, StopsAtTheBudgetOfTheNode) {
  ReorderBudget budget{1000};
  ReorderBuffer buffer(budget);
  for (std::uint64_t offset = 1; offset < 100; ++offset) buffer.keep(test::publication(test::kA, offset));
  EXPECT_LE(buffer.bytes(), 1000U);
  EXPECT_GT(buffer.size(), 0U);
}

}  // namespace
}  // namespace hearth::history
