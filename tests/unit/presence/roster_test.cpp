#include "presence/roster.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hearth::presence {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr TimePoint kStart{1h};

/// Ids in the order of their numbers.
ClientId id(unsigned number) {
  ClientId id;
  id.bytes[0] = static_cast<std::uint8_t>(number >> 8);
  id.bytes[1] = static_cast<std::uint8_t>(number);
  return id;
}

MemberPtr member(unsigned number, std::string user = {}) {
  return std::make_shared<const Member>(Member{id(number), std::move(user), {}});
}

std::vector<unsigned> numbers(const std::vector<MemberPtr>& members) {
  std::vector<unsigned> numbers;
  for (const MemberPtr& its : members) numbers.push_back(its->id.bytes[0] * 256U + its->id.bytes[1]);
  return numbers;
}

std::vector<unsigned> numbers(const std::vector<ClientId>& ids) {
  std::vector<unsigned> numbers;
  for (const ClientId& its : ids) numbers.push_back(its.bytes[0] * 256U + its.bytes[1]);
  return numbers;
}

TEST(PresenceRoster, TellsWhoHasComeAndGoneOnce) {
  Roster roster({});
  EXPECT_FALSE(roster.next(kStart));
  EXPECT_TRUE(roster.join(member(1, "ann")));
  EXPECT_TRUE(roster.join(member(2, "ann")));
  EXPECT_FALSE(roster.join(member(2, "ann")));
  auto change = roster.next(kStart);
  ASSERT_TRUE(change);
  EXPECT_EQ(change->version, 2U);
  EXPECT_EQ(change->counts, (Counts{2, 1}));
  EXPECT_THAT(numbers(change->joined), ElementsAre(1, 2));
  EXPECT_FALSE(roster.next(kStart));

  EXPECT_TRUE(roster.leave(id(1), kStart));
  EXPECT_FALSE(roster.leave(id(1), kStart));
  EXPECT_FALSE(roster.leave(id(7), kStart));
  roster.join(member(3));
  change = roster.next(kStart);
  ASSERT_TRUE(change);
  EXPECT_EQ(change->version, 3U);
  EXPECT_EQ(change->counts, (Counts{2, 1}));
  EXPECT_THAT(numbers(change->joined), ElementsAre(3));
  EXPECT_THAT(numbers(change->left), ElementsAre(1));
}

TEST(PresenceRoster, OfOneWhoComesAndGoesInBetweenNothingIsTold) {
  Roster roster({});
  roster.join(member(1));
  roster.next(kStart);
  roster.join(member(2));
  roster.leave(id(2), kStart);
  roster.leave(id(1), kStart);
  roster.join(member(1));
  EXPECT_FALSE(roster.next(kStart));
  EXPECT_EQ(roster.picture().version, 2U);
}

TEST(PresenceRoster, APictureIsOfWhatWasTold) {
  Roster roster({});
  roster.join(member(2));
  roster.join(member(1));
  roster.next(kStart);
  roster.join(member(3));
  roster.leave(id(1), kStart);
  const Picture picture = roster.picture();
  EXPECT_EQ(picture.version, 2U);
  EXPECT_EQ(picture.counts, (Counts{2, 0}));
  EXPECT_TRUE(picture.is_listed);
  EXPECT_THAT(numbers(picture.members), ElementsAre(1, 2));
  EXPECT_FALSE(picture.is_cut);
}

TEST(PresenceRoster, AfterTheGraceAndNotBeforeALeaveIsTold) {
  Roster roster({.grace = 10s});
  roster.join(member(1, "ann"));
  roster.join(member(2, "ben"));
  roster.next(kStart);
  roster.leave(id(1), kStart);
  roster.leave(id(2), kStart + 1s);
  EXPECT_FALSE(roster.next(kStart + 9999ms));
  EXPECT_EQ(roster.picture().counts, (Counts{2, 2}));
  EXPECT_EQ(roster.held_until(), kStart + 10s);
  const auto change = roster.next(kStart + 10s);
  ASSERT_TRUE(change);
  EXPECT_THAT(numbers(change->left), ElementsAre(1));
  EXPECT_EQ(change->counts, (Counts{1, 1}));
  EXPECT_EQ(roster.held_until(), kStart + 11s);
  EXPECT_TRUE(roster.is_empty());
}

TEST(PresenceRoster, AUserWhoIsBackWithinTheGraceIsAtNoMomentGone) {
  Roster roster({.grace = 10s});
  roster.join(member(1, "ann"));
  roster.next(kStart);
  roster.leave(id(1), kStart);
  EXPECT_FALSE(roster.next(kStart + 1s));
  roster.join(member(2, "ann"));
  const auto change = roster.next(kStart + 2s);
  ASSERT_TRUE(change);
  EXPECT_THAT(numbers(change->left), ElementsAre(1));
  EXPECT_THAT(numbers(change->joined), ElementsAre(2));
  EXPECT_EQ(change->counts, (Counts{1, 1}));
  EXPECT_FALSE(roster.held_until());
}

