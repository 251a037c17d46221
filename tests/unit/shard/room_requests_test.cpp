#include "shard/room_requests.hpp"

#include "support/coroutines.hpp"
#include "unit/shard/parts.hpp"

#include <gmock/gmock.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace hearth::shard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

RoomDecisions all(const ValidateRoomRequest& request) {
  return std::vector<std::string>(request.rooms.begin(), request.rooms.end());
}

Options allowing(Handler<RoomDecisions, ValidateRoomRequest> handler) {
  Options options;
  options.validate_room = std::move(handler);
  return options;
}

TEST(Join, EntersWhatIsAllowedAndSaysWhatIsNot) {
  Parts parts(allowing([](const ValidateRoomRequest&) { return RoomDecisions({"a", "unasked"}); }));
  hub::Client& client = parts.client();
  parts.rooms.join(client, Parts::envelope("join", R"({"rooms":["a","b","ws:x",7,""]})", R"("1")"));
  EXPECT_THAT(parts.outlet.take(),
              ElementsAre(R"({"event":"error","data":{"message":"Room refused","code":200,"rooms":["ws:x",7,"","b"]},)"
                          R"("id":"1"})"));
  EXPECT_TRUE(parts.hub.is_member(client, "a"));
  EXPECT_TRUE(parts.hub.is_member(client, "unasked"));
  EXPECT_FALSE(parts.hub.is_member(client, "b"));
}

TEST(Join, WithoutAnIdNothingIsSaid) {
  Parts parts(allowing(all));
  parts.rooms.join(parts.client(), Parts::envelope("join", R"({"rooms":["a","ws:x"]})"));
  EXPECT_THAT(parts.outlet.take(), IsEmpty());
}

TEST(Join, ReasonsThatDifferAreToldOneByOne) {
  Parts parts(allowing([](const ValidateRoomRequest&) {
    RoomDecisions decisions({"a"});
    decisions.refused = {{"b", RoomRefusal::unavailable}, {"c", RoomRefusal::refused}};
    return decisions;
  }));
  parts.rooms.join(parts.client(), Parts::envelope("join", R"({"rooms":["b","a","c"]})", R"("1")"));
  EXPECT_THAT(parts.outlet.take(), ElementsAre(R"({"event":"error","data":{"message":"Room check unavailable",)"
                                               R"("code":205,"rooms":["b","c"],"codes":[205,200]},"id":"1"})"));
}

TEST(Join, AHandlerThatThrowsLetsNobodyIn) {
  for (const bool is_unavailable : {false, true}) {
    Parts parts(allowing([&](const ValidateRoomRequest&) -> RoomDecisions {
      if (is_unavailable) throw Unavailable();
      throw std::runtime_error("broken");
    }));
    hub::Client& client = parts.client();
    parts.rooms.join(client, Parts::envelope("join", R"({"rooms":["a"]})", R"("1")"));
    EXPECT_THAT(parts.outlet.take(), ElementsAre(HasSubstr(is_unavailable ? R"("code":205)" : R"("code":201)")));
    EXPECT_FALSE(parts.hub.is_member(client, "a"));
  }
}

TEST(Join, TheRoomsOfOthersIdsAreRefusedUnlessTheApplicationNamesItsRoomsSo) {
  for (const bool allowed : {false, true}) {
    Options options = allowing(all);
    options.rooms_like_client_ids = allowed;
    Parts parts(std::move(options));
    hub::Client& client = parts.client();
    const std::string others = parts.client().id.str();
    const std::string own = client.id.str();
    parts.rooms.join(client, Parts::envelope("join", R"({"rooms":[")" + others + R"(",")" + own + R"("]})", R"("1")"));
    EXPECT_EQ(parts.hub.is_member(client, others), allowed);
    EXPECT_TRUE(parts.hub.is_member(client, own));
  }
}

