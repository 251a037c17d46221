// A whole shard, and what time does to its clients (docs/protocol.md, Heartbeat).

#include "support/turned_shard.hpp"

#include <gmock/gmock.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::test {
namespace {

using testing::IsEmpty;
using namespace std::chrono_literals;

constexpr std::chrono::hours kNever{1};
constexpr std::string_view kHeartbeat = R"({"event":"heartbeat"})";

TEST(ShardTime, WhoDoesNotAuthenticateInTimeIsClosed) {
  TurnedShard shard({.auth_timeout = 5s});
  TestClient client = shard.connect();
  client.send(kHeartbeat);
  shard.advance(4999ms);
  EXPECT_THAT(client.rest(), IsEmpty());
  shard.advance(1ms);
  EXPECT_EQ(client.expect_close(), (CloseFrame{4001, "Authentication timeout"}));
}

TEST(ShardTime, WhoHasAuthenticatedIsNotTimedOut) {
  TurnedShard shard({.auth_timeout = 5s});
  TestClient stays = shard.client();
  shard.advance(6s);
  EXPECT_THAT(stays.rest(), IsEmpty());
}

// Also: that only `authenticate` is told apart while the handler thinks.
TEST(ShardTime, DecidingMayTakeThreeTimesAsLong) {
  TurnedShard shard(
      {.auth_timeout = 1s, .authenticate = [](const AuthenticateRequest&) -> Awaitable<AuthenticateResult> {
         boost::asio::steady_timer never(co_await boost::asio::this_coro::executor, kNever);
         co_await never.async_wait(boost::asio::use_awaitable);
         co_return Identity{};
       }});
  TestClient client = shard.connect();
  shard.advance(999ms);
  client.send(envelope("authenticate"));
  client.send(envelope("authenticate"));
  EXPECT_EQ(client.next(), R"({"event":"error","data":{"message":"Already authenticated"}})");
  client.send(envelope("chat"));
  EXPECT_EQ(client.next(), R"({"event":"error","data":{"message":"Not authenticated"}})");
  shard.advance(2999ms);
  EXPECT_THAT(client.rest(), IsEmpty());
  shard.advance(1ms);
  EXPECT_EQ(client.expect_close(), (CloseFrame{4001, "Authentication timeout"}));
}

// The process was held up, and heartbeats lie in the sockets: more than one call of epoll_wait tells of.
TEST(ShardTime, HeartbeatsThatLieInTheSocketsAreReadBeforeAnybodyIsJudged) {
  TurnedShard shard({.heartbeat_interval = 10ms, .heartbeat_timeout = 1s});
  std::vector<TestClient> clients;
  for (int i = 0; i < 700; ++i) clients.push_back(shard.client());
  TestClient silent = shard.client();
  for (TestClient& client : clients) client.send(kHeartbeat);
  shard.stall(1200ms);
  shard.turn();
  for (TestClient& client : clients) EXPECT_THAT(client.rest(), IsEmpty());
  shard.advance(10ms);  // the next look at who is silent
  for (TestClient& client : clients) EXPECT_THAT(client.rest(), IsEmpty());
  EXPECT_EQ(silent.expect_close().code, 4002);
}

TEST(ShardTime, WhoHasAuthenticatedWhileTheProcessWasHeldUpIsNotTooLate) {
  TurnedShard shard({.auth_timeout = 500ms});
  std::vector<TestClient> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(shard.connect());
  TestClient silent = shard.connect();
  for (TestClient& client : clients) client.send(envelope("authenticate"));
  shard.stall(700ms);
  for (TestClient& client : clients) client.expect("connected");
  EXPECT_EQ(silent.expect_close().code, 4001);
}

// Its backlog is full of answers, so that nothing is read from it; but it takes them, slowly.
TEST(ShardTime, WhoIsHeldBackAndTakesItsAnswersIsNotIdle) {
  const std::string answer = '"' + std::string(std::size_t{64} * 1024, 'x') + '"';
  TurnedShard* here = nullptr;
  TurnedShard shard(
      {.heartbeat_interval = 10ms,
       .heartbeat_timeout = 1s,
       .idle_timeout = 1s,
       .send_pings = false,
       .message = [&](const Message& message) { here->send(std::string(message.client_id), "answer", answer); }});
  here = &shard;
  TestClient client = shard.client();
  constexpr int kQuestions = 200;
  for (int i = 0; i < kQuestions; ++i) client.send(envelope("ask"));
  shard.turn();
  for (int i = 0; i < kQuestions; ++i) {
    client.expect("answer");
    shard.advance(100ms);
  }
  EXPECT_EQ(shard.connections(), 1U);
}

TEST(ShardTime, WhoIsHeldBackAndTakesNothingIsCutOff) {
  const std::string answer = '"' + std::string(std::size_t{64} * 1024, 'x') + '"';
  TurnedShard* here = nullptr;
  TurnedShard shard({.idle_timeout = 1s, .message = [&](const Message& message) {
                       here->send(std::string(message.client_id), "answer", answer);
                     }});
  here = &shard;
  TestClient client = shard.client();
  for (int i = 0; i < 200; ++i) client.send(envelope("ask"));
  for (int i = 0; i < 9; ++i) shard.advance(100ms);
  EXPECT_EQ(shard.connections(), 1U);
  for (int i = 0; i < 10; ++i) shard.advance(100ms);
  EXPECT_EQ(shard.connections(), 0U);
}

TEST(ShardTime, HeartbeatIsForAuthenticatedClients) {
  TurnedShard shard({.heartbeat_interval = 10ms, .heartbeat_timeout = 20ms});
  TestClient waits = shard.connect();
  TestClient client = shard.client();
  shard.advance(40ms);
  EXPECT_EQ(client.expect_close(), (CloseFrame{4002, "Heartbeat timeout"}));
  waits.authenticate();
}

TEST(ShardTime, AnyMessageRenewsAClient) {
  TurnedShard shard({.heartbeat_interval = 10ms, .heartbeat_timeout = 1s});
  constexpr std::array<std::string_view, 4> kTexts{kHeartbeat, "5", "no JSON", R"({"event":"chat"})"};
  std::vector<TestClient> clients;
  while (clients.size() < kTexts.size()) clients.push_back(shard.client());
  TestClient silent = shard.client();
  for (int round = 0; round < 10; ++round) {
    shard.advance(300ms);
    for (std::size_t i = 0; i < kTexts.size(); ++i) clients[i].send(kTexts[i]);
    for (TestClient& client : clients) client.round_trip();
  }
  EXPECT_EQ(silent.expect_close().code, 4002);
}

// Whoever speaks right after it was noted is left where it is among those that are waited for, which gives it no second
// life when its time is up.
TEST(ShardTime, ASilentClientLivesNoLongerForHavingSpokenEarly) {
  TurnedShard shard({.heartbeat_interval = 1ms, .heartbeat_timeout = 1s});
  TestClient client = shard.client();
  shard.advance(20ms);  // within a sixteenth of the timeout
  client.send(kHeartbeat);
  shard.advance(999ms);
  EXPECT_THAT(client.rest(), IsEmpty());
  shard.advance(1s);
  EXPECT_EQ(client.expect_close().code, 4002);
}

TEST(ShardTime, PongsAloneDoNotRenewAClient) {
  TurnedShard shard({.heartbeat_interval = 10ms, .heartbeat_timeout = 1s, .idle_timeout = 400ms});
  TestClient client = shard.client();
  for (int i = 0; i < 4; ++i) {
    shard.advance(200ms);
    client.expect_ping();
    shard.turn();
  }
  shard.advance(300ms);
  EXPECT_EQ(client.wait_for_close(), (CloseFrame{4002, "Heartbeat timeout"}));
}

TEST(ShardTime, WhoAnswersPingsStays) {
  TurnedShard shard({.auth_timeout = kNever, .idle_timeout = 200ms});
  TestClient client = shard.connect();
  for (int i = 0; i < 5; ++i) {
    shard.advance(100ms);
    client.expect_ping();
    shard.turn();
  }
  client.authenticate();
}

TEST(ShardTime, WhoDoesNotAnswerPingsGoes) {
  int code = 0;
  TurnedShard shard(
      {.idle_timeout = 200ms, .client_disconnected = [&](const ClientDisconnected& gone) { code = gone.code; }});
  TestClient client = shard.client();
  client.ignore_pings();
  shard.advance(100ms);
  client.expect_ping();
  shard.advance(99ms);
  EXPECT_EQ(shard.connections(), 1U);
  shard.advance(1ms);
  client.wait_for_end();
  EXPECT_EQ(code, 1006);
}

TEST(ShardTime, WithoutPingsWhoIsQuietGoes) {
  TurnedShard shard({.idle_timeout = 100ms, .send_pings = false});
  TestClient client = shard.client();
  shard.advance(100ms);
  client.expect_end();
}

TEST(ShardTime, AnyFrameKeepsAConnection) {
  TurnedShard shard({.idle_timeout = 200ms, .send_pings = false});
  TestClient client = shard.client();
  TestClient quiet = shard.client();
  for (int i = 0; i < 4; ++i) {
    shard.advance(100ms);
    client.round_trip();
  }
  quiet.expect_end();
  client.round_trip();
}

TEST(ShardTime, ZeroSwitchesIdlingOff) {
  TurnedShard shard({.idle_timeout = 0ms});
  TestClient client = shard.client();
  shard.advance(60s);
  EXPECT_THAT(client.rest(), IsEmpty());
}

TEST(ShardTime, UpgradeThatStopsHalfwayIsClosed) {
  TurnedShard shard({.auth_timeout = 100ms});
  TestClient client = shard.open();
  client.write("GET /ws HT");
  TestClient silent = shard.open();
  shard.advance(99ms);
  EXPECT_EQ(shard.connections(), 2U);
  shard.advance(1ms);
  client.expect_end();
  silent.expect_end();
  EXPECT_EQ(shard.connections(), 0U);
}

// Every byte comes in time, the request does not.
TEST(ShardTime, UpgradeThatTricklesInIsClosed) {
  TurnedShard shard({.auth_timeout = 200ms});
  TestClient client = shard.open();
  client.write("GET /ws HTTP/1.1\r\nHost: test\r\nX: ");
  for (int i = 0; i < 19; ++i) {
    client.write("x");
    shard.advance(10ms);
  }
  EXPECT_EQ(shard.connections(), 1U);
  shard.advance(10ms);
  client.expect_end();
}

// The close frame of the server is not answered: it waits for the answer as long as it should, whatever the idle
// timeout, and no longer.
TEST(ShardTime, CloseThatIsNotAnsweredIsCutOff) {
  for (const bool pings : {true, false}) {
    TurnedShard shard({.idle_timeout = 200ms, .send_pings = pings});
    TestClient client = shard.client();
    shard.disconnect(client.id(), 4100, "go");
    shard.turn();
    EXPECT_EQ(client.wait_for_close(), (CloseFrame{4100, "go"}));
    for (int i = 0; i < 49; ++i) shard.advance(100ms);
    EXPECT_EQ(shard.connections(), 1U);
    shard.advance(100ms);
    client.expect_end();
  }
}

// A client that has had its answer may close when it likes; a shutdown does not wait for that, as it does for the
// answer to a close frame.
TEST(ShardTime, ShutdownDoesNotWaitForWhoWasRefusedAndDoesNotClose) {
  TurnedShard shard;
  TestClient refused = shard.open();
  refused.write("GET /elsewhere HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_EQ(refused.read_http().status, 404U);
  TestClient client = shard.client();
  shard.turn();
  EXPECT_EQ(shard.connections(), 2U);
  shard.begin_shutdown();
  shard.turn();
  EXPECT_EQ(shard.connections(), 1U);
  EXPECT_EQ(client.wait_for_close().code, 1001);
}

}  // namespace
}  // namespace hearth::test
