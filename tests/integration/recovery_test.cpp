// docs/recovery.md.

#include "hearth/broker.hpp"
#include "support/mute_broker.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace hearth::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// For rooms of this name, and others that begin with it.
RoomRule rule(const std::string& name, std::uint32_t size) {
  RoomRule rule;
  rule.pattern = {name, name + "*"};
  rule.history_size = size;
  return rule;
}

Options remembering(std::vector<RoomRule> rules = {rule("tea", 1000), rule("cup", 3)}) {
  Options options;
  options.client_publish = true;
  options.validate_room = allow_all;
  options.room_rules = RoomRules(std::move(rules));
  return options;
}

boost::json::value data_of(const std::string& text) { return boost::json::parse(text).at("data"); }

/// Sends a `join` with positions, and takes its answer.
std::string join(TestClient& client, std::string_view rooms, std::string_view since) {
  client.send(R"({"event":"join","data":{"rooms":)" + std::string(rooms) + R"(,"since":)" + std::string(since) +
              R"(},"id":"j"})");
  return client.expect("ack");
}

/// The position in an answer.
boost::json::value position_of(const std::string& answer, std::string_view room = "tea") {
  return data_of(answer).at("positions").at(room);
}

std::string epoch_of(const std::string& answer, std::string_view room = "tea") {
  return std::string(position_of(answer, room).at("epoch").as_string());
}

std::string since(std::string_view room, std::string_view epoch, std::uint64_t offset) {
  return R"({")" + std::string(room) + R"(":{"epoch":")" + std::string(epoch) + R"(","offset":)" +
         std::to_string(offset) + "}}";
}

Json large() { return boost::json::value(std::string(20'000, 'x')); }

struct Recovery : testing::Test {
  /// Returns when the log has it.
  Appended publish(std::string_view room, int n, const PublishOptions& more = {}) {
    std::promise<Result<Appended>> done;
    server->publish(room, "news", n, more, [&](const Result<Appended>& appended) { done.set_value(appended); });
    return done.get_future().get().value();
  }
  void publish(std::string_view room, int first, int last) {
    for (int n = first; n <= last; ++n) publish(room, n);
  }

  /// Returns when members on the one shard have been passed on all up to this offset.
  void wait_for(std::int64_t offset) const {
    std::int64_t stands = -1;
    while (stands < offset) {
      TestClient client = server.client();
      stands = position_of(join(client, R"(["tea"])", R"({"tea":null})")).at("offset").as_int64();
    }
  }

  TestServer server;
};

std::string news(int n, std::uint64_t offset, std::string_view more = {}) {
  return R"({"event":"news","data":)" + std::to_string(n) + R"(,"room":"tea","offset":)" + std::to_string(offset) +
         std::string(more) + "}";
}

TEST_F(Recovery, WhoAsksIsToldWhereItStands) {
  server.start(remembering());
  TestClient client = server.client();
  const std::string answer = join(client, R"(["tea"])", R"({"tea":null})");
  EXPECT_EQ(answer, R"({"event":"ack","data":{"rooms":["tea"],"positions":{"tea":{"epoch":")" + epoch_of(answer) +
                        R"(","offset":0,"top":0}}},"id":"j"})");
  EXPECT_EQ(epoch_of(answer).size(), 8U);
}