TEST(Join, ANameWithALoneSurrogateIsNoName) {
  Parts parts(allowing(all));
  hub::Client& client = parts.client();
  parts.rooms.join(client, Parts::envelope("join", R"({"rooms":["a\ud800","\udc00\ud83d","\ud83d\ude00"]})", R"("1")"));
  EXPECT_THAT(parts.outlet.take(), ElementsAre(HasSubstr(R"("rooms":["a\ud800","\udc00\ud83d"])")));
  EXPECT_EQ(client.memberships.size(), 1U);
}

TEST(Join, ACoroutineKeepsTheClientBusyUntilItIsDone) {
  Parts parts(allowing(test::as_coroutine<RoomDecisions, ValidateRoomRequest>(all, std::chrono::milliseconds(0))));
  hub::Client& client = parts.client();
  parts.rooms.join(client, Parts::envelope("join", R"({"rooms":["a"]})", R"("1")"));
  EXPECT_TRUE(client.busy);
  EXPECT_THAT(parts.outlet.take(), IsEmpty());
  while (client.busy) parts.run();
  EXPECT_THAT(parts.outlet.take(), ElementsAre(R"({"event":"ack","data":{"rooms":["a"]},"id":"1"})"));
}

TEST(Join, APairAsksTheCoroutineOnlyWhenThePlainFunctionPasses) {
  int asked = 0;
  Options options;
  options.validate_room = {[](const ValidateRoomRequest& request) -> Decision<RoomDecisions> {
                             if (request.rooms.front() == "known") return all(request);
                             return pass;
                           },
                           [&asked](const ValidateRoomRequest& request) -> Awaitable<RoomDecisions> {
                             ++asked;
                             co_return all(request);
                           }};
  Parts parts(std::move(options));
  hub::Client& client = parts.client();
  parts.rooms.join(client, Parts::envelope("join", R"({"rooms":["known"]})", R"("1")"));
  EXPECT_THAT(parts.outlet.take(), ElementsAre(R"({"event":"ack","data":{"rooms":["known"]},"id":"1"})"));
  EXPECT_EQ(asked, 0);
  parts.rooms.join(client, Parts::envelope("join", R"({"rooms":["other"]})", R"("2")"));
  while (client.busy) parts.run();
  EXPECT_THAT(parts.outlet.take(), ElementsAre(R"({"event":"ack","data":{"rooms":["other"]},"id":"2"})"));
  EXPECT_EQ(asked, 1);
}

TEST(Leave, SaysWhatWasLeft) {
  Parts parts(allowing(all));
  hub::Client& client = parts.client();
  parts.hub.join(client, "a");
  parts.rooms.leave(client, Parts::envelope("leave", R"({"rooms":["a","b",7]})", R"("1")"));
  EXPECT_THAT(parts.outlet.take(), ElementsAre(R"({"event":"ack","data":{"rooms":["a"]},"id":"1"})"));
  EXPECT_FALSE(parts.hub.is_member(client, "a"));
}

TEST(Publish, MembersMayAndOthersNot) {
  Parts parts(Options{});
  hub::Client& client = parts.client("ann");
  parts.hub.join(client, "tea");
  parts.rooms.publish(client,
                      Parts::envelope("publish", R"({"room":"t\u0065a","event":"n\u0065ws","data":[1]})", "\"1\""));
  EXPECT_THAT(parts.published, ElementsAre(R"(tea news {"event":"n\u0065ws","data":[1],"from":{"id":")" +
                                           client.id.str() + R"(","userId":"ann"}})"));
  EXPECT_THAT(parts.outlet.take(), ElementsAre(R"({"event":"ack","data":{"rooms":["t\u0065a"]},"id":"1"})"));
  parts.rooms.publish(client, Parts::envelope("publish", R"({"room":"coffee","event":"news"})", R"("2")"));
  parts.rooms.publish(client, Parts::envelope("publish", R"({"room":"tea","event":"join"})", R"("3")"));
  parts.rooms.publish(client, Parts::envelope("publish", R"({"room":"tea","event":""})", R"("4")"));
  EXPECT_THAT(parts.outlet.take(),
              ElementsAre(HasSubstr(R"("code":202)"), HasSubstr(R"("code":105)"), HasSubstr(R"("code":100)")));
  EXPECT_EQ(parts.published.size(), 1U);
}

