#include "hub/hub.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::hub {
namespace {

class HubTest : public testing::Test {
 protected:
  Client& add() {
    clients_.push_back(std::make_unique<Client>(ids_.next(), net::TimePoint{}));
    Client& client = *clients_.back();
    client.in_own_room = true;
    hub_.add(client);
    return client;
  }

  std::multiset<const Client*> members(std::string_view room) const {
    std::multiset<const Client*> found;
    hub_.for_each_in_room(room, [&](const Client& client) { found.insert(&client); });
    return found;
  }

  std::multiset<const Client*> of_user(std::string_view user) const {
    std::multiset<const Client*> found;
    hub_.for_each_of_user(user, [&](const Client& client) { found.insert(&client); });
    return found;
  }

  protocol::ClientIdSource ids_{0};
  std::vector<std::unique_ptr<Client>> clients_;  // outlive the hub, whose users link them
  Hub hub_;
};

using Clients = std::multiset<const Client*>;

TEST_F(HubTest, FindsClientsByIdAndByItsText) {
  Client& a = add();
  EXPECT_EQ(hub_.find(a.id), &a);
  EXPECT_EQ(hub_.find(a.id.str()), &a);
  EXPECT_TRUE(hub_.knows(a.id));
  EXPECT_EQ(hub_.find("not an id"), nullptr);
  hub_.remove(a);
  EXPECT_EQ(hub_.find(a.id), nullptr);
  EXPECT_FALSE(hub_.knows(a.id));
}

TEST_F(HubTest, JoiningTwiceIsOnce) {
  Client& a = add();
  EXPECT_TRUE(hub_.join(a, "r"));
  EXPECT_FALSE(hub_.join(a, "r"));
  EXPECT_EQ(members("r"), Clients{&a});
  EXPECT_TRUE(hub_.leave(a, "r"));
  EXPECT_FALSE(hub_.leave(a, "r"));
  EXPECT_FALSE(hub_.for_each_in_room("r", [](const Client&) {}));
}

TEST_F(HubTest, EveryClientIsInTheRoomOfItsOwnIdUntilItLeavesIt) {
  Client& a = add();
  const std::string own = a.id.str();
  EXPECT_EQ(members(own), Clients{&a});
  EXPECT_TRUE(hub_.is_member(a, own));
  EXPECT_EQ(hub_.rooms_of(a), std::vector<std::string>{own});
  EXPECT_TRUE(hub_.leave(a, own));
  EXPECT_EQ(members(own), Clients{});
  EXPECT_FALSE(hub_.is_member(a, own));
  EXPECT_TRUE(hub_.join(a, own));
  EXPECT_EQ(members(own), Clients{&a});
}

TEST_F(HubTest, ARoomOfAnothersIdIsNotTheOwn) {
  Client& a = add();
  Client& b = add();
  EXPECT_FALSE(hub_.is_member(a, b.id.str()));
  EXPECT_FALSE(hub_.leave(a, b.id.str()));
  EXPECT_TRUE(hub_.is_member(a, a.id.str()));
  EXPECT_EQ(members(b.id.str()), Clients{&b});
}

TEST_F(HubTest, OthersMayJoinTheRoomOfAClientsId) {
  Client& a = add();
  Client& b = add();
  hub_.join(b, a.id.str());
  EXPECT_EQ(members(a.id.str()), (Clients{&a, &b}));
  hub_.remove(a);
  EXPECT_EQ(members(a.id.str()), Clients{&b});
}

TEST_F(HubTest, UsersHaveTheirClientsUntilTheLastIsGone) {
  Client& a = add();
  Client& b = add();
  hub_.assign_user(a, "ann");
  hub_.assign_user(b, "ann");
  EXPECT_EQ(of_user("ann"), (Clients{&a, &b}));
  hub_.remove(a);
  EXPECT_EQ(of_user("ann"), Clients{&b});
  hub_.remove(b);
  EXPECT_FALSE(hub_.for_each_of_user("ann", [](const Client&) {}));
}

struct Crowd {
  int clients;
  int rooms;
};

class HubWithCrowd : public HubTest, public testing::WithParamInterface<Crowd> {};

// A client's memberships are searched one by one while they are few, and through an index when they are many.
INSTANTIATE_TEST_SUITE_P(Of, HubWithCrowd, testing::Values(Crowd{60, 12}, Crowd{6, 300}),
                         [](const auto& test) { return std::to_string(test.param.rooms).append("Rooms"); });

// The lists on both sides refer to each other, and every removal moves others: compared with plain sets.
TEST_P(HubWithCrowd, MembershipsStayRightUnderRandomJoiningLeavingAndGoing) {
  const auto [clients, rooms] = GetParam();
  std::mt19937 random(20260101);
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  const auto name = [](int number) { return std::string("room ").append(std::to_string(number)); };
  std::vector<Client*> alive;
  for (int i = 0; i < clients; ++i) alive.push_back(&add());
  std::vector<Clients> expected(static_cast<std::size_t>(rooms));
  std::size_t most = 0;
  for (int step = 0; step < 20'000; ++step) {
    Client*& client = alive[static_cast<std::size_t>(pick(clients))];
    const int number = pick(rooms);
    Clients& in_room = expected[static_cast<std::size_t>(number)];
    const int action = pick(20 * rooms);
    if (action < 5) {
      hub_.remove(*client);
      ASSERT_TRUE(client->memberships.empty());
      for (Clients& room_members : expected) room_members.erase(client);
      client = &add();
    } else if (action < 12 * rooms) {
      ASSERT_EQ(hub_.join(*client, name(number)), !in_room.contains(client));
      if (!in_room.contains(client)) in_room.insert(client);
    } else {
      ASSERT_EQ(hub_.leave(*client, name(number)), in_room.erase(client) == 1);
    }
    ASSERT_EQ(members(name(number)), in_room);
    ASSERT_EQ(hub_.is_member(*client, name(number)), in_room.contains(client));
    most = std::max(most, client->memberships.size());
  }
  EXPECT_GT(most, static_cast<std::size_t>(rooms) / 2);
  for (int i = 0; i < rooms; ++i) EXPECT_EQ(members(name(i)), expected[static_cast<std::size_t>(i)]);
}

/// Notes who with a cursor leaves, by place.
struct NotingMemory final : Memory {
  explicit NotingMemory(std::vector<std::size_t>& its_left) : Memory(false), left(its_left) {}
  void cursor_leaves(std::size_t place) override { left.push_back(place); }
  std::vector<std::size_t>& left;
};

struct OneMemory final : Memories {
  std::unique_ptr<Memory> memory_of(Room& room) override {
    if (room.name != "tea") return nullptr;
    return std::make_unique<NotingMemory>(left);
  }
  bool retire(Room& /*room*/) override { return is_retired; }
  std::vector<std::size_t> left;
  bool is_retired = false;
};

class HubMemoryTest : public testing::Test {
 protected:
  Client& join() {
    clients_.push_back(std::make_unique<Client>(ids_.next(), net::TimePoint{}));
    hub_.add(*clients_.back());
    hub_.join(*clients_.back(), "tea");
    return *clients_.back();
  }
  Room& tea() { return *hub_.find_room("tea"); }
  void give_cursor(Client& client) {
    const auto moved = [this](Client* member, std::size_t place) {
      member->memberships.move(*member->memberships.find(&tea()), place);
    };
    tea().memory->parts.give_cursor(tea().members, place_of(client), moved);
  }
  std::size_t place_of(const Client& client) { return client.memberships[*client.memberships.find(&tea())].place; }

