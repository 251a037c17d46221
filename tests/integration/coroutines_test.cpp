// What coroutine handlers make possible, and what they must not break.

#include "support/coroutines.hpp"
#include "support/notes.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <boost/asio/thread_pool.hpp>

#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <thread>

namespace hearth::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

TEST(Coroutines, ALateAnswerToAuthenticateChangesNothing) {
  Gate gate;
  Notes notes;
  TestServer server;
  server.start(
      {.authenticate = behind_gate<AuthenticateResult, AuthenticateRequest>(gate,
                                                                            [&](const AuthenticateRequest& request) {
                                                                              notes.add("answered");
                                                                              return accept_anybody(request);
                                                                            }),
       .client_connected = [&](const ClientConnected&) { notes.add("connected"); },
       .client_disconnected = [&](const ClientDisconnected&) { notes.add("disconnected"); }});
  TestClient client = server.connect();
  client.send(envelope("authenticate", R"({"userId":"ada"})"));
  eventually("the handler to be at work", [&] { return gate.entered() == 1; });
  client.drop();
  eventually("the client to be gone", [&] { return server->statistics().connections_open == 0; });
  gate.open();
  eventually("the late answer", [&] { return notes.size() == 1; });
  EXPECT_THAT(server->clients_of_user("ada"), IsEmpty());
  server.destroy();
  EXPECT_THAT(notes.all(), ElementsAre("answered"));
}

TEST(Coroutines, ALateAnswerToJoinChangesNothing) {
  Gate gate;
  std::atomic<int> answered = 0;
  TestServer server;
  server.start({.validate_room = behind_gate<std::vector<std::string>, ValidateRoomRequest>(
                    gate, [&](const ValidateRoomRequest& request) {
                      ++answered;
                      return allow_all(request);
                    })});
  TestClient client = server.client();
  client.send(envelope("join", R"({"rooms":["r"]})"));
  eventually("the handler to be at work", [&] { return gate.entered() == 1; });
  client.drop();
  eventually("the client to be gone", [&] { return server->statistics().connections_open == 0; });
  gate.open();
  eventually("the late answer", [&] { return answered == 1; });
  EXPECT_THAT(server->clients_in_room("r"), IsEmpty());
}

TEST(Coroutines, OneClientsWaitingHoldsNobodyElseUp) {
  Gate gate;
  TestServer server;
  server.start({.message = [&](const Message& message) -> Awaitable<void> {
    if (message.event == "wait") co_await gate.passed();
    server->send_to_client(message.client_id, message.event);
  }});
  TestClient slow = server.client();
  TestClient quick = server.client();
  slow.send(envelope("wait"));
  slow.send(envelope("next"));
  slow.round_trip();
  for (int i = 0; i < 10; ++i) {
    quick.send(envelope("quick"));
    quick.expect("quick");
  }
  server->broadcast("all");
  EXPECT_EQ(slow.next(), R"({"event":"all"})") << "only what it sends waits, not what it gets";
  gate.open();
  slow.expect("wait");
  slow.expect("next");
}

TEST(Coroutines, SystemEventsWaitForTheirTurn) {
  Gate gate;
  TestServer server;
  server.start({.validate_room = allow_all, .message = [&](const Message& message) -> Awaitable<void> {
                  co_await gate.passed();
                  server->send_to_client(message.client_id, "handled");
                }});
  TestClient client = server.client();
  client.send(envelope("slow"));
  client.send(envelope("join", R"({"rooms":["r"]})", "1"));
  client.send(envelope("slow"));
  client.send(envelope("leave", R"({"rooms":["r"]})", "2"));
  client.round_trip();
  EXPECT_THAT(server->clients_in_room("r"), IsEmpty());
  gate.open();
  for (const std::string_view event : {"handled", "ack", "handled", "ack"}) client.expect(event);
}

