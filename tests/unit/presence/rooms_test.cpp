#include "presence/rooms.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::presence {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

ClientId id(std::uint8_t number) {
  ClientId id;
  id.bytes[15] = number;
  return id;
}

const std::string kFirst = "\"" + id(1).str() + "\"";
const std::string kSecond = "\"" + id(2).str() + "\"";

/// What was said: `<shard>: <data>`, with whom it is for if it is for one.
struct Said final : Sink {
  void tell(std::uint8_t shard, const std::string& room, const TextPtr& text) override {
    all.push_back(std::to_string(shard) + ' ' + room + ": " + *text);
  }
  void show(std::uint8_t shard, const std::string& room, const ClientId& client, const TextPtr& text) override {
    all.push_back(std::to_string(shard) + ' ' + room + " #" + std::to_string(client.bytes[15]) + ": " + *text);
  }
  void answer(std::uint8_t shard, const ClientId& client, const std::string& id_json, const TextPtr& text) override {
    all.push_back(std::to_string(shard) + " #" + std::to_string(client.bytes[15]) + ' ' + id_json + ": " +
                  (text ? *text : "none"));
  }
  std::vector<std::string> take() { return std::exchange(all, {}); }

  std::vector<std::string> all;
};

struct PresenceRooms : testing::Test {
  void join(std::uint8_t number, std::string user = {}, std::string info = {}, std::uint8_t shard = 0) {
    rooms.take(shard,
               {.kind = Note::Kind::joined,
                .room = "tea",
                .rule = rule,
                .member = std::make_shared<const Member>(Member{id(number), std::move(user), std::move(info)})},
               now);
  }
  void note(Note::Kind kind, std::uint8_t number, std::uint8_t shard = 0) {
    rooms.take(shard, {.kind = kind, .room = "tea", .client = id(number)}, now);
  }
  void advance(std::chrono::milliseconds time) {
    now += time;
    rooms.advance(now);
  }

  Said said;
  TimePoint now{1h};
  Rooms rooms{said, {}, now};
  std::shared_ptr<RoomRule> rule = std::make_shared<RoomRule>(RoomRule{.presence = RoomPresence::members});
};

TEST_F(PresenceRooms, WhoWatchesIsShownEverybodyAndThenToldWhatChanges) {
  join(1, "ann", R"({"name":"Ann"})");
  note(Note::Kind::watch, 1);
  EXPECT_THAT(said.take(),
              ElementsAre(R"(0 tea #1: {"room":"tea","version":2,"clients":1,"users":1,"members":[{"id":)" + kFirst +
                          R"(,"userId":"ann","info":{"name":"Ann"}}]})"));
  join(2, "", "", 1);
  EXPECT_EQ(rooms.next_deadline(), now + 100ms);
  advance(99ms);
  EXPECT_THAT(said.take(), IsEmpty());
  advance(1ms);
  EXPECT_THAT(said.take(), ElementsAre(R"(0 tea: {"room":"tea","version":3,"clients":2,"users":1,"joined":[{"id":)" +
                                       kSecond + "}]}"));
  note(Note::Kind::watch, 2, 1);
  said.take();
  note(Note::Kind::left, 1);
  advance(100ms);
  const std::string left = R"(tea: {"room":"tea","version":4,"clients":1,"users":0,"left":[)" + kFirst + "]}";
  EXPECT_THAT(said.take(), ElementsAre("0 " + left, "1 " + left));
}

TEST_F(PresenceRooms, WhoComesToWatchIsShownWhatTheOthersWereTold) {
  join(1);
  note(Note::Kind::watch, 1);
  join(2);
  said.take();
  note(Note::Kind::watch, 2);
  EXPECT_THAT(
      said.take(),
      ElementsAre(R"(0 tea #2: {"room":"tea","version":2,"clients":1,"users":0,"members":[{"id":)" + kFirst + "}]}"));
  advance(100ms);
  EXPECT_THAT(said.take(), ElementsAre(R"(0 tea: {"room":"tea","version":3,"clients":2,"users":0,"joined":[{"id":)" +
                                       kSecond + "}]}"));
}

TEST_F(PresenceRooms, ShardsWhereNobodyWatchesAreNotTold) {
  join(1);
  note(Note::Kind::watch, 1);
  note(Note::Kind::watch, 2, 1);
  note(Note::Kind::unwatch, 0, 1);
  said.take();
  join(3);
  advance(100ms);
  EXPECT_THAT(said.take(), ElementsAre(testing::StartsWith("0 tea: ")));
}