  OneMemory memories_;
  protocol::ClientIdSource ids_{0};
  std::vector<std::unique_ptr<Client>> clients_;
  Hub hub_{nullptr, &memories_};
};

TEST_F(HubMemoryTest, SomeRoomsHaveOne) {
  Client& client = join();
  hub_.join(client, "plain");
  EXPECT_NE(tea().memory, nullptr);
  EXPECT_EQ(hub_.find_room("plain")->memory, nullptr);
  EXPECT_EQ(hub_.find_room("nobody's"), nullptr);
}

TEST_F(HubMemoryTest, IsMadeAnewIfItIsToGoWhenRulesChange) {
  give_cursor(join());
  hub_.rules_changed();
  EXPECT_EQ(tea().memory->parts.cursors(), 1U);
  memories_.is_retired = true;
  hub_.rules_changed();
  ASSERT_NE(tea().memory, nullptr);
  EXPECT_EQ(tea().memory->parts.cursors(), 0U);
  EXPECT_TRUE(tea().memory->parts.is_plain(0));
}

TEST_F(HubMemoryTest, MembersThatLeaveKeepThePartsWhole) {
  Client& plain = join();
  Client& one = join();
  Client& two = join();
  Client& other = join();
  give_cursor(one);
  give_cursor(two);
  EXPECT_EQ(place_of(one), 0U);
  EXPECT_EQ(place_of(two), 1U);
  hub_.leave(one, "tea");
  EXPECT_EQ(memories_.left, std::vector<std::size_t>{0});
  EXPECT_EQ(place_of(two), 0U);
  EXPECT_EQ(tea().memory->parts.cursors(), 1U);
  hub_.leave(plain, "tea");
  EXPECT_EQ(memories_.left.size(), 1U) << "one without a cursor";
  ASSERT_EQ(tea().members.size(), 2U);
  EXPECT_EQ(tea().members[place_of(two)], &two);
  EXPECT_EQ(tea().members[place_of(other)], &other);
  hub_.remove(two);
  EXPECT_EQ(memories_.left.size(), 2U);
  hub_.remove(other);
  EXPECT_EQ(hub_.find_room("tea"), nullptr);
}

}  // namespace
}  // namespace hearth::hub