TEST_F(Recovery, PublicationsHaveTheirPlace) {
  server.start(remembering());
  TestClient client = server.client();
  const std::string epoch = epoch_of(join(client, R"(["tea"])", R"({"tea":null})"));
  publish("tea", 7);
  const Appended second = publish("tea", 8);
  EXPECT_EQ(client.next(), news(7, 1, R"(,"epoch":")" + epoch + '"')) << "the epoch once, for it is new to a live room";
  EXPECT_EQ(client.next(), news(8, 2));
  EXPECT_EQ(second.position.offset, 2U);
  EXPECT_EQ(second.position.epoch.str(), epoch);
}

TEST_F(Recovery, WhoComesBackGetsWhatItMissed) {
  server.start(remembering());
  std::string epoch;
  {
    TestClient client = server.client();
    epoch = epoch_of(join(client, R"(["tea"])", R"({"tea":null})"));
    publish("tea", 1, 2);
    client.expect("news");
    client.expect("news");
    client.drop(true);
  }
  publish("tea", 3, 5);
  TestClient client = server.client();
  const std::string answer = join(client, R"(["tea"])", since("tea", epoch, 2));
  EXPECT_THAT(answer,
              HasSubstr(R"("positions":{"tea":{"recovered":true,"epoch":")" + epoch + R"(","offset":2,"top":5}})"));
  EXPECT_EQ(client.next(), news(3, 3));
  EXPECT_EQ(client.next(), news(4, 4));
  EXPECT_EQ(client.next(), news(5, 5));
  publish("tea", 6);
  EXPECT_THAT(client.next(), HasSubstr(R"("offset":6)"));
  EXPECT_THAT(client.rest(), IsEmpty());
}

TEST_F(Recovery, WhatIsNotKeptAnyMoreIsToldTrimmed) {
  server.start(remembering());
  TestClient first = server.client();
  const std::string epoch = epoch_of(join(first, R"(["cup"])", R"({"cup":null})"), "cup");
  publish("cup", 1, 8);
  TestClient late = server.client();
  const std::string answer = join(late, R"(["cup"])", since("cup", epoch, 2));
  EXPECT_EQ(position_of(answer, "cup"), boost::json::parse(R"({"recovered":false,"reason":"trimmed","epoch":")" +
                                                           epoch + R"(","offset":8,"top":8})"));
  EXPECT_THAT(late.rest(), IsEmpty());
  TestClient near = server.client();
  EXPECT_THAT(join(near, R"(["cup"])", since("cup", epoch, 5)), HasSubstr(R"("recovered":true)"));
  EXPECT_THAT(near.next(), HasSubstr(R"("offset":6)"));
}

TEST_F(Recovery, AnotherLogIsToldByItsEpoch) {
  server.start(remembering());
  publish("tea", 1, 2);
  TestClient client = server.client();
  const std::string answer = join(client, R"(["tea"])", since("tea", "AAAAAAAB", 1));
  EXPECT_EQ(position_of(answer).at("recovered"), false);
  EXPECT_EQ(position_of(answer).at("reason"), "epoch");
  EXPECT_EQ(position_of(answer).at("offset"), 2);
  EXPECT_THAT(client.rest(), IsEmpty());
}

TEST_F(Recovery, APositionPastTheEndIsRolledBack) {
  server.start(remembering());
  publish("tea", 1, 2);
  TestClient first = server.client();
  const std::string epoch = epoch_of(join(first, R"(["tea"])", R"({"tea":null})"));
  TestClient client = server.client();
  const std::string answer = join(client, R"(["tea"])", since("tea", epoch, 9));
  EXPECT_EQ(position_of(answer).at("reason"), "rolled_back");
  EXPECT_EQ(position_of(answer).at("offset"), 2);
}

TEST_F(Recovery, TheLastThatAreKeptMayBeAskedFor) {
  server.start(remembering());
  publish("tea", 1, 5);
  TestClient client = server.client();
  const std::string answer = join(client, R"(["tea"])", R"({"tea":{"last":2}})");
  EXPECT_EQ(position_of(answer).at("offset"), 3);
  EXPECT_EQ(position_of(answer).at("top"), 5);
  EXPECT_EQ(client.next(), news(4, 4));
  EXPECT_EQ(client.next(), news(5, 5));
  TestClient all = server.client();
  publish("cup", 1, 5);
  EXPECT_EQ(position_of(join(all, R"(["cup"])", R"({"cup":{"last":1000}})"), "cup").at("offset"), 2)
      << "those that are kept";
}

