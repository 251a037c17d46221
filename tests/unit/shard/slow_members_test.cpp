// A whole shard with rooms that keep no history, and what becomes of members who read slowly there (docs/recovery.md,
// Who reads slowly).

#include "support/turned_shard.hpp"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using namespace std::chrono_literals;

constexpr std::size_t kMessage = 20'000;
// What the kernel takes for a client that does not read, and what may wait for it here, is less.
constexpr int kTooMany = 60;
constexpr std::size_t kMayWait = std::size_t{256} * 1024;

/// A room `tea` with this policy, which is asked for, and one without a rule.
Options options_with(RoomSlowConsumer policy) {
  RoomRule rule;
  rule.pattern = {"tea"};
  rule.slow_consumer = policy;
  Options options;
  options.room_rules = RoomRules({rule});
  options.validate_room = [](const ValidateRoomRequest& request) {
    return RoomDecisions({request.rooms.begin(), request.rooms.end()});
  };
  options.client_publish = true;
  options.history.catch_up_at = kMayWait;
  const bool by_backlog = policy == RoomSlowConsumer::close || policy == RoomSlowConsumer::drop;
  if (by_backlog) options.backpressure_limit = kMayWait;
  options.idle_timeout = 0ms;
  options.heartbeat_timeout = 24h;
  return options;
}

std::string ask(TestClient& client, std::string_view since) {
  client.send(R"({"event":"join","data":{"rooms":["tea"],"since":)" + std::string(since) + R"(},"id":"j"})");
  return client.expect("ack");
}

/// A number that is as long as a message should be.
std::string large(int number) { return '"' + std::to_string(number) + std::string(kMessage, 'x') + '"'; }

int number_of(const std::string& message) {
  return std::stoi(std::string(boost::json::parse(message).at("data").as_string()));
}

/// A shard with a member who does not read, and what is published meanwhile.
struct SlowMember {
  explicit SlowMember(Options options, bool asks = true) : shard(std::move(options)), client(shard.client()) {
    asks ? ask(client, R"({"tea":null})") : client.join("tea");
  }

  /// `count` large messages with these keys, in turn, while it reads nothing.
  void flood(int count, const std::vector<std::string>& keys = {""}) {
    for (int i = 0; i < count; ++i) {
      const std::string& key = keys[static_cast<std::size_t>(i) % keys.size()];
      shard.publish("tea", "news", large(++published), key);
      shard.turn();
    }
  }
  /// Reads what was sent before it fell behind: 1, 2 and so on. Returns the message after that.
  std::string read_on() {
    std::string message = client.next();
    for (; event_of(message) == "news" && number_of(message) == got + 1; message = client.next()) ++got;
    return message;
  }
  /// Reads until there is nothing more: 1, 2 and so on to what it returns.
  int read_all() {
    for (const std::string& message : client.rest()) EXPECT_EQ(number_of(message), ++got);
    return got;
  }

  TurnedShard shard;
  TestClient client;
  int published = 0;
  int got = 0;
};

TEST(SlowMembers, WhoAskedIsToldHowMuchItMissed) {
  SlowMember slow(options_with(RoomSlowConsumer::gap));
  slow.flood(kTooMany);
  const std::string told = slow.read_on();
  EXPECT_GT(slow.got, 0);
  EXPECT_EQ(told, R"({"event":"gap","data":{"room":"tea","reason":"slow","skipped":)" +
                      std::to_string(kTooMany - slow.got) + "}}");
  slow.shard.publish("tea", "news", "1");
  EXPECT_EQ(slow.client.next(), R"({"event":"news","data":1})") << "live again, with the bytes of everybody else";
}

TEST(SlowMembers, WhoDidNotAskIsToldNothing) {
  SlowMember slow(options_with(RoomSlowConsumer::gap), false);
  slow.flood(kTooMany);
  EXPECT_LT(slow.read_all(), kTooMany);
  slow.shard.publish("tea", "news", "1");
  EXPECT_EQ(slow.client.next(), R"({"event":"news","data":1})");
}

TEST(SlowMembers, WhoAsksIsToldThatThereAreNoPositions) {
  TurnedShard shard(options_with(RoomSlowConsumer::gap));
  TestClient client = shard.client();
  EXPECT_EQ(ask(client, R"({"tea":{"epoch":"k3fZ81Qa","offset":41}})"),
            R"({"event":"ack","data":{"rooms":["tea"],"positions":{"tea":null}},"id":"j"})");
  client.send(R"({"event":"history","data":{"room":"tea"},"id":"h"})");
  EXPECT_THAT(client.next(), HasSubstr(R"("code":206)"));
  client.send(R"({"event":"publish","data":{"room":"tea","event":"gap"},"id":"p"})");
  EXPECT_THAT(client.next(), HasSubstr(R"("code":105)")) << "it is the server's event";
}