TEST(PresenceRoster, WhereOnlyNumbersAreToldNobodyIsNamed) {
  Roster roster({.lists = false});
  roster.join(member(1, "ann"));
  roster.join(member(2, "ben"));
  auto change = roster.next(kStart);
  ASSERT_TRUE(change);
  EXPECT_THAT(change->joined, IsEmpty());
  EXPECT_EQ(change->counts, (Counts{2, 2}));
  roster.leave(id(1), kStart);
  roster.join(member(3, "cid"));
  EXPECT_FALSE(roster.next(kStart)) << "the numbers are the same";
  EXPECT_FALSE(roster.picture().is_listed);
  EXPECT_FALSE(roster.page({}, 10).is_listed);
  EXPECT_THAT(roster.page({}, 10).members, IsEmpty());
}

TEST(PresenceRoster, PastTheLimitNumbersAloneAreToldUntilThereAreNineTenthsOfIt) {
  Roster roster({.limit = 10});
  for (unsigned i = 1; i <= 10; ++i) roster.join(member(i));
  EXPECT_THAT(roster.next(kStart)->joined, SizeIs(10));
  roster.join(member(11));
  auto change = roster.next(kStart);
  ASSERT_TRUE(change);
  EXPECT_TRUE(change->is_whole);
  EXPECT_FALSE(change->is_listed);
  EXPECT_EQ(change->version, 3U);
  EXPECT_EQ(change->counts.clients, 11U);
  EXPECT_FALSE(roster.next(kStart));
  EXPECT_FALSE(roster.picture().is_listed);

  roster.leave(id(11), kStart);
  change = roster.next(kStart);
  ASSERT_TRUE(change);
  EXPECT_FALSE(change->is_whole) << "10 are still too many";
  EXPECT_THAT(change->left, IsEmpty());
  roster.leave(id(1), kStart);
  change = roster.next(kStart);
  ASSERT_TRUE(change);
  EXPECT_TRUE(change->is_whole);
  EXPECT_TRUE(change->is_listed);
  EXPECT_EQ(change->version, 5U);
  EXPECT_THAT(numbers(change->joined), ElementsAre(2, 3, 4, 5, 6, 7, 8, 9, 10));
  EXPECT_FALSE(roster.next(kStart));
  EXPECT_THAT(roster.picture().members, SizeIs(9));
}

TEST(PresenceRoster, ManyChangesAreToldInPortions) {
  Roster roster({.limit = 5000});
  for (unsigned i = 0; i < 2500; ++i) roster.join(member(i));
  std::vector<std::size_t> portions;
  std::uint64_t version = 1;
  while (const auto change = roster.next(kStart)) {
    EXPECT_EQ(change->version, ++version);
    EXPECT_EQ(change->counts.clients, 2500U);
    portions.push_back(change->joined.size());
  }
  EXPECT_THAT(portions, ElementsAre(1000, 1000, 500));
  EXPECT_FALSE(roster.picture().is_listed) << "too many for a picture";
}

TEST(PresenceRoster, PagesFollowOneAnotherInTheOrderOfIds) {
  Roster roster({.limit = 5000});
  for (unsigned i = 0; i < 1500; ++i) roster.join(member(i));
  while (roster.next(kStart)) {
  }
  Picture page = roster.page({}, 2);
  EXPECT_THAT(numbers(page.members), ElementsAre(0, 1));
  EXPECT_TRUE(page.is_cut);
  page = roster.page(id(1), 5000);
  EXPECT_THAT(page.members, SizeIs(1000)) << "no more than a picture may have";
  EXPECT_TRUE(page.is_cut);
  page = roster.page(page.members.back()->id, 1000);
  EXPECT_THAT(page.members, SizeIs(498));
  EXPECT_FALSE(page.is_cut);
}

TEST(PresenceRoster, APageEndsWhereItWouldBeTooLarge) {
  Roster roster({});
  for (unsigned i = 0; i < 300; ++i) {
    roster.join(std::make_shared<const Member>(Member{id(i), {}, '"' + std::string(1000, 'x') + '"'}));
  }
  while (roster.next(kStart)) {
  }
  const Picture page = roster.page({}, 1000);
  EXPECT_TRUE(page.is_cut);
  EXPECT_THAT(page.members, SizeIs(Roster::kMostPageSize / (1000 + 2 + ClientId::kTextSize)));
  EXPECT_THAT(roster.picture().members, SizeIs(300));
}

}  // namespace
}  // namespace hearth::presence