TEST_F(Recovery, TheAnswerComesBeforeWhatFollowsIt) {
  server.start(remembering());
  publish("tea1", 1, 3);
  publish("tea2", 1, 3);
  TestClient client = server.client();
  client.send(
      R"({"event":"join","data":{"rooms":["tea1","plain","tea2"],"since":{"tea1":{"last":9},"plain":null,"tea2":{"last":9}}},"id":"j"})");
  const std::string answer = client.next();
  EXPECT_THAT(answer, HasSubstr(R"("rooms":["tea1","plain","tea2"],"positions":{"tea1":{)"));
  EXPECT_THAT(answer, HasSubstr(R"("plain":null,"tea2":{)"));
  for (int i = 0; i < 6; ++i) client.expect("news");
  EXPECT_THAT(client.rest(), IsEmpty());
}

TEST_F(Recovery, PlainMembersGetWhatTheyAlwaysGot) {
  server.start(remembering());
  TestClient client = server.client();
  client.join("tea");
  TestClient ada = server.client("ada");
  join(ada, R"(["tea"])", R"({"tea":null})");
  publish("tea", 7);
  EXPECT_EQ(client.next(), R"({"event":"news","data":7})");
  ada.send(R"({"event":"publish","data":{"room":"tea","event":"say","data":"hi"}})");
  EXPECT_EQ(client.next(), R"({"event":"say","data":"hi","from":{"id":")" + ada.id() + R"(","userId":"ada"}})");
}

TEST_F(Recovery, AMemberMayAskLater) {
  server.start(remembering());
  TestClient client = server.client();
  client.join("tea");
  publish("tea", 1);
  EXPECT_EQ(client.next(), R"({"event":"news","data":1})");
  EXPECT_EQ(position_of(join(client, R"(["tea"])", R"({"tea":null})")).at("offset"), 1);
  publish("tea", 2);
  EXPECT_THAT(client.next(), HasSubstr(R"("room":"tea","offset":2)"));
}

TEST_F(Recovery, AJoinThatIsRefusedInPartTellsOfTheRest) {
  Options options = remembering();
  options.validate_room = [](const ValidateRoomRequest&) { return RoomDecisions({"tea"}); };
  server.start(std::move(options));
  TestClient client = server.client();
  client.send(R"({"event":"join","data":{"rooms":["tea","other"],"since":{"tea":null,"other":null}},"id":"j"})");
  const std::string answer = client.expect("error");
  EXPECT_THAT(answer, HasSubstr(R"("rooms":["other"],"joined":["tea"],"positions":{"tea":{"epoch":")"));
}

TEST_F(Recovery, WhatIsNoPositionIsRefused) {
  server.start(remembering());
  TestClient client = server.client();
  for (const std::string_view since :
       {R"(7)", R"({"tea":7})", R"({"tea":{"epoch":"x","offset":1}})", R"({"tea":{"epoch":"AAAAAAAB","offset":-1}})",
        R"({"tea":{"epoch":"AAAAAAAB","offset":9007199254740992}})", R"({"tea":{"last":"1"}})"}) {
    client.send(R"({"event":"join","data":{"rooms":["tea"],"since":)" + std::string(since) + R"(},"id":"j"})");
    EXPECT_THAT(client.expect("error"), HasSubstr(R"("code":100)")) << since;
  }
}

TEST_F(Recovery, APublishIsAnsweredWhenTheLogHasIt) {
  server.start(remembering());
  TestClient client = server.client("ada");
  const std::string epoch = epoch_of(join(client, R"(["tea"])", R"({"tea":null})"));
  const std::string request =
      R"({"event":"publish","data":{"room":"tea","event":"news","data":1,"echo":false,"idempotencyKey":"k"},"id":"p"})";
  client.send(request);
  EXPECT_EQ(client.next(),
            R"({"event":"ack","data":{"rooms":["tea"],"epoch":")" + epoch + R"(","offset":1},"id":"p"})");
  client.send(request);
  EXPECT_EQ(client.next(), R"({"event":"ack","data":{"rooms":["tea"],"epoch":")" + epoch +
                               R"(","offset":1,"duplicate":true},"id":"p"})");
  TestClient other = server.client("ben");
  join(other, R"(["tea"])", R"({"tea":null})");
  other.send(request);
  EXPECT_THAT(other.wait_for("ack"), HasSubstr(R"("offset":2})")) << "another user's key is another key";
}