TEST(SlowMembers, WhoAsksWhileItIsBehindIsToldAllThatItMissed) {
  SlowMember slow(options_with(RoomSlowConsumer::gap), false);
  slow.flood(kTooMany);
  slow.client.send(R"({"event":"join","data":{"rooms":["tea"],"since":{"tea":null}},"id":"j"})");
  slow.shard.turn();
  EXPECT_THAT(slow.read_on(), HasSubstr(R"("positions":{"tea":null})"));
  EXPECT_THAT(slow.client.next(), HasSubstr(R"("skipped":)" + std::to_string(kTooMany - slow.got)));
}

TEST(SlowMembers, GetTheNewestOfEachKey) {
  SlowMember slow(options_with(RoomSlowConsumer::latest));
  slow.flood(kTooMany, {"a", "b", "c"});
  const std::string first = slow.read_on();
  EXPECT_EQ(number_of(first), kTooMany - 2);
  EXPECT_THAT(first, HasSubstr(R"(","room":"tea","skipped":)" + std::to_string(kTooMany - 3 - slow.got) + "}"));
  for (const int number : {kTooMany - 1, kTooMany}) {
    EXPECT_EQ(slow.client.next(), R"({"event":"news","data":)" + large(number) + '}');
  }
  EXPECT_THAT(slow.client.rest(), IsEmpty());
}

TEST(SlowMembers, GetTheNewestWithoutANumberIfTheyDidNotAsk) {
  SlowMember slow(options_with(RoomSlowConsumer::latest), false);
  slow.flood(kTooMany, {"a", "b"});
  EXPECT_EQ(slow.read_on(), R"({"event":"news","data":)" + large(kTooMany - 1) + '}');
  EXPECT_EQ(slow.client.next(), R"({"event":"news","data":)" + large(kTooMany) + '}');
  EXPECT_THAT(slow.client.rest(), IsEmpty());
}

TEST(SlowMembers, NamesTheRoomInTheNewestWhereAllMessagesDo) {
  Options options = options_with(RoomSlowConsumer::latest);
  options.name_rooms = true;
  SlowMember slow(std::move(options), false);
  slow.flood(kTooMany);
  EXPECT_EQ(slow.read_on(), R"({"event":"news","data":)" + large(kTooMany) + R"(,"room":"tea"})");
}

TEST(SlowMembers, PublishUnderAKey) {
  SlowMember slow(options_with(RoomSlowConsumer::latest));
  slow.flood(kTooMany);
  TestClient writer = slow.shard.client("ada");
  writer.join("tea");
  for (const std::string_view n : {"1", "2"}) {
    writer.send(R"({"event":"publish","data":{"room":"tea","event":"price","data":)" + std::string(n) +
                R"(,"key":"row","echo":false},"id":"p"})");
    writer.wait_for("ack");
  }
  EXPECT_EQ(number_of(slow.read_on()), kTooMany) << "the last without a key";
  EXPECT_EQ(slow.client.next(), R"({"event":"price","data":2,"from":{"id":")" + writer.id() +
                                    R"(","userId":"ada"},"room":"tea","skipped":1})");
}

TEST(SlowMembers, AreNotSentTheNewestThatLeavesThemOut) {
  SlowMember slow(options_with(RoomSlowConsumer::latest));
  slow.flood(kTooMany);
  slow.client.send(R"({"event":"publish","data":{"room":"tea","event":"mine","echo":false}})");
  slow.shard.turn();
  const std::string told = slow.read_on();
  EXPECT_EQ(told, R"({"event":"gap","data":{"room":"tea","reason":"slow","skipped":)" +
                      std::to_string(kTooMany - slow.got) + "}}");
}

TEST(SlowMembers, AreClosedIfTheRuleSaysSo) {
  SlowMember slow(options_with(RoomSlowConsumer::close), false);
  slow.flood(kTooMany);
  EXPECT_EQ(slow.client.wait_for_close(), (CloseFrame{1013, "Slow consumer"}));
  EXPECT_EQ(slow.shard.dropped(), 1U);
}

TEST(SlowMembers, AreNotClosedIfTheRuleSaysDrop) {
  Options options = options_with(RoomSlowConsumer::drop);
  options.slow_consumer = SlowConsumer::close;
  SlowMember slow(std::move(options), false);
  slow.flood(kTooMany);
  EXPECT_EQ(slow.shard.dropped(), static_cast<std::uint64_t>(kTooMany - slow.read_all()));
}