TEST(Publish, TheSenderMayLeaveItselfOut) {
  Parts parts(Options{});
  hub::Client& client = parts.client();
  parts.hub.join(client, "tea");
  parts.rooms.publish(client, Parts::envelope("publish", R"({"room":"tea","event":"e","echo":false})"));
  EXPECT_THAT(parts.published, ElementsAre(testing::EndsWith(" not to the sender")));
  EXPECT_THAT(parts.outlet.take(), IsEmpty());
}

TEST(Publish, DefaultRoomsAreForTheApplicationUnlessItSaysOtherwise) {
  for (const bool allowed : {false, true}) {
    Options options;
    options.publish_to_default_rooms = allowed;
    Parts parts(std::move(options));
    hub::Client& client = parts.client();
    parts.hub.join(client, "ws-default");
    parts.rooms.publish(client, Parts::envelope("publish", R"({"room":"ws-default","event":"e"})", R"("1")"));
    EXPECT_EQ(parts.published.size(), allowed ? 1U : 0U);
    EXPECT_THAT(parts.outlet.take(), ElementsAre(HasSubstr(allowed ? R"("event":"ack")" : R"("code":203)")));
  }
}

TEST(Publish, TheHandlerDecidesForMembersAndOthers) {
  std::vector<bool> asked;
  Options options;
  options.publish = [&](const PublishRequest& request) -> PublishDecision {
    asked.push_back(request.is_member);
    if (request.event == "allow") return PublishDecision::allow();
    if (request.event == "replace") return PublishDecision::replace(R"({"by":"us"})");
    if (request.event == "member") return PublishDecision::not_member();
    if (request.event == "later") throw Unavailable();
    if (request.event == "broken") throw std::runtime_error("broken");
    return PublishDecision::refuse();
  };
  Parts parts(std::move(options));
  hub::Client& client = parts.client();
  parts.hub.join(client, "tea");
  const auto publish = [&](std::string_view event, std::string_view room) {
    parts.rooms.publish(client, Parts::envelope("publish",
                                                R"({"room":")" + std::string(room) + R"(","event":")" +
                                                    std::string(event) + R"(","data":1})",
                                                R"("1")"));
    const auto answers = parts.outlet.take();
    return answers.empty() ? std::string() : answers.front();
  };
  EXPECT_THAT(publish("allow", "coffee"), HasSubstr("ack"));
  EXPECT_THAT(publish("replace", "tea"), HasSubstr("ack"));
  EXPECT_THAT(publish("member", "coffee"), HasSubstr(R"("code":202)"));
  EXPECT_THAT(publish("later", "tea"), HasSubstr(R"("code":113)"));
  EXPECT_THAT(publish("broken", "tea"), HasSubstr(R"("code":203)"));
  EXPECT_THAT(publish("no", "tea"), HasSubstr(R"("code":203)"));
  EXPECT_THAT(publish("no", "ws:x"), HasSubstr(R"("code":203)"));  // a name that nobody is asked about
  EXPECT_THAT(asked, ElementsAre(false, true, false, true, true, true));
  EXPECT_THAT(parts.published, ElementsAre(HasSubstr(R"("data":1)"), HasSubstr(R"("data":{"by":"us"})")));
}

TEST(Publish, WhatACoroutineDecidesIsPublishedAsItCame) {
  Options options;
  options.publish = [](const PublishRequest&) -> Awaitable<PublishDecision> { co_return PublishDecision::allow(); };
  Parts parts(std::move(options));
  hub::Client& client = parts.client();
  {
    const std::string data = R"({"room":"tea","event":"\u0065","data": [1, 2] })";
    parts.rooms.publish(client, Parts::envelope("publish", data, R"("1")"));
  }
  EXPECT_TRUE(client.busy);
  while (client.busy) parts.run();
  EXPECT_THAT(parts.published, ElementsAre(HasSubstr(R"(tea e {"event":"\u0065","data":[1, 2],)")));
}

}  // namespace
}  // namespace hearth::shard
