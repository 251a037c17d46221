#include "shard/listing.hpp"

#include "unit/shard/parts.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

namespace hearth::shard {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Options options() {
  Options options;
  options.identifier = "test";
  return options;
}

class Listing : public testing::Test {
 protected:
  std::vector<std::string> clients(const ClientQuery& query) {
    std::vector<std::string> ids;
    for (const hub::Client* client : list_clients(parts_.hub, query, {}, 1000).items) ids.push_back(client->id.str());
    return ids;
  }
  std::vector<RoomEntry> rooms(const RoomQuery& query) { return list_rooms(parts_.hub, query).items; }

  Parts parts_{options()};
};

TEST_F(Listing, PagesOfClientsGiveEachOnce) {
  std::vector<std::string> expected;
  for (int i = 0; i < 25; ++i) expected.push_back(parts_.client("ann").id.str());
  std::sort(expected.begin(), expected.end());
  std::vector<std::string> got;
  std::optional<protocol::ClientId> after;
  bool is_all = false;
  for (int page = 0; page < 3; ++page) {
    const auto listed = list_clients(parts_.hub, {}, after, 10);
    for (const hub::Client* client : listed.items) got.push_back(client->id.str());
    after = listed.items.back()->id;
    is_all = listed.is_all;
    EXPECT_EQ(is_all, page == 2);
  }
  EXPECT_EQ(got, expected);
}

TEST_F(Listing, FiltersOfClientsMustAllHold) {
  hub::Client& ann = parts_.client("ann");
  hub::Client& other_ann = parts_.client("ann");
  hub::Client& ben = parts_.client("ben");
  hub::Client& nobody = parts_.connect();
  parts_.hub.join(ann, "tea");
  parts_.hub.join(ben, "tea");
  EXPECT_THAT(clients({.user = "ann"}), UnorderedElementsAre(ann.id.str(), other_ann.id.str()));
  EXPECT_THAT(clients({.room = "tea"}), UnorderedElementsAre(ann.id.str(), ben.id.str()));
  EXPECT_THAT(clients({.user = "ann", .room = "tea"}), ElementsAre(ann.id.str()));
  EXPECT_THAT(clients({.room = ben.id.str()}), ElementsAre(ben.id.str()));
  EXPECT_THAT(clients({.state = ClientState::unauthorized}), ElementsAre(nobody.id.str()));
  EXPECT_THAT(clients({.user = "ann", .state = ClientState::unauthorized}), IsEmpty());
  EXPECT_THAT(clients({.user = "nobody"}), IsEmpty());
  EXPECT_THAT(clients({.address = "192.0.2.1"}), IsEmpty());
}

TEST_F(Listing, RoomsAreSortedAndPaged) {
  hub::Client& ann = parts_.client("ann");
  hub::Client& ben = parts_.client("ben");
  for (const char* room : {"c", "a", "b:2", "b:1", "d"}) parts_.hub.join(ann, room);
  parts_.hub.join(ben, "b:1");
  EXPECT_THAT(rooms({.limit = 2}), ElementsAre(RoomEntry{"a", 1}, RoomEntry{"b:1", 2}));
  EXPECT_FALSE(list_rooms(parts_.hub, {.limit = 2}).is_all);
  EXPECT_THAT(rooms({.after = "b:1", .limit = 10}),
              ElementsAre(RoomEntry{"b:2", 1}, RoomEntry{"c", 1}, RoomEntry{"d", 1}));
  EXPECT_TRUE(list_rooms(parts_.hub, {.after = "b:1", .limit = 3}).is_all);
  EXPECT_THAT(rooms({.prefix = "b:"}), ElementsAre(RoomEntry{"b:1", 2}, RoomEntry{"b:2", 1}));
  EXPECT_THAT(rooms({.user = "ben"}), ElementsAre(RoomEntry{"b:1", 2}));
  EXPECT_THAT(rooms({.prefix = "b:2", .user = "ben"}), IsEmpty());
}

TEST_F(Listing, LargestRoomsComeFirst) {
  std::vector<hub::Client*> members;
  for (int i = 0; i < 4; ++i) members.push_back(&parts_.client());
  for (std::size_t i = 0; i < members.size(); ++i) {
    for (std::size_t room = 0; room <= i; ++room) parts_.hub.join(*members[i], std::to_string(room));
  }
  auto largest = largest_rooms(parts_.hub, 2);
  ASSERT_EQ(largest.size(), 2U);
  EXPECT_EQ(largest[0].name, "0");
  EXPECT_EQ(largest[0].value, 4);
  EXPECT_EQ(largest[1].name, "1");
  EXPECT_EQ(largest[1].value, 3);
}

TEST_F(Listing, OfTheBusiestTheFirstAreKept) {
  std::vector<BusyEntry> entries{{"b", 1, 0}, {"a", 1, 0}, {"c", 3, 0}, {"d", 2, 0}};
  keep_busiest(entries, 3);
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[0].name, "c");
  EXPECT_EQ(entries[1].name, "d");
  EXPECT_EQ(entries[2].name, "a");
}

}  // namespace
}  // namespace hearth::shard
