// A server's options, start, shutdown and end.

#include "support/coroutines.hpp"
#include "support/notes.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <future>
#include <stdexcept>
#include <thread>

namespace hearth::test {
namespace {

using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

TEST(Lifecycle, BadOptionsAreNamed) {
  const auto refusal = [](const std::function<void(Options&)>& change) -> std::string {
    Options options;
    options.identifier = "test";
    options.authenticate = accept_anybody;
    change(options);
    try {
      const Server server(std::move(options));
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "taken";
  };
  EXPECT_EQ(refusal([](Options&) {}), "taken");
  EXPECT_THAT(refusal([](Options& o) { o.identifier.clear(); }), HasSubstr("identifier"));
  EXPECT_THAT(refusal([](Options& o) { o.authenticate = {}; }), HasSubstr("authenticate"));
  EXPECT_THAT(refusal([](Options& o) { o.listen.clear(); }), HasSubstr("listen"));
  EXPECT_THAT(refusal([](Options& o) { o.path = "ws"; }), HasSubstr("path `ws`"));
  EXPECT_THAT(refusal([](Options& o) { o.path.clear(); }), HasSubstr("path"));
  EXPECT_EQ(refusal([](Options& o) { o.path = "/caf\xc3\xa9"; }), "taken");
  for (const char* unreachable : {"/ws?a=1", "/ws#a", "/w s", "/ws\n"}) {
    EXPECT_THAT(refusal([&](Options& o) { o.path = unreachable; }), HasSubstr("path `/w")) << unreachable;
  }
  EXPECT_THAT(refusal([](Options& o) { o.pages = {{"about", "text/plain", "x"}}; }), HasSubstr("pages: path `about`"));
  EXPECT_THAT(refusal([](Options& o) { o.threads = 257; }), HasSubstr("threads is 257"));
  EXPECT_THAT(refusal([](Options& o) { o.max_payload_length = 0; }), HasSubstr("max_payload_length"));
  EXPECT_THAT(refusal([](Options& o) { o.max_payload_length = std::size_t{1} << 40U; }),
              HasSubstr("max_payload_length"));
  EXPECT_THAT(refusal([](Options& o) { o.auth_timeout = 0ms; }), HasSubstr("auth_timeout"));
  EXPECT_THAT(refusal([](Options& o) { o.heartbeat_interval = -1ms; }), HasSubstr("heartbeat_interval"));
  EXPECT_THAT(refusal([](Options& o) { o.heartbeat_timeout = 0ms; }), HasSubstr("heartbeat_timeout"));
  EXPECT_THAT(refusal([](Options& o) { o.idle_timeout = -1ms; }), HasSubstr("idle_timeout"));
  EXPECT_THAT(refusal([](Options& o) { o.default_rooms = {"a", ""}; }), HasSubstr("default_rooms"));
  EXPECT_THAT(refusal([](Options& o) { o.limits.messages = Rate{}; }), HasSubstr("limits.messages lets nothing"));
  EXPECT_THAT(refusal([](Options& o) { o.per_message_deflate.level = 0; }), HasSubstr("per_message_deflate.level"));
  EXPECT_THAT(refusal([](Options& o) { o.per_message_deflate.server_max_window_bits = 8; }),
              HasSubstr("server_max_window_bits"));
  EXPECT_THAT(refusal([](Options& o) { o.per_message_deflate.client_max_window_bits = 16; }),
              HasSubstr("client_max_window_bits"));
}

TEST(Lifecycle, AServerStartsOnce) {
  TestServer server;
  server.start();
  EXPECT_THROW(server->start(), std::logic_error);
  server->shutdown();
  EXPECT_THROW(server->start(), std::logic_error);
}

// Shutdown waits for the handler meanwhile.
TEST(Lifecycle, AHandlerMayTryToStartTheServerThatIsShutDown) {
  TestServer server;
  int refused = 0;
  server.start({.client_disconnected = [&](const ClientDisconnected&) {
    for (int i = 0; i < 1000; ++i) {
      EXPECT_THROW(server->start(), std::logic_error);
      ++refused;
      std::this_thread::yield();
    }
  }});
  TestClient client = server.client();
  std::jthread answering([&] { client.finish(); });
  server->shutdown(kPatience);
  EXPECT_EQ(refused, 1000);
}

TEST(Lifecycle, BeforeStartAndAfterShutdownNothingHappens) {
  TestServer server;
  server.make({});
  const auto use = [&] {
    server->send_to_client("00000000-0000-4000-8000-000000000000", "e");
    server->send_to_user("ada", "e");
    server->send_to_room("r", "e");
    server->broadcast("e");
    server->send("r", "e", "1");
    server->join_room("00000000-0000-4000-8000-000000000000", "r");
    server->disconnect("00000000-0000-4000-8000-000000000000");
    EXPECT_THAT(server->clients(), IsEmpty());
    EXPECT_THAT(server->clients_in_room("ws-default"), IsEmpty());
    EXPECT_FALSE(server->client("00000000-0000-4000-8000-000000000000"));
  };
  use();
  EXPECT_THAT(server->addresses(), IsEmpty());
  EXPECT_EQ(server->port(), 0);
  EXPECT_EQ(server->path(), "/ws");
  server->start();
  EXPECT_NE(server->port(), 0);
  TestClient client = server.client();
  std::jthread answering([&] { client.finish(); });
  server->shutdown();
  use();
}

TEST(Lifecycle, AServerThatWasNeverStartedEnds) {
  TestServer server;
  server.make({});
  server->shutdown();
  server.destroy();
}

TEST(Lifecycle, DestructionShutsDown) {
  TestServer server;
  server.start();
  TestClient client = server.client();
  std::jthread destroying([&] { server.destroy(); });
  EXPECT_EQ(client.expect_close(), (CloseFrame{1001, "Server shutting down"}));
  client.finish();
}

TEST(Lifecycle, ShutdownSendsWhatWaitsAndCloses) {
  Notes notes;
  TestServer server;
  server.start({.threads = 2, .client_disconnected = [&](const ClientDisconnected& event) {
                  notes.add(std::string(event.client_id) + ' ' + std::to_string(event.code) + ' ' +
                            std::string(event.reason));
                }});
  std::vector<TestClient> clients;
  for (int i = 0; i < 10; ++i) clients.push_back(server.client());
  for (int i = 0; i < 100; ++i) server->broadcast("e", i);
  server->send_to_client(clients[3].id(), "last");
  auto done = std::async(std::launch::async, [&] { server->shutdown(kPatience); });
  for (std::size_t at = 0; at < clients.size(); ++at) {
    for (int i = 0; i < 100; ++i) EXPECT_EQ(clients[at].next(), R"({"event":"e","data":)" + std::to_string(i) + '}');
    if (at == 3) clients[at].expect("last");
    EXPECT_EQ(clients[at].expect_close(), (CloseFrame{1001, "Server shutting down"}));
    clients[at].finish();
  }
  ASSERT_EQ(done.wait_for(kPatience), std::future_status::ready);
  EXPECT_THAT(notes.all(), SizeIs(10));
  for (const TestClient& client : clients) EXPECT_EQ(notes.count(client.id() + " 1001 Server shutting down"), 1U);
}

TEST(Lifecycle, ShutdownAcceptsNothingMore) {
  TestServer server;
  server.start();
  TestClient upgrading(server.address());
  upgrading.write("GET /ws HTTP/1.1\r\n");
  TestClient waiting = server.connect();
  const std::string address = server.address();
  auto done = std::async(std::launch::async, [&] { server->shutdown(kPatience); });
  upgrading.expect_end();
  EXPECT_EQ(waiting.expect_close().code, 1001);
  EXPECT_THROW(TestClient{address}, std::system_error);
  waiting.finish();
  ASSERT_EQ(done.wait_for(kPatience), std::future_status::ready);
}

TEST(Lifecycle, ShutdownHonoursItsDeadline) {
  Notes notes;
  TestServer server;
  server.start(
      {.client_disconnected = [&](const ClientDisconnected& event) { notes.add(std::to_string(event.code)); }});
  TestClient client = server.client();  // never answers the close frame
  const auto began = std::chrono::steady_clock::now();
  server->shutdown(200ms);
  const auto took = std::chrono::steady_clock::now() - began;
  EXPECT_GE(took, 190ms);
  EXPECT_LT(took, 4s);
  EXPECT_EQ(client.expect_close().code, 1001);
  client.expect_end();
  EXPECT_THAT(notes.all(), testing::ElementsAre("1001"));
}

// Its close frame is not answered either, but the shutdown has all the time in the world.
TEST(Lifecycle, ShutdownIsOverWhenTheLastConnectionIs) {
  TestServer server;
  server.start();
  const TestClient client = server.client();
  const auto began = std::chrono::steady_clock::now();
  server->shutdown(1h);
  const auto took = std::chrono::steady_clock::now() - began;
  EXPECT_GE(took, 4900ms);
  EXPECT_LT(took, kPatience);
}

TEST(Lifecycle, ShutdownDoesNotWaitForThoseThatHaveNotUpgraded) {
  TestServer server;
  server.start({.auth_timeout = 1h});
  TestClient silent(server.address());
  TestClient halfway(server.address());
  halfway.write("GET /ws HTTP/1.1\r\nHost: ");
  eventually("both to be accepted", [&] { return server->statistics().connections_open == 2; });
  const Deadline deadline;
  server->shutdown(1h);
  EXPECT_FALSE(deadline.passed());
  silent.wait_for_end();
  halfway.wait_for_end();
}

TEST(Lifecycle, ShutdownTwiceAndFromTwoThreadsIsFine) {
  TestServer server;
  server.start({.threads = 2});
  TestClient client = server.client();
  std::jthread first([&] { server->shutdown(kPatience); });
  std::jthread second([&] { server->shutdown(kPatience); });
  client.finish();
  first.join();
  second.join();
  server->shutdown();
}

TEST(Lifecycle, DisconnectedHandlersMayStillUseTheServer) {
  std::atomic<int> calls = 0;
  TestServer server;
  server.start({.threads = 2, .client_disconnected = [&](const ClientDisconnected& event) {
                  EXPECT_FALSE(server->client(event.client_id));
                  static_cast<void>(server->clients());
                  server->broadcast("gone");
                  server->send_to_client(event.client_id, "gone");
                  ++calls;
                }});
  {
    std::vector<TestClient> clients;
    for (int i = 0; i < 20; ++i) clients.push_back(server.client());
    std::jthread answering([&] {
      for (TestClient& client : clients) client.finish();
    });
    server->shutdown(kPatience);
  }
  EXPECT_EQ(calls, 20);
}

TEST(Lifecycle, TheLogSaysWhereItListens) {
  TestServer server;
  server.start();
  EXPECT_EQ(server.log().count("listening on " + server.address()), 1U);
}

TEST(Lifecycle, ALogThatThrowsHurtsNobody) {
  Options options;
  options.identifier = "test";
  options.listen = {"127.0.0.1:0"};
  options.threads = 1;
  options.log_level = LogLevel::trace;
  options.log = [](LogLevel, std::string_view) { throw std::runtime_error("the disk is full"); };
  options.authenticate = [](const AuthenticateRequest&) -> AuthenticateResult { throw std::runtime_error("no"); };
  Server server(std::move(options));
  server.start();
  TestClient client(server.addresses().front());
  client.upgrade();
  client.send("5");
  client.send(envelope("authenticate"));
  EXPECT_EQ(client.wait_for_close().code, 4003);
  client.finish();
}

}  // namespace
}  // namespace hearth::test
