#include "history/lineage.hpp"

#include <gtest/gtest.h>

namespace hearth::history {
namespace {

constexpr Epoch kA{1};
constexpr Epoch kB{2};
constexpr Epoch kC{3};

TEST(Lineage, EndsABranchWhereTheNextBegins) {
  const LogTop log{{kB, 9}, {{kA, 1}, {kB, 6}}};
  EXPECT_EQ(end_of(log, kA), 5U);
  EXPECT_EQ(end_of(log, kB), 9U);
  EXPECT_EQ(end_of(log, kC), std::nullopt);
}

TEST(Lineage, KnowsTheEpochOfAnOffset) {
  const LogTop log{{kC, 9}, {{kA, 3}, {kB, 6}, {kC, 7}}};
  EXPECT_EQ(epoch_at(log, 9), kC);
  EXPECT_EQ(epoch_at(log, 7), kC);
  EXPECT_EQ(epoch_at(log, 6), kB);
  EXPECT_EQ(epoch_at(log, 5), kA);
  EXPECT_EQ(epoch_at(log, 1), kA);
}

TEST(Lineage, OfALogThatWasMerelyReopenedHasTheOldEpochAtItsTop) {
  LogTop log{{kA, 5}, {{kA, 1}}};
  begin_branch(log, kB);
  EXPECT_EQ(log, (LogTop{{kA, 5}, {{kA, 1}, {kB, 6}}}));
}

TEST(Lineage, LosesBranchesWithoutPublications) {
  LogTop log{{kA, 5}, {{kA, 1}}};
  begin_branch(log, kB);
  begin_branch(log, kC);
  EXPECT_EQ(log, (LogTop{{kA, 5}, {{kA, 1}, {kC, 6}}}));
}

TEST(Lineage, KeepsItsFirstBranchWhichThoseHaveWhoCameEarly) {
  LogTop log;
  begin_branch(log, kA);
  EXPECT_EQ(log, (LogTop{{kA, 0}, {{kA, 1}}}));
  begin_branch(log, kB);
  begin_branch(log, kC);
  EXPECT_EQ(log, (LogTop{{kA, 0}, {{kA, 1}, {kC, 1}}}));
  EXPECT_EQ(end_of(log, kA), 0U);
}

TEST(Lineage, HasEightBranches) {
  LogTop log;
  for (std::uint64_t i = 1; i <= 20; ++i) {
    begin_branch(log, Epoch{i});
    log.top = {Epoch{i}, i};
  }
  ASSERT_EQ(log.lineage.size(), History::kMostBranches);
  EXPECT_EQ(log.lineage.front(), (Branch{Epoch{13}, 13}));
  EXPECT_EQ(newest_epoch(log), Epoch{20});
  EXPECT_FALSE(knows(log, Epoch{12}));
  EXPECT_TRUE(knows(log, Epoch{13}));
}

}  // namespace
}  // namespace hearth::history