// Sends as much as the server and the kernel take while its handler waits: that must come to an end, or the server
// would hold all of it. Afterwards everything is handled, in order.
TEST(Coroutines, AFloodIsHeldBackAndNothingIsLost) {
  constexpr std::size_t kFar = std::size_t{64} * 1024 * 1024;
  Gate gate;
  std::atomic<std::size_t> handled = 0;
  std::atomic<std::size_t> wrong = 0;
  TestServer server;
  server.start({.message = [&](const Message& message) -> Awaitable<void> {
    co_await gate.passed();
    if (!message.data.text().starts_with("[" + std::to_string(handled++) + ",")) ++wrong;
  }});
  TestClient client = server.client();
  const std::string filler(1000, 'x');
  std::string left;  // of the frame that was taken in part
  std::size_t frames = 0;
  std::size_t sent = 0;
  Deadline quiet(200ms);
  while (sent < kFar && !quiet.passed()) {
    if (left.empty())
      left = masked_frame(kText, envelope("m", "[" + std::to_string(frames++) + ",\"" + filler + "\"]"));
    const ssize_t taken = ::send(client.fd(), left.data(), left.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (taken <= 0) {
      ASSERT_EQ(errno, EAGAIN);
      std::this_thread::yield();
      continue;
    }
    left.erase(0, static_cast<std::size_t>(taken));
    sent += static_cast<std::size_t>(taken);
    quiet = Deadline(200ms);
  }
  EXPECT_LT(sent, kFar) << "the server takes in whatever comes";
  gate.open();
  client.write(left);
  eventually("all to be handled", [&] { return handled == frames; });
  EXPECT_EQ(wrong, 0U);
  client.round_trip();
}

// What it asked the server for is of no use to it any more, and none of the application's business.
TEST(Coroutines, RequestsOfAClientThatIsGoneAreDropped) {
  Gate gate;
  Notes notes;
  std::atomic<bool> gone = false;
  TestServer server;
  server.start({.client_publish = true,
                .validate_room = allow_all,
                .client_disconnected = [&](const ClientDisconnected&) { gone = true; },
                .message = [&](const Message& message) -> Awaitable<void> {
                  co_await gate.passed();
                  notes.add(std::string(message.event));
                }});
  TestClient client = server.client();
  for (const auto* event : {"first", "join", "leave", "publish", "last"}) {
    client.send(envelope(event, R"({"rooms":["r"],"room":"r","event":"e"})", "1"));
  }
  client.round_trip();
  client.drop();
  eventually("the client to be gone", [&] { return server->statistics().clients_authenticated == 0; });
  gate.open();
  eventually("its disconnected handler", [&] { return gone.load(); });
  EXPECT_THAT(notes.all(), ElementsAre("first", "last"));
}

// docs/protocol.md, Limits: 32 messages or 64 KiB may wait for a handler, whichever comes first.
TEST(Coroutines, LongMessagesThatWaitAreLimitedByTheirBytes) {
  Gate gate;
  std::atomic<int> handled = 0;
  TestServer server;
  server.start({.message = [&](const Message&) -> Awaitable<void> {
    co_await gate.passed();
    ++handled;
  }});
  TestClient client = server.client();
  TestClient other = server.client();
  const std::uint64_t before = server->statistics().messages_received;
  const std::string text = envelope("m", '"' + std::string(30'000, 'x') + '"');
  for (int i = 0; i < 12; ++i) client.send(text);
  eventually("it to be held back", [&] { return server->statistics().messages_received >= before + 4; });
  for (int i = 0; i < 10; ++i) other.round_trip();
  EXPECT_EQ(server->statistics().messages_received, before + 4) << "one at work and three that wait";
  gate.open();
  eventually("all to be handled", [&] { return handled == 12; });
}

// As long as a client's handler is at work the server reads nothing from it: it cannot see that the client answers
// pings.
TEST(Coroutines, AClientThatIsHeldBackIsNotIdle) {
  Gate gate;
  std::atomic<int> handled = 0;
  TestServer server;
  const auto idle = kSanitized ? 1000ms : 200ms;
  server.start({.idle_timeout = idle, .message = [&](const Message&) -> Awaitable<void> {
                  co_await gate.passed();
                  ++handled;
                }});
  TestClient quiet = server.client();
  TestClient client = server.client();
  std::string burst;
  for (int i = 0; i < 100; ++i) burst += masked_frame(kText, envelope("m"));
  client.write(burst);
  quiet.ignore_pings();
  quiet.wait_for_end();
  const Deadline twice(idle * 2);
  while (!twice.passed()) {
    client.send(envelope("m"));  // throws when the connection is gone
    std::this_thread::sleep_for(10ms);
  }
  gate.open();
  eventually("the messages to be handled", [&] { return handled >= 100; });
  client.round_trip();
}

TEST(Coroutines, DoNotHoldUpTheAnswerToAHeartbeat) {
  Gate gate;
  TestServer server;
  server.start({.message = [&](const Message& message) -> Awaitable<void> {
    co_await gate.passed();
    server->send_to_client(message.client_id, "done");
  }});
  TestClient client = server.client();
  client.send(envelope("m"));
  client.send(R"({"event":"heartbeat","id":"h"})");
  EXPECT_EQ(client.next(), R"({"event":"ack","data":{},"id":"h"})");
  gate.open();
  client.expect("done");
}

TEST(Coroutines, RunOnTheExecutorGiven) {
  boost::asio::thread_pool pool(2);
  Notes notes;
  {
    TestServer server;
    server.start(
        {.authenticate = as_coroutine<AuthenticateResult, AuthenticateRequest>([&](const AuthenticateRequest& request) {
           notes.add(pool.get_executor().running_in_this_thread() ? "pool" : "elsewhere");
           return accept_anybody(request);
         }),
         .message = as_coroutine<void, Message>([&](const Message& message) {
           notes.add(pool.get_executor().running_in_this_thread() ? "pool" : "elsewhere");
           server->send_to_client(message.client_id, "done");
         }),
         .executor = pool.get_executor()});
    TestClient client = server.client();
    client.send(envelope("m"));
    client.expect("done");
  }
  pool.join();
  EXPECT_THAT(notes.all(), ElementsAre("pool", "pool"));
}

// Two clients' handlers wait for each other, which needs them to run at the same time.
TEST(Coroutines, OfDifferentClientsRunAtTheSameTime) {
  boost::asio::thread_pool pool(2);
  std::atomic<int> inside = 0;
  TestServer server;
  server.start({.message = [&](const Message& message) -> Awaitable<void> {
                  ++inside;
                  const Deadline deadline;
                  while (inside < 2 && !deadline.passed()) std::this_thread::yield();
                  server->send_to_client(message.client_id, inside >= 2 ? "met" : "alone");
                  co_return;
                },
                .executor = pool.get_executor()});
  TestClient first = server.client();
  TestClient second = server.client();
  first.send(envelope("m"));
  second.send(envelope("m"));
  first.expect("met");
  second.expect("met");
}

TEST(Coroutines, ShutdownFromOneOnAnExecutorGivenReturnsAtOnce) {
  boost::asio::thread_pool pool(1);
  std::atomic<std::int64_t> took = -1;
  TestServer server;
  server.start({.message = as_coroutine<void, Message>([&](const Message&) {
                  const auto began = std::chrono::steady_clock::now();
                  server->shutdown(3s);
                  took = (std::chrono::steady_clock::now() - began) / 1ms;
                }),
                .executor = pool.get_executor()});
  TestClient client = server.client();
  client.send(envelope("shutdown"));
  client.finish();
  eventually("the handler to return", [&] { return took >= 0; });
  EXPECT_LT(took, 2500);
}

TEST(Coroutines, ThatAreAtWorkAreWaitedForByShutdown) {
  Gate gate;
  std::atomic<bool> finished = false;
  TestServer server;
  server.start({.message = [&](const Message&) -> Awaitable<void> {
    co_await gate.passed();
    finished = true;
  }});
  TestClient client = server.client();
  client.send(envelope("m"));
  client.round_trip();
  client.drop();
  std::jthread opener([&] {
    eventually("the client to be gone", [&] { return server->statistics().connections_open == 0; });
    gate.open();
  });
  server->shutdown(kPatience);
  EXPECT_TRUE(finished);
}

TEST(Coroutines, ThatNeverEndAreDroppedAtTheDeadline) {
  Gate never;
  TestServer server;
  server.start({.message = behind_gate<void, Message>(never, [](const Message&) {})});
  TestClient client = server.client();
  client.send(envelope("m"));
  client.round_trip();
  client.drop();
  const auto began = std::chrono::steady_clock::now();
  server->shutdown(100ms);
  EXPECT_GE(std::chrono::steady_clock::now() - began, 90ms);
}

}  // namespace
}  // namespace hearth::test