TEST_F(Recovery, WhoIsLeftOutIsLeftOutOfTheReplayToo) {
  server.start(remembering());
  TestClient client = server.client();
  join(client, R"(["tea"])", R"({"tea":null})");
  client.send(R"({"event":"publish","data":{"room":"tea","event":"news","data":1,"echo":false}})");
  publish("tea", 2);
  EXPECT_THAT(client.expect("news"), HasSubstr(R"("data":2,)"));
  join(client, R"(["tea"])", R"({"tea":{"last":5}})");
  EXPECT_THAT(client.expect("news"), HasSubstr(R"("data":2,)"));
  EXPECT_THAT(client.rest(), IsEmpty());
}

TEST_F(Recovery, MembersMayAskForTheHistory) {
  server.start(remembering());
  TestClient client = server.client();
  const std::string epoch = epoch_of(join(client, R"(["tea","plain"])", R"({"tea":null})"));
  publish("tea", 1, 6);
  for (int i = 0; i < 6; ++i) client.expect("news");
  const auto history = [&](std::string_view range) {
    client.send(R"({"event":"history","data":{"room":"tea")" + std::string(range) + R"(},"id":"h"})");
    return client.next();
  };
  const std::string head = R"({"event":"history","data":{"room":"tea","epoch":")" + epoch + R"(","top":6,"first":1,)";
  EXPECT_EQ(history(R"(,"after":2,"limit":1)"),
            head + R"("publications":[{"offset":3,"event":"news","data":3}]},"id":"h"})");
  EXPECT_EQ(history(R"(,"before":3,"limit":1)"),
            head + R"("publications":[{"offset":2,"event":"news","data":2}]},"id":"h"})");
  EXPECT_EQ(history(R"(,"limit":1)"), head + R"("publications":[{"offset":6,"event":"news","data":6}]},"id":"h"})");
  EXPECT_EQ(history(R"(,"limit":0)"), head + R"("publications":[]},"id":"h"})");
  EXPECT_EQ(data_of(history("")).at("publications").as_array().size(), 6U);
  EXPECT_THAT(history(R"(,"after":1,"before":3)"), HasSubstr(R"("code":100)"));
  client.send(R"({"event":"history","data":{"room":"plain"},"id":"h"})");
  EXPECT_THAT(client.next(), HasSubstr(R"("message":"No history in the room","code":206)"));
  client.send(R"({"event":"history","data":{"room":"tea9"},"id":"h"})");
  EXPECT_THAT(client.next(), HasSubstr(R"("code":202)"));
  client.send(R"({"event":"presence","data":{"room":"tea"},"id":"h"})");
  EXPECT_THAT(client.next(), HasSubstr(R"("message":"No presence in the room","code":207)"));
}

TEST_F(Recovery, NamesOfItsEventsAreTheServers) {
  server.start(remembering());
  TestClient client = server.client();
  client.join("plain");
  for (const std::string_view event : {"history", "gap", "presence"}) {
    client.send(R"({"event":"publish","data":{"room":"plain","event":")" + std::string(event) + R"("},"id":"p"})");
    EXPECT_THAT(client.next(), HasSubstr(R"("code":105)")) << event;
  }
}

TEST_F(Recovery, WithoutSuchRoomsTheyAreTheApplications) {
  std::vector<std::string> heard;
  Options options;
  options.client_publish = true;
  options.validate_room = allow_all;
  options.message = [&](const Message& message) { heard.emplace_back(message.event); };
  server.start(std::move(options));
  TestClient client = server.client();
  client.join("plain");
  client.send(R"({"event":"publish","data":{"room":"plain","event":"gap"}})");
  EXPECT_EQ(event_of(client.next()), "gap");
  client.send(R"({"event":"history","data":{"room":"plain"},"id":"h"})");
  EXPECT_THAT(client.rest(), IsEmpty());
  EXPECT_THAT(heard, ElementsAre("history"));
}

