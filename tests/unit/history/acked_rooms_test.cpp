#include "history/acked_rooms.hpp"

#include "unit/history/publications.hpp"

#include <gmock/gmock.h>

#include <string>

namespace hearth::history {
namespace {

using namespace std::chrono_literals;
using test::kA;
using test::kB;
using test::kC;
using test::log_of;
using testing::ElementsAre;
using testing::IsEmpty;

class AckedRoomsTest : public testing::Test {
 protected:
  std::vector<Rollback> compare(const LogTop& log) {
    EXPECT_THAT(acked.next(500, now), ElementsAre("r"));
    return acked.top("r", log);
  }

  AckedRooms acked;
  AckedRooms::TimePoint now{1h};
};

TEST_F(AckedRoomsTest, AreComparedWhenTheStoreIsAnother) {
  acked.acked("r", {kA, 3}, now);
  acked.acked("r", {kA, 5}, now);
  EXPECT_THAT(acked.next(500, now), IsEmpty());
  acked.store_changed();
  EXPECT_THAT(compare(log_of({{kA, 1}, {kB, 6}}, 8)), IsEmpty());
}

TEST_F(AckedRoomsTest, SayWhatTheLogHasLost) {
  acked.acked("r", {kA, 3}, now);
  acked.acked("r", {kA, 7}, now);
  acked.store_changed();
  EXPECT_THAT(compare(log_of({{kA, 1}, {kB, 5}}, 8)), ElementsAre(Rollback{"r", kA, 5, 7}));
  // What is left may be lost later.
  acked.store_changed();
  EXPECT_THAT(compare(log_of({{kA, 1}, {kC, 4}}, 8)), ElementsAre(Rollback{"r", kA, 4, 4}));
}

TEST_F(AckedRoomsTest, SayThatAllIsLost) {
  acked.acked("r", {kA, 3}, now);
  acked.acked("r", {kA, 7}, now);
  acked.store_changed();
  EXPECT_THAT(compare({}), ElementsAre(Rollback{"r", kA, 3, 7}));
  EXPECT_EQ(acked.size(), 0U);
}

TEST_F(AckedRoomsTest, CompareNothingThatCameAfterTheQuestion) {
  acked.acked("r", {kA, 3}, now);
  acked.store_changed();
  EXPECT_THAT(acked.next(500, now), ElementsAre("r"));
  acked.acked("r", {kA, 9}, now);
  EXPECT_THAT(acked.top("r", log_of({{kA, 1}}, 8)), IsEmpty());
}

TEST_F(AckedRoomsTest, AreComparedWhenAnAppendHasAnotherEpoch) {
  acked.acked("r", {kA, 7}, now);
  acked.acked("r", {kB, 5}, now);
  EXPECT_THAT(compare(log_of({{kA, 1}, {kB, 5}}, 8)), ElementsAre(Rollback{"r", kA, 7, 7}));
}

TEST_F(AckedRoomsTest, AreComparedWhenAFeedIsReset) {
  acked.acked("r", {kA, 7}, now);
  acked.log_changed("r");
  acked.log_changed("another");
  EXPECT_THAT(compare(log_of({{kC, 1}}, 8)), ElementsAre(Rollback{"r", kA, 7, 7}));
}

TEST_F(AckedRoomsTest, AreComparedOnceMoreBeforeTheyAreForgotten) {
  acked.acked("r", {kA, 7}, now);
  now += 5min;
  EXPECT_THAT(compare(log_of({{kA, 1}}, 8)), IsEmpty());
  EXPECT_EQ(acked.size(), 0U);
}

TEST_F(AckedRoomsTest, AreAskedForAgainWhenThereWasNoAnswer) {
  acked.acked("r", {kA, 7}, now);
  acked.store_changed();
  EXPECT_THAT(acked.next(500, now), ElementsAre("r"));
  EXPECT_THAT(acked.next(500, now), IsEmpty());
  acked.failed("r");
  EXPECT_THAT(acked.next(500, now), ElementsAre("r"));
}

TEST_F(AckedRoomsTest, ComeInBatches) {
  for (int i = 0; i < 7; ++i) acked.acked(std::to_string(i), {kA, 1}, now);
  acked.store_changed();
  EXPECT_EQ(acked.next(3, now).size(), 3U);
  EXPECT_EQ(acked.next(3, now).size(), 3U);
  EXPECT_THAT(acked.next(3, now), ElementsAre("6"));
  EXPECT_THAT(acked.next(3, now), IsEmpty());
}

TEST_F(AckedRoomsTest, AreSoManyAndNoMore) {
  for (std::size_t i = 0; i <= AckedRooms::kMostRooms; ++i) acked.acked(std::to_string(i), {kA, 1}, now);
  EXPECT_EQ(acked.size(), AckedRooms::kMostRooms);
  acked.acked("1", {kA, 2}, now);
  EXPECT_EQ(acked.size(), AckedRooms::kMostRooms);  // the first went, the second is still there
}

}  // namespace
}  // namespace hearth::history
