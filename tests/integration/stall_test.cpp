// The process was held up, or holds a client up itself: that is no silence of the client's.

#include "support/test_server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace hearth::test {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kClients = 700;  // more than one call of epoll_wait tells of

/// Holds a shard up for as long as it is told to.
class Stall {
 public:
  void hold() {
    held_ = true;
    held_.notify_all();
    held_.wait(true);
  }
  void wait_until_held() const { held_.wait(false); }
  void end() {
    held_ = false;
    held_.notify_all();
  }

 private:
  std::atomic<bool> held_ = false;
};

TEST(Stall, HeartbeatsThatLieInTheSocketsAreReadBeforeAnybodyIsJudged) {
  constexpr auto kTimeout = 1s;
  Stall stall;
  TestServer server;
  server.start(
      {.heartbeat_interval = 10ms, .heartbeat_timeout = kTimeout, .message = [&](const Message&) { stall.hold(); }});
  std::vector<TestClient> clients;
  for (std::size_t i = 0; i < kClients; ++i) clients.push_back(server.client());
  TestClient holder = server.client();
  holder.send(envelope("hold"));
  stall.wait_until_held();
  for (TestClient& client : clients) client.send(R"({"event":"heartbeat"})");
  std::this_thread::sleep_for(kTimeout + 200ms);  // how long it is held up is what is tested
  stall.end();
  for (TestClient& client : clients) {
    client.send(R"({"event":"heartbeat"})");
    client.round_trip();
  }
  EXPECT_GE(server->statistics().clients_authenticated, kClients);  // who has held it up has been silent
}

TEST(Stall, WhoHasAuthenticatedMeanwhileIsNotTooLate) {
  constexpr auto kTimeout = 500ms;
  Stall stall;
  TestServer server;
  server.start({.auth_timeout = kTimeout, .message = [&](const Message&) { stall.hold(); }});
  TestClient holder = server.client();
  std::vector<TestClient> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(server.connect());
  holder.send(envelope("hold"));
  stall.wait_until_held();
  for (TestClient& client : clients) client.send(envelope("authenticate"));
  std::this_thread::sleep_for(kTimeout + 200ms);
  stall.end();
  for (TestClient& client : clients) client.expect("connected");
}

// Its backlog is full of answers, so that nothing is read from it; but it takes them, slowly.
TEST(Stall, WhoIsHeldBackAndTakesItsAnswersIsNotIdle) {
  constexpr auto kTimeout = 600ms;
  constexpr int kQuestions = 300;
  const std::string answer = '"' + std::string(std::size_t{64} * 1024, 'x') + '"';
  TestServer server;
  server.start(
      {.heartbeat_interval = 10ms,
       .heartbeat_timeout = kTimeout,
       .idle_timeout = kTimeout,
       .send_pings = false,
       .message = [&](const Message& message) { server->send_to_client(message.client_id, "answer", answer); }});
  TestClient client = server.connect(8192);
  client.authenticate();
  std::jthread asking([&] {
    for (int i = 0; i < kQuestions; ++i) client.send(envelope("ask") + std::string(2000, ' '));
  });
  eventually("it to be held back", [&] { return server->client(client.id())->backpressured; });
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < kQuestions; ++i) {
    client.expect("answer");
    if (std::chrono::steady_clock::now() - began < 2 * kTimeout) std::this_thread::sleep_for(20ms);  // slowly
  }
  EXPECT_GT(std::chrono::steady_clock::now() - began, kTimeout);
}

TEST(Stall, WhoIsHeldBackAndTakesNothingIsCutOff) {
  const std::string answer = '"' + std::string(std::size_t{64} * 1024, 'x') + '"';
  TestServer server;
  server.start({.idle_timeout = 200ms, .message = [&](const Message& message) {
                  server->send_to_client(message.client_id, "answer", answer);
                }});
  TestClient client = server.connect(8192);
  client.authenticate();
  std::jthread asking([&] {
    try {
      for (int i = 0; i < 2000; ++i) client.send(envelope("ask") + std::string(2000, ' '));
    } catch (const std::exception&) {
      // It is cut off in the middle of it.
    }
  });
  eventually("it to be cut off", [&] { return server->statistics().connections_open == 0; });
}

}  // namespace
}  // namespace hearth::test