TEST_F(Recovery, WhoReadsSlowlyGetsEverythingInOrder) {
  Options options = remembering();
  options.history.catch_up_at = 64 * 1024;
  server.start(std::move(options));
  TestClient slow = server.connect(4096);
  slow.authenticate();
  join(slow, R"(["tea"])", R"({"tea":null})");
  constexpr int kCount = 900;
  for (int n = 1; n <= kCount; ++n) {
    std::promise<void> done;
    server->publish("tea", "news", large(), {}, [&](const Result<Appended>&) { done.set_value(); });
    done.get_future().wait();
  }
  wait_for(kCount);
  for (int n = 1; n <= kCount; ++n) {
    ASSERT_EQ(boost::json::parse(slow.expect("news")).at("offset"), n);
  }
  publish("tea", 1);
  EXPECT_EQ(boost::json::parse(slow.expect("news")).at("offset"), kCount + 1);
}

TEST_F(Recovery, ASlowOneIsToldHowMuchIsGone) {
  RoomRule gap = rule("tea", 10);
  gap.slow_consumer = RoomSlowConsumer::gap;
  Options options = remembering({gap});
  options.history.catch_up_at = 64 * 1024;
  server.start(std::move(options));
  TestClient slow = server.connect(4096);
  slow.authenticate();
  join(slow, R"(["tea"])", R"({"tea":null})");
  constexpr int kCount = 900;
  for (int n = 1; n <= kCount; ++n) server->publish("tea", "news", large());
  wait_for(kCount);
  std::int64_t got = 0;
  std::string message = slow.next();
  for (; event_of(message) == "news"; message = slow.next()) {
    ASSERT_EQ(boost::json::parse(message).at("offset"), ++got);
  }
  const auto told = data_of(message);
  EXPECT_EQ(told.at("reason"), "slow");
  const std::int64_t skipped = told.at("skipped").as_int64();
  EXPECT_EQ(told.at("offset").as_int64(), got + skipped);
  Metrics metrics = server->metrics();
  EXPECT_EQ(metrics.drops["gap"], static_cast<std::uint64_t>(skipped));
  EXPECT_EQ(metrics.drops["backlog"], 0U);
  EXPECT_EQ(metrics.counters.messages_dropped, 0U) << "it was told";
}

TEST_F(Recovery, ASlowOneMayBeClosed) {
  RoomRule close = rule("tea", 10);
  close.slow_consumer = RoomSlowConsumer::close;
  Options options = remembering({close});
  options.history.catch_up_at = 64 * 1024;
  server.start(std::move(options));
  TestClient slow = server.connect(4096);
  slow.authenticate();
  join(slow, R"(["tea"])", R"({"tea":null})");
  for (int n = 1; n <= 900; ++n) server->publish("tea", "news", large());
  EXPECT_EQ(slow.wait_for_close(), (CloseFrame{1013, "Slow consumer"}));
}

TEST_F(Recovery, RoomsOfOneExchangeAreOne) {
  const LocalExchange exchange;
  Options options = remembering();
  options.broker = make_local_broker(exchange);
  server.start(std::move(options));
  TestServer second;
  Options others = remembering();
  others.broker = make_local_broker(exchange);
  second.start(std::move(others));

  TestClient client = server.client();
  const std::string epoch = epoch_of(join(client, R"(["tea"])", R"({"tea":null})"));
  publish("tea", 1);
  client.expect("news");
  client.drop(true);
  publish("tea", 2);
  TestClient moved = second.client();
  EXPECT_THAT(join(moved, R"(["tea"])", since("tea", epoch, 1)), HasSubstr(R"("recovered":true)"));
  EXPECT_EQ(moved.next(), news(2, 2));
  publish("tea", 3);
  EXPECT_THAT(moved.next(), HasSubstr(R"("data":3,)"));
}

