// permessage-deflate beside clients that do not speak it.

#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <dlfcn.h>
#include <zlib.h>

#include <atomic>
#include <deque>

namespace {
std::atomic<std::size_t> deflate_calls = 0;
}  // namespace

// Stands before zlib's, and counts.
extern "C" int deflate(z_streamp stream, int flush) {
  static const auto real = reinterpret_cast<decltype(&::deflate)>(::dlsym(RTLD_NEXT, "deflate"));
  ++deflate_calls;
  return real(stream, flush);
}

namespace hearth::test {
namespace {

using testing::HasSubstr;

constexpr std::string_view kOffer =
    "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n";

Options compressing() {
  Options options;
  options.per_message_deflate = {.enabled = true, .min_size = 100};
  options.validate_room = allow_all;
  return options;
}

std::string data(std::size_t size, int number) {
  return "[" + std::to_string(number) + ",\"" + std::string(size, static_cast<char>('a' + number % 26)) + "\"]";
}

TEST(Deflate, OneRoomHoldsClientsWithAndWithoutIt) {
  TestServer server;
  server.start(compressing());
  TestClient plain = server.client();
  TestClient compressed(server.address());
  compressed.upgrade("/ws", kOffer).authenticate();
  plain.join("r");
  compressed.join("r");
  const std::size_t before = compressed.compressed();
  std::size_t long_ones = 0;
  for (int i = 0; i < 300; ++i) {
    const std::string text = data(i % 3 == 0 ? 50 : 5000, i);
    long_ones += i % 3 == 0 ? 0 : 1;
    server->send_to_room("r", "n", text);
    const std::string expected = R"({"event":"n","data":)" + text + '}';
    EXPECT_EQ(plain.next(), expected);
    EXPECT_EQ(compressed.next(), expected);
  }
  EXPECT_EQ(plain.compressed(), 0U);
  EXPECT_EQ(compressed.compressed() - before, long_ones);
}

TEST(Deflate, AMessageToManyIsCompressedOnce) {
  TestServer server;
  server.start(compressing());
  std::deque<TestClient> clients;
  const auto calls_for_a_broadcast = [&] {
    const std::size_t before = deflate_calls;
    server->broadcast("n", data(5000, 1));
    for (TestClient& client : clients) client.expect("n");
    return deflate_calls - before;
  };
  const auto connect = [&] { clients.emplace_back(server.address()).upgrade("/ws", kOffer).authenticate(); };
  connect();
  const std::size_t for_one = calls_for_a_broadcast();
  EXPECT_GT(for_one, 0U);
  while (clients.size() < 20) connect();
  EXPECT_EQ(calls_for_a_broadcast(), for_one);
}

TEST(Deflate, WhatLeavesTogetherStaysInOrder) {
  TestServer server;
  server.start(compressing());
  TestClient client(server.address());
  client.upgrade("/ws", kOffer).authenticate();
  const std::size_t before = client.compressed();
  for (int i = 0; i < 1000; ++i) server->broadcast("n", data(i % 2 == 0 ? 10 : 300, i));
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(client.next(), R"({"event":"n","data":)" + data(i % 2 == 0 ? 10 : 300, i) + '}');
  }
  EXPECT_EQ(client.compressed() - before, 500U);
}

TEST(Deflate, IsOffUnlessAskedFor) {
  TestServer server;
  server.start();
  TestClient client(server.address());
  client.upgrade("/ws", kOffer).authenticate();
  server->broadcast("n", data(5000, 1));
  client.expect("n");
  EXPECT_EQ(client.compressed(), 0U);
}

}  // namespace
}  // namespace hearth::test
