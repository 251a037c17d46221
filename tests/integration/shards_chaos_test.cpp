// Clients that do anything they like, right and wrong, on several shards at once, while the application does the same.

#include "support/coroutines.hpp"
#include "support/test_server.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>

#include <array>
#include <atomic>
#include <random>
#include <thread>

namespace hearth::test {
namespace {

using namespace std::chrono_literals;

constexpr int kLives = kSanitized ? 150 : 600;  // of clients, in each thread
constexpr unsigned kThreads = 3;

enum class Kind : std::uint8_t { plain, coroutine };

class ShardsChaos : public testing::TestWithParam<Kind> {
 protected:
  template <class Request, class Function>
  static auto make(Function function) {
    using Result = std::invoke_result_t<Function&, const Request&>;
    if (GetParam() == Kind::plain) return Handler<Result, Request>(std::move(function));
    return as_coroutine<Result, Request>(std::move(function), 0ms);
  }

  void start() {
    Options options;
    options.threads = 4;
    options.max_payload_length = 5000;
    options.backpressure_limit = 20'000;
    options.per_message_deflate = {.enabled = true, .min_size = 10};
    options.client_publish = true;
    options.authenticate = make<AuthenticateRequest>([](const AuthenticateRequest& request) {
      if (request.data.text() == "1") throw std::runtime_error("asked for");
      return request.data.text() == "2" ? AuthenticateResult() : accept_anybody(request);
    });
    options.validate_room = make<ValidateRoomRequest>(allow_all);
    options.client_connected = make<ClientConnected>([this](const ClientConnected& event) {
      ++connected;
      server->send_to_client(event.client_id, "welcome");
    });
    options.client_disconnected = make<ClientDisconnected>([this](const ClientDisconnected&) { ++disconnected; });
    options.message = make<Message>([this](const Message& message) {
      if (message.event == "leave me alone") server->disconnect(message.client_id, 4000);
      if (message.event == "count") static_cast<void>(server->clients_in_room("r1"));
      server->send_to_client(message.client_id, message.event, message.data);
      server->send_to_room("r2", message.event, message.data);
    });
    server.start(std::move(options));
  }

  std::atomic<int> connected = 0;
  std::atomic<int> disconnected = 0;
  TestServer server;
};

/// One client after the other, each of which does a few things and goes.
class Mischief {
 public:
  Mischief(TestServer& server, unsigned seed) : server_(server), random_(seed) {}

  void live() {
    TestClient client(server_.address(), pick(2) == 0 ? 2048 : 0);
    try {
      client.upgrade("/ws", pick(2) == 0 ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : "");
      if (pick(10) != 0) {
        client.send(envelope("authenticate", pick(10) == 0 ? std::to_string(pick(3)) : R"({"userId":"ada"})"));
      }
      for (auto deeds = pick(30); deeds > 0; --deeds) act(client);
    } catch (const std::runtime_error&) {
      // the server has closed it, and may
    }
    client.drop(pick(2) == 0);
  }

 private:
  std::size_t pick(std::size_t below) { return random_() % below; }
  std::string room() { return "r" + std::to_string(pick(4)); }

  std::string noise(std::size_t size) {
    std::string bytes;
    while (bytes.size() < size) bytes += static_cast<char>(random_());
    return bytes;
  }

  void act(TestClient& client) {
    const std::string text(pick(1000), 'x');
    switch (pick(40)) {
      case 0:
        return client.write(noise(1 + pick(100)));
      case 1:
        return client.write(masked_header(kText, pick(10'000)));
      case 2:
        return client.write(masked_frame(kText, text).substr(0, pick(20)));
      case 3:
        return client.send_frame(kText, text, false);
      case 4:
        return client.send_close(static_cast<std::uint16_t>(pick(5000)), text.substr(0, 100));
      case 5:
        return client.send_frame(static_cast<std::uint8_t>(pick(16)), text);
      case 6:
        return client.end();
      case 7:
        return client.send(envelope("leave me alone"));
      case 8:
        return act_from_outside();
      default:
        return behave(client, text);
    }
  }

  void behave(TestClient& client, const std::string& text) {
    switch (pick(7)) {
      case 0:
        return client.send(envelope("join", R"({"rooms":[")" + room() + "\"]}", pick(2) == 0 ? "id" : ""));
      case 1:
        return client.send(envelope("leave", R"({"rooms":[")" + room() + "\"]}", pick(2) == 0 ? "id" : ""));
      case 2:
        return client.send(
            envelope("publish", R"({"room":")" + room() + R"(","event":"e","data":")" + text + "\"}", "id"));
      case 3:
        return client.send(envelope("chat", '"' + text + '"'));
      case 4:
        return client.send(envelope("count"));
      case 5:
        return client.send_frame(kPing, text.substr(0, 125));
      default:
        take_in(client);
    }
  }

  // Reads what is there, whatever it is.
  static void take_in(const TestClient& client) {
    std::array<char, 4096> buffer;
    while (::recv(client.fd(), buffer.data(), buffer.size(), MSG_DONTWAIT) > 0) {
    }
  }

  void act_from_outside() {
    server_->broadcast("all", "[1,2,3,4,5,6,7,8,9,10]");
    server_->send_to_user("ada", "user");
    for (const ClientSnapshot& client : server_->clients_in_room(room())) {
      if (pick(10) == 0) server_->disconnect(client.id, 4001);
      if (pick(3) == 0) server_->join_room(client.id, room());
      if (pick(3) == 0) server_->leave_room(client.id, room());
      if (pick(3) == 0) server_->send(client.id, "e", "1");
    }
  }

  TestServer& server_;
  std::mt19937 random_;
};

TEST_P(ShardsChaos, LeavesNothingBehindAndHurtsNobodyElse) {
  start();
  TestClient good = server.client("good");
  {
    std::atomic<unsigned> at_work = kThreads;
    std::vector<std::jthread> threads;
    for (unsigned thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        Mischief mischief(server, thread);
        for (int life = 0; life < kLives; ++life) mischief.live();
        --at_work;
      });
    }
    // Reads all the time, so that it is sent everything.
    for (int i = 0; at_work > 0; ++i) {
      good.send(envelope("are you there", std::to_string(i)));
      while (good.wait_for("are you there") != R"({"event":"are you there","data":)" + std::to_string(i) + '}') {
      }
    }
  }
  eventually("the others to be gone", [&] { return server->statistics().connections_open == 1; });
  eventually("their disconnected handlers", [&] { return disconnected == connected - 1; });
  EXPECT_EQ(server->clients().size(), 1U);
  EXPECT_EQ(server->statistics().clients_authenticated, 1U);
  EXPECT_TRUE(server->clients_of_user("ada").empty());
  for (const std::string room : {"r0", "r1", "r2", "r3"}) EXPECT_TRUE(server->clients_in_room(room).empty());
  good.send(envelope("still there"));
  good.wait_for("still there");
}

INSTANTIATE_TEST_SUITE_P(, ShardsChaos, testing::Values(Kind::plain, Kind::coroutine),
                         [](const auto& test) { return test.param == Kind::plain ? "Plain" : "Coroutine"; });

}  // namespace
}  // namespace hearth::test
