#include "load/client_rooms.hpp"

#include <gtest/gtest.h>

namespace hearth::load {
namespace {

// How many messages have been sent to any stream.
auto sent(std::uint64_t count) {
  return [count](std::uint32_t) { return count; };
}

TEST(ClientRooms, AreExpectedToGetWhatIsSentOnceTheJoinIsAnswered) {
  ClientRooms rooms;
  rooms.join({3, 4});
  EXPECT_FALSE(rooms.is_settled());
  EXPECT_EQ(rooms.lacking(sent(7)), 0U);
  EXPECT_TRUE(rooms.answered(sent(5)));
  EXPECT_TRUE(rooms.is_settled());
  EXPECT_EQ(rooms.lacking(sent(7)), 4U) << "two messages in each of two rooms";
}

TEST(ClientRooms, TakeWhatComesBeforeTheAnswer) {
  ClientRooms rooms;
  rooms.join({3});
  Faults faults;
  EXPECT_TRUE(rooms.receive(3, 4, faults));
  EXPECT_TRUE(rooms.answered(sent(5)));
  EXPECT_FALSE(faults.any());
  EXPECT_EQ(rooms.lacking(sent(5)), 0U);
}

TEST(ClientRooms, DoNotKnowWhatWasNotAskedFor) {
  ClientRooms rooms;
  rooms.join({3});
  Faults faults;
  EXPECT_FALSE(rooms.receive(4, 0, faults));
  EXPECT_TRUE(rooms.knows(3));
  EXPECT_FALSE(rooms.knows(4));
}

TEST(ClientRooms, AreCheckedFromTheFirstMessageIfEnteredAtTheBeginning) {
  ClientRooms rooms;
  rooms.enter(9);
  Faults faults;
  EXPECT_TRUE(rooms.receive(9, 1, faults));
  EXPECT_EQ(faults.missing, 1U);
}

TEST(ClientRooms, GoOnWhereTheyWereWhenTheyAreJoinedAgain) {
  ClientRooms rooms;
  rooms.join({3});
  EXPECT_TRUE(rooms.answered(sent(0)));
  ASSERT_NE(rooms.position(3), nullptr);
  *rooms.position(3) = {"TiUN0YmP", 7};
  rooms.join({3});
  EXPECT_TRUE(rooms.answered(sent(2)));
  EXPECT_EQ(rooms.size(), 1U);
  EXPECT_EQ(rooms.position(3)->offset, 7U);
  EXPECT_EQ(rooms.lacking(sent(2)), 2U) << "what was sent meanwhile has to come too";
  EXPECT_EQ(rooms.position(4), nullptr);
}

TEST(ClientRooms, AreLeftWhenThatIsAnswered) {
  ClientRooms rooms;
  rooms.join({3, 4});
  rooms.answered(sent(0));
  rooms.leave(3);
  EXPECT_TRUE(rooms.knows(3)) << "what is under way may still come";
  EXPECT_EQ(rooms.lacking(sent(2)), 2U) << "but is not waited for";
  EXPECT_TRUE(rooms.answered(sent(2)));
  EXPECT_FALSE(rooms.knows(3));
  ASSERT_EQ(rooms.size(), 1U);
  EXPECT_EQ(rooms.stream_at(0), 4U);
}

TEST(ClientRooms, AreAnsweredInTheOrderOfTheRequests) {
  ClientRooms rooms;
  rooms.join({3});
  rooms.leave(3);
  EXPECT_TRUE(rooms.answered(sent(0)));
  EXPECT_TRUE(rooms.knows(3));
  EXPECT_FALSE(rooms.is_settled());
  EXPECT_TRUE(rooms.answered(sent(0)));
  EXPECT_FALSE(rooms.knows(3));
  EXPECT_FALSE(rooms.answered(sent(0))) << "nothing was asked";
}

}  // namespace
}  // namespace hearth::load
