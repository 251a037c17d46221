// Clients that ask and do not read the answers: no more is read from them until they do.

#include "support/coroutines.hpp"
#include "support/memory.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

namespace hearth::test {
namespace {

constexpr std::size_t kRequests = kSanitized ? 300 : 2000;
constexpr std::size_t kAnswer = std::size_t{64} * 1024;
constexpr int kSmallBuffer = 8192;

std::string answer_to(std::string_view request) {
  return '"' + std::string(request) + ' ' + std::string(kAnswer, 'x') + '"';
}

// Sends all requests from a thread of its own, waits until the server takes no more of them, then reads all answers.
void expect_all_answers(TestServer& server) {
  TestClient client = server.connect(kSmallBuffer);
  client.authenticate();
  const std::size_t before = resident_memory();
  const std::string request_filler(500, ' ');
  std::jthread sender([&] {
    for (std::size_t i = 0; i < kRequests; ++i) client.send(envelope("ask", std::to_string(i)) + request_filler);
  });
  eventually("a backlog", [&] { return server->client(client.id())->backpressured; });
  std::uint64_t received = 0;
  eventually("the server to stop reading", [&] {
    const std::uint64_t last = std::exchange(received, server->statistics().messages_received);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return received == last;
  });
  EXPECT_LT(received, kRequests) << "more than it can have answered";
  if (!kSanitized) {
    EXPECT_LT(resident_memory(), before + std::size_t{32} * 1024 * 1024);
  }
  for (std::size_t i = 0; i < kRequests; ++i) {
    ASSERT_EQ(client.next(), R"({"event":"answer","data":)" + answer_to(std::to_string(i)) + '}');
  }
  EXPECT_EQ(server->statistics().messages_dropped, 0U);
}

TEST(InputPause, AllAnswersOfPlainHandlersArriveOnceTheClientReads) {
  TestServer server;
  server.start({.message = [&](const Message& message) {
    server->send_to_client(message.client_id, "answer", answer_to(message.data.text()));
  }});
  expect_all_answers(server);
}

TEST(InputPause, AllAnswersOfCoroutinesArriveOnceTheClientReads) {
  TestServer server;
  server.start({.message = [&](const Message& message) -> Awaitable<void> {
    co_await pause_for(std::chrono::milliseconds(0));
    server->send_to_client(message.client_id, "answer", answer_to(message.data.text()));
  }});
  expect_all_answers(server);
}

TEST(InputPause, AcksAreAnswersToo) {
  constexpr std::size_t kRooms = 1000;
  constexpr std::size_t kJoins = 3000;
  TestServer server;
  server.start();
  TestClient client = server.connect(kSmallBuffer);
  client.authenticate();
  std::string rooms;
  for (std::size_t i = 0; i < kRooms; ++i) rooms += (i == 0 ? "\"r" : ",\"r") + std::to_string(i) + '"';
  std::jthread sender([&] {
    for (std::size_t i = 0; i < kJoins; ++i) {
      client.send(envelope("join", R"({"rooms":[)" + rooms + "]}", std::to_string(i)));
    }
  });
  eventually("a backlog", [&] { return server->client(client.id())->backpressured; });
  for (std::size_t i = 0; i < kJoins; ++i) {
    const std::string answer = client.expect("error");
    ASSERT_TRUE(answer.ends_with(R"("id":")" + std::to_string(i) + R"("})")) << answer.substr(0, 100);
  }
  EXPECT_EQ(server->statistics().messages_dropped, 0U);
}

// It floods with pings and takes no pong.
TEST(InputPause, PongsAreAnswersToo) {
  TestServer server;
  server.start();
  TestClient client = server.connect(kSmallBuffer);
  client.authenticate();
  const std::size_t before = resident_memory();
  std::string pings;
  for (int i = 0; i < 1000; ++i) pings += masked_frame(kPing, std::string(125, 'x'));
  std::jthread sender([&] {
    for (int i = 0; i < 400; ++i) client.write(pings);  // 52 MB
    client.send("the end");
  });
  eventually("a backlog", [&] { return server->client(client.id())->backpressured; });
  if (!kSanitized) {
    EXPECT_LT(resident_memory(), before + std::size_t{32} * 1024 * 1024);
  }
  client.expect("error");
}

// Its messages wait for it to take the answers, and not for a handler; they are handled all the same when it goes.
TEST(InputPause, WhatWaitsIsHandledWhenTheClientGoes) {
  std::atomic<std::uint64_t> handled = 0;
  std::atomic<bool> gone = false;
  TestServer server;
  server.start({.client_disconnected = [&](const ClientDisconnected&) { gone = true; },
                .message = [&](const Message& message) -> Awaitable<void> {
                  co_await pause_for(std::chrono::milliseconds(0));
                  EXPECT_FALSE(gone);
                  ++handled;
                  server->send_to_client(message.client_id, "answer", answer_to(message.data.text()));
                }});
  TestClient client = server.connect(kSmallBuffer);
  client.authenticate();
  const std::uint64_t before = server->statistics().messages_received;
  const auto received = [&] { return server->statistics().messages_received - before; };
  for (int i = 0; i < 200; ++i) client.send(envelope("ask", std::to_string(i)));
  eventually("messages that wait for a client that does not read",
             [&] { return server->client(client.id())->backpressured && handled + 10 < received(); });
  client.drop(true);
  eventually("the client to be gone", [&] { return gone.load(); });
  EXPECT_EQ(handled, received());
}

// Its close frame is read although nothing else of it is, so that it need not be cut off after the close timeout of 5
// s.
TEST(InputPause, EndsWhenTheServerCloses) {
  Gate gate;
  TestServer server;
  server.start({.message = [&](const Message&) -> Awaitable<void> { co_await gate.passed(); }});
  TestClient client = server.client();
  const std::uint64_t before = server->statistics().messages_received;
  for (int i = 0; i < 100; ++i) client.send(envelope("ask", std::to_string(i)));
  eventually("it to be held back", [&] { return server->statistics().messages_received > before + 30; });
  EXPECT_LT(server->statistics().messages_received, before + 100);
  server->disconnect(client.id(), 4000, "enough");
  const Deadline soon(std::chrono::seconds(4));
  client.finish();
  EXPECT_FALSE(soon.passed());
  gate.open();
}

// Others are served while one is held back.
TEST(InputPause, HoldsNobodyElseUp) {
  TestServer server;
  server.start({.validate_room = allow_all, .message = [&](const Message& message) {
                  server->send_to_client(message.client_id, "answer", answer_to(message.data.text()));
                }});
  TestClient stuck = server.connect(kSmallBuffer);
  stuck.authenticate();
  for (int i = 0; i < 400; ++i) stuck.send(envelope("ask", std::to_string(i)));
  eventually("a backlog", [&] { return server->client(stuck.id())->backpressured; });
  TestClient other = server.client();
  for (int i = 0; i < 100; ++i) {
    other.send(envelope("ask", std::to_string(i)));
    other.expect("answer");
  }
}

}  // namespace
}  // namespace hearth::test
