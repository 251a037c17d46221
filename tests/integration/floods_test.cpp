// One client, or many, that ask for more than their share, by messages that are all in order.

#include "support/client_swarm.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>
#include <zlib.h>

#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace hearth::test {
namespace {

using Clock = std::chrono::steady_clock;

/// Sends the same bytes over and over, as fast as they are taken, on many connections.
class Flood {
 public:
  Flood(std::vector<TestClient> clients, std::string bytes)
      : clients_(std::move(clients)),
        bytes_(std::move(bytes)),
        thread_([this](const std::stop_token& stop) { run(stop); }) {}

 private:
  void run(const std::stop_token& stop) {
    std::vector<std::size_t> sent(clients_.size());
    std::string scratch(65536, ' ');
    while (!stop.stop_requested()) {
      bool any = false;
      for (std::size_t i = 0; i < clients_.size(); ++i) {
        const std::size_t at = sent[i] % bytes_.size();
        const ssize_t taken =
            ::send(clients_[i].fd(), bytes_.data() + at, bytes_.size() - at, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (taken > 0) sent[i] += static_cast<std::size_t>(taken);
        any = any || taken > 0;
        while (::recv(clients_[i].fd(), scratch.data(), scratch.size(), MSG_DONTWAIT) > 0) any = true;
      }
      if (!any) std::this_thread::yield();
    }
  }

  std::vector<TestClient> clients_;
  std::string bytes_;
  std::jthread thread_;
};

/// What answering takes, of so many questions one after the other.
std::vector<std::chrono::microseconds> round_trips(TestClient& client, int count) {
  std::vector<std::chrono::microseconds> times;
  for (int i = 0; i < count; ++i) {
    const auto began = Clock::now();
    client.send(envelope("echo", std::to_string(i)));
    client.expect("echo");
    times.push_back(std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began));
  }
  std::sort(times.begin(), times.end());
  return times;
}

std::string deflated(std::string_view text) {
  z_stream stream{};
  if (::deflateInit2(&stream, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc();
  std::string out(::deflateBound(&stream, text.size()) + 16, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  ::deflate(&stream, Z_SYNC_FLUSH);
  out.resize(out.size() - stream.avail_out - 4);  // RFC 7692, 7.2.1: without 00 00 ff ff
  ::deflateEnd(&stream);
  return out;
}

std::string compressed_frame(std::string_view text) {
  std::string frame = masked_frame(kText, deflated(text));
  frame[0] = static_cast<char>(static_cast<unsigned char>(frame[0]) | 0x40U);
  return frame;
}

std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

void start_echo(TestServer& server) {
  server.start({.per_message_deflate = {.enabled = true},
                .client_publish = true,
                .validate_room = allow_all,
                .message = [&server](const Message& message) {
                  server->send_to_client(message.client_id, message.event, message.data);
                }});
}

// What is shared here is the order, which no load of the machine changes: how much of the flood is handled between a
// question and its answer. The times are measured by bench/flood.mjs.
TEST(Floods, AQuestionIsAnsweredBeforeMoreThanATurnOfTheFloodIsHandled) {
  constexpr std::size_t kFlooders = 16;
  TestServer server;
  start_echo(server);
  std::vector<TestClient> flooders;
  for (std::size_t i = 0; i < kFlooders; ++i) {
    flooders.emplace_back(server.address());
    flooders.back().upgrade("/ws", "Sec-WebSocket-Extensions: permessage-deflate\r\n");
  }
  // Heartbeats of 128 KiB in 180 bytes; nobody has said who they are.
  const std::string heartbeat = R"({"event":"heartbeat","data":")" + std::string(130'000, 'x') + "\"}";
  TestClient client = server.client();
  const Flood flood(std::move(flooders), repeated(compressed_frame(heartbeat), 100));
  eventually("the flood to begin", [&] { return server->statistics().messages_received > 1000; });
  constexpr int kQuestions = 50;
  const std::uint64_t before = server->statistics().messages_received;
  const std::uint64_t ticks = server->statistics().ticks;
  static_cast<void>(round_trips(client, kQuestions));
  const std::uint64_t during = server->statistics().messages_received - before;
  const std::uint64_t turns = server->statistics().ticks - ticks;
  EXPECT_LT(turns, kQuestions * 20U);
  // A turn spends two milliseconds on those that have more than their share; a message takes 30 microseconds or more.
  EXPECT_LT(during, turns * 400 + kQuestions);
}

TEST(Floods, MessagesInOneTurnAreBoundedForEachClient) {
  TestServer server;
  start_echo(server);
  TestClient client = server.client();
  std::vector<TestClient> flooders;
  for (int i = 0; i < 64; ++i) {
    flooders.push_back(server.client());
    flooders.back().join("r");
  }
  const std::string publish = envelope("publish", R"({"room":"r","event":"e","echo":false})");
  const Flood flood(std::move(flooders), repeated(masked_frame(kText, publish), 500));
  eventually("the flood to begin", [&] { return server->statistics().messages_received > 1000; });
  const std::uint64_t ticks = server->statistics().ticks;
  constexpr int kQuestions = 20;
  static_cast<void>(round_trips(client, kQuestions));
  EXPECT_LT(server->statistics().ticks - ticks, kQuestions * 20U);
}

TEST(Floods, ALongMessageToManyWithAContextOfTheirOwnTakesNoMoreThanTheLog) {
  constexpr std::size_t kClients = 20;  // several times the log's 4 MiB
  const std::string large = [] {
    std::string text = "\"";
    std::uint32_t state = 1;
    while (text.size() < 1'000'000) {
      state = state * 1664525U + 1013904223U;
      text += static_cast<char>('!' + 2 + (state >> 24U) % 60);  // hardly compresses
    }
    std::replace(text.begin() + 1, text.end(), '\\', 'x');
    return text + '"';
  }();
  TestServer server;
  server.start({.backpressure_limit = std::size_t{8} * 1024 * 1024,
                .per_message_deflate = {.enabled = true, .server_no_context_takeover = false}});
  std::vector<TestClient> clients;
  for (std::size_t i = 0; i < kClients; ++i) {
    clients.emplace_back(server.address());
    clients.back().upgrade("/ws", "Sec-WebSocket-Extensions: permessage-deflate\r\n");
    clients.back().send(envelope("authenticate"));
  }
  eventually("all to be there", [&] { return server->statistics().clients_authenticated == kClients; });
  const std::uint64_t sent = server->statistics().messages_sent;
  server->broadcast("large", large);
  eventually("it to be sent", [&] { return server->statistics().messages_sent == sent + kClients; });
  EXPECT_EQ(server->statistics().messages_dropped, 0U);
}

TEST(Floods, AClientMayAskForSoManyRooms) {
  TestServer server;
  server.start({.limits = {.rooms_per_client = 3}, .validate_room = allow_all});
  TestClient client = server.client();
  server->join_room(client.id(), "given");  // does not count
  client.join("a");
  client.send(envelope("join", R"({"rooms":["b","a","c","d","e"]})", "1"));
  EXPECT_EQ(client.next(),
            R"({"event":"error","data":{"message":"Too many rooms","code":204,"rooms":["d","e"]},"id":"1"})");
  EXPECT_THAT(server->client(client.id())->rooms,
              testing::UnorderedElementsAre(client.id(), "ws-default", "ws-notification", "given", "a", "b", "c"));
  client.leave("a");
  client.join("d");
  client.send(envelope("join", R"({"rooms":["ws:x","e",7]})", "2"));
  EXPECT_EQ(client.next(), R"({"event":"error","data":{"message":"Room refused","code":200,)"
                           R"("rooms":["ws:x",7,"e"],"codes":[200,200,204]},"id":"2"})");
  EXPECT_EQ(server->metrics().limit_hits.at("rooms_per_client"), 3U);
}

TEST(Floods, InADryRunRoomsPastTheLimitAreOnlyCounted) {
  TestServer server;
  server.start({.limits = {.rooms_per_client = 1, .dry_run = true}, .validate_room = allow_all});
  TestClient client = server.client();
  client.join("a");
  client.join("b");
  EXPECT_EQ(server->metrics().limit_hits.at("rooms_per_client"), 1U);
  EXPECT_THAT(server->client(client.id())->rooms, testing::IsSupersetOf({"a", "b"}));
}

// The rooms of a thousand that go at once are left in many turns, and others are heard between them.
TEST(Floods, LeavingManyRoomsHoldsNobodyUp) {
  constexpr int kRooms = 60'000;
  TestServer server;
  std::atomic<int> gone = 0;
  server.start({.client_disconnected = [&](const ClientDisconnected&) { ++gone; }});
  TestClient leaving = server.client();
  TestClient other = server.client();
  for (int i = 0; i < kRooms; ++i) server->join_room(leaving.id(), "room" + std::to_string(i));
  server.fence();
  ASSERT_EQ(server->client(leaving.id())->rooms.size(), kRooms + 3U);
  const std::uint64_t ticks = server->statistics().ticks;
  leaving.drop();
  eventually("it to be gone", [&] { return gone == 1; });
  EXPECT_GE(server->statistics().ticks - ticks, 3U);
  EXPECT_EQ(server->clients_in_room("room77").size(), 0U);
  other.round_trip();
}

}  // namespace
}  // namespace hearth::test