TEST(SlowMembers, AreToldOfADropIfTheyAsked) {
  SlowMember slow(options_with(RoomSlowConsumer::drop));
  slow.flood(kTooMany);
  const std::string told = slow.read_on();
  const auto missed = static_cast<std::uint64_t>(kTooMany - slow.got);
  EXPECT_THAT(told, HasSubstr(R"("reason":"slow","skipped":)" + std::to_string(missed) + "}"));
  EXPECT_EQ(slow.shard.dropped(), missed);
  EXPECT_EQ(slow.shard.hits("backlog"), missed);
}

TEST(SlowMembers, OfRoomsWithoutARuleAreTheServersAffair) {
  SlowMember slow(options_with(RoomSlowConsumer::close), false);
  slow.client.join("milk");
  for (int n = 1; n <= kTooMany; ++n) {
    slow.shard.publish("milk", "news", large(n));
    slow.shard.turn();
  }
  const int got = slow.read_all();
  EXPECT_EQ(slow.shard.dropped(), static_cast<std::uint64_t>(kTooMany - got));
}

TEST(SlowMembers, AreClosedOnceTheyHaveTakenNothingForAMinute) {
  int code = 0;
  Options options = options_with(RoomSlowConsumer::gap);
  options.client_disconnected = [&](const ClientDisconnected& gone) { code = gone.code; };
  SlowMember slow(std::move(options), false);
  slow.flood(kTooMany);
  slow.shard.advance(59'999ms);
  EXPECT_EQ(code, 0);
  slow.shard.advance(1ms);
  EXPECT_EQ(code, 1013);
  EXPECT_EQ(slow.client.wait_for_close(), (CloseFrame{1013, "Slow consumer"}));
}

TEST(SlowMembers, AreNotClosedWhileTheyTakeSomething) {
  Options options = options_with(RoomSlowConsumer::gap);
  options.history.catch_up_at = 2 * kMayWait;
  options.history.stall_timeout = 10s;
  SlowMember slow(std::move(options));
  slow.flood(kTooMany);
  slow.shard.advance(9s);
  // More than the kernel holds; what waits after that is so, too.
  for (int n = 0; n < 13; ++n) slow.client.expect("news");
  slow.shard.advance(9s);
  EXPECT_EQ(slow.shard.connections(), 1U);
  slow.shard.advance(1s);
  EXPECT_EQ(slow.client.wait_for_close().code, 1013);
}

TEST(SlowMembers, WhoHaveCaughtUpMayBeSilent) {
  SlowMember slow(options_with(RoomSlowConsumer::gap));
  slow.flood(kTooMany);
  EXPECT_EQ(event_of(slow.read_on()), "gap");
  slow.shard.advance(2min);
  slow.client.round_trip();
}

TEST(SlowMembers, CostTheOthersNothing) {
  SlowMember slow(options_with(RoomSlowConsumer::latest));
  TestClient reader = slow.shard.client();
  reader.join("tea");
  for (int n = 1; n <= kTooMany; ++n) {
    slow.shard.publish("tea", "news", large(n));
    ASSERT_EQ(number_of(reader.next()), n);
  }
}

// With escapes that need not be, and with the room's name left out.
TEST(SlowMembers, WhoReadGetTheBytesThatOtherRoomsGet) {
  TurnedShard shard(options_with(RoomSlowConsumer::latest));
  TestClient tea = shard.client("ada");
  TestClient milk = shard.client("ben");
  tea.join("tea");
  milk.join("milk");
  const auto said_in = [](TestClient& client, std::string_view room) {
    client.send(R"({"event":"publish","data":{"room":")" + std::string(room) +
                R"(","event":"\u0061\/b","data":{"x" : 1}}})");
    return client.next();
  };
  EXPECT_EQ(said_in(tea, "tea"),
            R"({"event":"\u0061\/b","data":{"x" : 1},"from":{"id":")" + tea.id() + R"(","userId":"ada"}})");
  EXPECT_EQ(said_in(milk, "milk"),
            R"({"event":"\u0061\/b","data":{"x" : 1},"from":{"id":")" + milk.id() + R"(","userId":"ben"}})");
}

TEST(SlowMembers, MayLeaveWhileTheyAreBehind) {
  SlowMember slow(options_with(RoomSlowConsumer::latest));
  slow.flood(kTooMany);
  slow.client.send(R"({"event":"leave","data":{"rooms":["tea"]}})");
  slow.shard.turn();
  slow.shard.advance(1min);
  EXPECT_EQ(slow.shard.connections(), 1U) << "it is behind in no room any more";
  EXPECT_LT(slow.read_all(), kTooMany);
  EXPECT_THAT(slow.client.join("tea"), AllOf(HasSubstr("ack"), Not(HasSubstr("positions"))));
  slow.shard.publish("tea", "news", "1");
  EXPECT_EQ(slow.client.next(), R"({"event":"news","data":1})");
}

}  // namespace
}  // namespace hearth::test
