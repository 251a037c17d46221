#include "net/deadline_list.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace hearth::net {
namespace {

struct Tag;
struct Item : DeadlineHook<Tag> {
  explicit Item(int number) : n(number) {}
  int n;
};
using List = DeadlineList<Item, Tag>;

TimePoint at(int milliseconds) { return TimePoint(Millis(milliseconds)); }

TEST(DeadlineList, ExpiresInTheOrderOfAdding) {
  List list(Millis(100));
  Item a(1);
  Item b(2);
  list.add(a, at(0));
  list.add(b, at(10));
  EXPECT_EQ(list.expired(at(99)), nullptr);
  EXPECT_EQ(list.next(), at(100));
  EXPECT_EQ(list.expired(at(100)), &a);
  List::remove(a);
  EXPECT_EQ(list.expired(at(109)), nullptr);
  EXPECT_EQ(list.expired(at(110)), &b);
}

TEST(DeadlineList, AddingAgainStartsAnew) {
  List list(Millis(100));
  Item a(1);
  Item b(2);
  list.add(a, at(0));
  list.add(b, at(10));
  list.add(a, at(20));
  EXPECT_EQ(list.expired(at(110)), &b);
  EXPECT_EQ(a.deadline(), at(120));
}

TEST(DeadlineList, RenewingMovesOnlyWhatIsOffByASixteenth) {
  List list(Millis(1600));
  Item a(1);
  list.add(a, at(0));
  list.renew(a, at(99));
  EXPECT_EQ(a.deadline(), at(1600));
  list.renew(a, at(100));
  EXPECT_EQ(a.deadline(), at(1700));
}

TEST(DeadlineList, RenewingIsNeverOffByMoreThanASecond) {
  List list(Millis(3'600'000));
  Item a(1);
  list.add(a, at(0));
  list.renew(a, at(999));
  EXPECT_EQ(a.deadline(), at(3'600'000));
  list.renew(a, at(1000));
  EXPECT_EQ(a.deadline(), at(3'601'000));
}

TEST(DeadlineList, LengthZeroNeverExpires) {
  List list(Millis(0));
  Item a(1);
  list.add(a, at(0));
  list.renew(a, at(5));
  EXPECT_EQ(list.next(), std::nullopt);
  EXPECT_EQ(list.expired(at(1'000'000'000)), nullptr);
  EXPECT_FALSE(list.empty());
}

TEST(DeadlineList, ItemsMoveBetweenListsAndLeaveWhenDestroyed) {
  List first(Millis(10));
  List second(Millis(20));
  auto a = std::make_unique<Item>(1);
  first.add(*a, at(0));
  second.add(*a, at(0));
  EXPECT_TRUE(first.empty());
  EXPECT_EQ(second.expired(at(20)), a.get());
  a.reset();
  EXPECT_TRUE(second.empty());
}

}  // namespace
}  // namespace hearth::net