TEST_F(PresenceRooms, NumbersAreToldOnceASecond) {
  rule->presence = RoomPresence::count;
  join(1, "ann");
  note(Note::Kind::watch, 1);
  EXPECT_THAT(said.take(), ElementsAre(R"(0 tea #1: {"room":"tea","version":2,"clients":1,"users":1})"));
  join(2, "ann");
  advance(999ms);
  EXPECT_THAT(said.take(), IsEmpty());
  join(3, "ann");
  advance(1ms);
  EXPECT_THAT(said.take(), ElementsAre(R"(0 tea: {"room":"tea","version":3,"clients":3,"users":1})"));
}

TEST_F(PresenceRooms, AtMostSoOftenAlsoWhereLeavesAreHeldBack) {
  rule->presence_grace = 1s;
  for (std::uint8_t i = 1; i <= 3; ++i) join(i);
  note(Note::Kind::watch, 1);
  said.take();
  note(Note::Kind::left, 2);
  advance(50ms);
  note(Note::Kind::left, 3);
  advance(950ms);
  EXPECT_EQ(said.take().size(), 1U);
  EXPECT_EQ(rooms.next_deadline(), now + 100ms);
  advance(50ms);
  EXPECT_THAT(said.take(), IsEmpty());
  advance(50ms);
  EXPECT_EQ(said.take().size(), 1U);
  EXPECT_FALSE(rooms.next_deadline());
}

TEST_F(PresenceRooms, QuestionsAreAnsweredWithEverybodyOrAPage) {
  rooms.take(0, {.kind = Note::Kind::ask, .room = "tea", .client = id(1), .id_json = "\"7\""}, now);
  EXPECT_THAT(said.take(), ElementsAre("0 #1 \"7\": none"));
  join(1);
  join(2);
  rooms.take(0, {.kind = Note::Kind::ask, .room = "tea", .client = id(1), .id_json = "\"7\""}, now);
  EXPECT_THAT(said.take(),
              ElementsAre(R"(0 #1 "7": {"room":"tea","version":2,"clients":2,"users":0,"members":[{"id":)" + kFirst +
                          R"(},{"id":)" + kSecond + "}]}"));
  rooms.take(0, {.kind = Note::Kind::ask, .room = "tea", .client = id(1), .id_json = "7", .page = Page{{}, 1}}, now);
  EXPECT_THAT(said.take(), ElementsAre(R"(0 #1 7: {"room":"tea","version":2,"clients":2,"users":0,"members":[{"id":)" +
                                       kFirst + R"(}],"next":)" + kFirst + "}"));
  std::vector<Picture> pictures;
  const auto told = [&](const Picture& picture, bool is_stale) {
    EXPECT_FALSE(is_stale);
    pictures.push_back(picture);
  };
  rooms.ask("tea", *rule, {id(1), 10}, told, now);
  rooms.ask("milk", *rule, {}, told, now);
  ASSERT_EQ(pictures.size(), 2U);
  ASSERT_EQ(pictures[0].members.size(), 1U);
  EXPECT_EQ(pictures[0].members[0]->id, id(2));
  EXPECT_EQ(pictures[1].version, 0U);
}

TEST_F(PresenceRooms, WhatNobodyIsInIsForgotten) {
  join(1);
  note(Note::Kind::watch, 1);
  note(Note::Kind::unwatch, 1);
  note(Note::Kind::left, 1);
  EXPECT_EQ(rooms.size(), 0U);
  EXPECT_FALSE(rooms.next_deadline());
  note(Note::Kind::left, 1);
  note(Note::Kind::watch, 1);
  advance(1s);
  EXPECT_EQ(rooms.size(), 0U);
}

TEST_F(PresenceRooms, NamesAreQuoted) {
  rooms.take(0,
             {.kind = Note::Kind::joined,
              .room = "a\"b",
              .rule = rule,
              .member = std::make_shared<const Member>(Member{id(1), "x\n", {}})},
             now);
  rooms.take(0, {.kind = Note::Kind::watch, .room = "a\"b", .client = id(1)}, now);
  EXPECT_THAT(said.take(), ElementsAre(testing::HasSubstr(R"({"room":"a\"b","version":2)")));
}

}  // namespace
}  // namespace hearth::presence