TEST_F(Recovery, SendGoesThroughTheLog) {
  server.start(remembering());
  TestClient client = server.client();
  join(client, R"(["tea"])", R"({"tea":null})");
  std::promise<std::error_code> done;
  server->send("tea", "news", 1, [&](std::error_code error) { done.set_value(error); });
  EXPECT_FALSE(done.get_future().get());
  EXPECT_THAT(client.next(), HasSubstr(R"("offset":1)"));
  server->send_to_room("tea", "news", 2);
  EXPECT_EQ(client.next(), R"({"event":"news","data":2})") << "local, at once, and not kept";
}

TEST(RecoveryOptions, WhatCannotBeIsRefused) {
  const auto complaint = [](Options options) -> std::string {
    options.identifier = "test";
    options.authenticate = accept_anybody;
    try {
      const Server server(std::move(options));
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(complaint(remembering()), "");
  RoomRule record = rule("a", 5);
  record.record = RoomRecord::lease;
  EXPECT_THAT(complaint(remembering({record})), HasSubstr("room_rules[0].record"));
  Options forgetful = remembering();
  forgetful.broker = std::make_shared<MuteBroker>();
  EXPECT_THAT(complaint(std::move(forgetful)), HasSubstr("room_rules[0].history_size"));
  Options window = remembering();
  window.history.replay_window = 1;
  EXPECT_THAT(complaint(std::move(window)), HasSubstr("history.replay_window is 1"));
  Options behind = remembering();
  behind.history.catch_up_at = std::size_t{1} << 40U;
  EXPECT_THAT(complaint(std::move(behind)), HasSubstr("history.catch_up_at"));
  Options stall = remembering();
  stall.history.stall_timeout = std::chrono::milliseconds(999);
  EXPECT_THAT(complaint(std::move(stall)), HasSubstr("history.stall_timeout"));
  Options check = remembering();
  check.history.position_check = std::chrono::milliseconds(1);
  EXPECT_THAT(complaint(std::move(check)), HasSubstr("history.position_check"));
}

/// Comes, reads for a while, breaks off and comes back, until it has seen the last publication. What it got, in order.
std::vector<std::int64_t> follow(const TestServer& server, std::int64_t last, unsigned seed) {
  std::vector<std::int64_t> offsets;
  std::string epoch;
  while (offsets.empty() || offsets.back() < last) {
    TestClient client = server.client();
    const std::string answer =
        join(client, R"(["tea"])", epoch.empty() ? R"({"tea":{"last":0}})" : since("tea", epoch, offsets.back()));
    epoch = epoch_of(answer);
    if (offsets.empty()) offsets.push_back(position_of(answer).at("offset").as_int64());
    seed = seed * 1664525 + 1013904223;
    for (unsigned n = 10 + seed % 50; n > 0 && offsets.back() < last; --n) {
      offsets.push_back(boost::json::parse(client.expect("news")).at("offset").as_int64());
    }
    client.drop(true);
  }
  return offsets;
}

TEST(RecoveryShards, NothingIsLostOrDoubledOverReconnects) {
  Options options = remembering();
  options.threads = 3;
  TestServer server;
  server.start(std::move(options));
  constexpr int kThreads = 2;
  constexpr int kEach = 400;
  std::vector<std::future<std::vector<std::int64_t>>> followers;
  for (unsigned i = 0; i < 4; ++i) {
    followers.push_back(std::async(std::launch::async, [&, i] { return follow(server, kThreads * kEach, i); }));
  }
  std::vector<std::jthread> publishers;
  for (int thread = 0; thread < kThreads; ++thread) {
    publishers.emplace_back([&] {
      for (int n = 0; n < kEach; ++n) {
        std::promise<void> done;
        server->publish("tea", "news", n, {}, [&](const Result<Appended>&) { done.set_value(); });
        done.get_future().wait();
      }
    });
  }
  for (auto& follower : followers) {
    const auto offsets = follower.get();
    for (std::size_t i = 1; i < offsets.size(); ++i) ASSERT_EQ(offsets[i], offsets[i - 1] + 1);
    EXPECT_EQ(offsets.back(), kThreads * kEach);
  }
}

}  // namespace
}  // namespace hearth::test
