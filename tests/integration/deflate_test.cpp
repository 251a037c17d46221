// permessage-deflate beside clients that do not speak it.

#include "integration/encrypted_client.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <dlfcn.h>
#include <zlib.h>

#include <atomic>
#include <deque>
#include <initializer_list>
#include <map>
#include <random>

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

// What a client with a window of so many bits offers.
std::string window(int bits) {
  return "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=" + std::to_string(bits) + "\r\n";
}

// Repeats what lies 2,000 bytes back, which a window of 12 bits is large enough for, and then 5,000, for 15 bits alone.
std::string repeated(int number) {
  std::mt19937 random(static_cast<unsigned>(number));
  const auto digits = [&](std::size_t count) {
    std::string text;
    while (text.size() < count) text += std::to_string(random());
    return text.substr(0, count);
  };
  const std::string near = digits(2000);
  const std::string far = digits(5000);
  return '"' + near + near + far + far + '"';
}

std::size_t bytes_of_next(TestClient& client, const std::string& expected) {
  const std::size_t before = client.compressed_bytes();
  EXPECT_EQ(client.next(), expected);
  return client.compressed_bytes() - before;
}

// Connects a client for each window, in this order; 0 is one without compression.
std::deque<TestClient> clients_with_windows(const TestServer& server, std::initializer_list<int> windows) {
  std::deque<TestClient> clients;
  for (const int bits : windows) {
    TestClient& client = clients.emplace_back(server.address());
    client.upgrade("/ws", bits == 0 ? "" : window(bits)).authenticate();
    client.join("r");
  }
  return clients;
}

TEST(Deflate, EveryClientInARoomGetsTheFormForItsOwnWindow) {
  for (const auto windows : {std::initializer_list<int>{9, 15, 0, 12, 9, 15}, {15, 9, 12, 0, 15, 9}}) {
    TestServer server;
    server.start(compressing());
    std::deque<TestClient> clients = clients_with_windows(server, windows);
    for (int i = 0; i < 5; ++i) {
      server->send_to_room("r", "n", repeated(i));
      std::map<int, std::size_t> bytes;
      auto client = clients.begin();
      for (const int bits : windows) {
        const std::size_t taken = bytes_of_next(*client++, envelope("n", repeated(i)));
        EXPECT_EQ(bytes.try_emplace(bits, taken).first->second, taken) << "not the same for all with " << bits;
      }
      EXPECT_EQ(bytes[0], 0U);
      EXPECT_LT(bytes[15], bytes[12] * 3 / 4);
      EXPECT_LT(bytes[12], bytes[9]);
    }
  }
}

TEST(Deflate, AMessageIsCompressedOnceAWindow) {
  TestServer server;
  server.start(compressing());
  const auto calls_for_a_message = [&](std::initializer_list<int> windows) {
    std::deque<TestClient> clients = clients_with_windows(server, windows);
    const std::size_t before = deflate_calls;
    server->send_to_room("r", "n", data(5000, 1));
    for (TestClient& client : clients) client.expect("n");
    const std::size_t calls = deflate_calls - before;
    for (TestClient& client : clients) client.leave("r");
    return calls;
  };
  const std::size_t for_one = calls_for_a_message({9});
  EXPECT_EQ(calls_for_a_message({9, 15, 9, 15, 0, 15, 9}), 2 * for_one);
}

// One direction may keep its context while the other does not, and each client has contexts of its own.
TEST(Deflate, WhoKeepsItsContextHasOneOfItsOwn) {
  TestServer server;
  Options options = compressing();
  options.per_message_deflate.server_no_context_takeover = false;
  options.per_message_deflate.client_no_context_takeover = false;
  options.message = [&](const Message& message) {
    server->send_to_client(message.client_id, "echo", message.data.text());
  };
  server.start(options);
  constexpr std::string_view kServer = "; server_no_context_takeover";
  constexpr std::string_view kClient = "; client_no_context_takeover";
  std::deque<TestClient> clients;
  constexpr std::string_view kWindows = "; server_max_window_bits=9; client_max_window_bits";
  for (const std::string& forgets : {std::string(), std::string(kServer), std::string(kClient),
                                     std::string(kServer) + std::string(kClient), std::string(kWindows)}) {
    TestClient& client = clients.emplace_back(server.address());
    client.upgrade("/ws", "Sec-WebSocket-Extensions: permessage-deflate" + forgets + "\r\n").authenticate();
    client.join("r");
  }
  // What each has been sent differs, so that a context is of no use to another client.
  for (int i = 0; i < 20; ++i) {
    TestClient& one = clients[static_cast<std::size_t>(i) % clients.size()];
    one.send_compressed(envelope("any", repeated(i)));
    EXPECT_EQ(one.next(), envelope("echo", repeated(i)));
    server->send_to_room("r", "n", data(1000, i));
    for (TestClient& client : clients) EXPECT_EQ(client.next(), envelope("n", data(1000, i)));
  }
  const auto bytes_of_a_message = [&](TestClient& client) {
    server->send_to_client(client.id(), "n", repeated(100));
    return bytes_of_next(client, envelope("n", repeated(100)));
  };
  for (std::size_t i = 0; i < clients.size(); ++i) {
    const bool keeps = i == 0 || i == 2;  // the last one's window is too small for what is said again
    const std::size_t first = bytes_of_a_message(clients[i]);
    const std::size_t again = bytes_of_a_message(clients[i]);
    EXPECT_EQ(again < first / 4, keeps) << "client " << i << ": " << first << " and " << again << " bytes";
  }
}

TEST(Deflate, ARoomHoldsClientsWithAndWithoutCompressionAndEncryption) {
  TestServer server;
  Options options = compressing();
  options.encryption = Encryption::optional;
  server.start(options);
  const auto connect = [&](std::string_view fields) {
    TestClient client(server.address());
    client.upgrade("/ws", fields);
    return client;
  };
  std::deque<EncryptedClient> sealed;
  std::deque<TestClient> open;
  for (const std::string& fields : {window(9), std::string(), window(15)}) {
    sealed.emplace_back(connect(fields)).begin("user");
    sealed.back().finish();
    sealed.back().join("r");
    open.emplace_back(connect(fields)).authenticate();
    open.back().join("r");
  }
  for (int i = 0; i < 20; ++i) {
    const bool is_long = i % 2 == 0;
    const std::string text = is_long ? repeated(i) : data(20, i);
    server->send_to_room("r", "n", text);
    for (std::size_t k = 0; k < open.size(); ++k) {
      EXPECT_EQ(bytes_of_next(open[k], envelope("n", text)) > 0, is_long && k != 1);
      const std::size_t before = sealed[k].wire().compressed();
      EXPECT_EQ(sealed[k].next(), envelope("n", text));
      EXPECT_EQ(sealed[k].wire().compressed(), before);
    }
  }
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
