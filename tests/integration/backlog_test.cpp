// What waits for a client that does not read, in each of its forms.

#include "integration/encrypted_client.hpp"
#include "support/coroutines.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <unistd.h>

namespace hearth::test {
namespace {

constexpr std::size_t kLimit = std::size_t{1024} * 1024;
constexpr int kSmallBuffer = 8192;

std::string text_of(std::size_t size) { return '"' + std::string(size, 'x') + '"'; }

/// Sends a client messages until its socket takes no more, so that a little waits for it.
std::size_t fill(TestServer& server, std::string_view id) {
  std::size_t sent = 0;
  while (!server->client(id)->backpressured) {
    server->send_to_client(id, "fill", text_of(std::size_t{50} * 1024));
    server.fence();
    ++sent;
  }
  EXPECT_EQ(server->statistics().messages_dropped, 0U);
  return sent;
}

/// A server on which `tell` runs in a handler, so that all that it sends waits together.
class Backlog : public testing::Test {
 protected:
  void start(Options options) {
    options.message = [this](const Message&) { tell_(); };
    server_.start(std::move(options));
    teller_.emplace(server_.client());
  }
  void tell(std::function<void()> what) {
    tell_ = std::move(what);
    teller_->send(envelope("tell"));
    teller_->round_trip();
  }

  std::function<void()> tell_;
  TestServer server_;
  std::optional<TestClient> teller_;
};

// A message is a third longer once it is encrypted, and that is what counts against the limit.
TEST_F(Backlog, CountsEncryptedMessagesAsLongAsTheyWillBe) {
  start({.backpressure_limit = kLimit, .encryption = Encryption::optional});
  EncryptedClient stuck(server_.connect(kSmallBuffer));
  stuck.begin("ada");
  stuck.finish();
  const std::size_t sent = fill(server_, stuck.id());

  server_->send_to_client(stuck.id(), "too long", text_of(kLimit * 8 / 10));
  server_.fence();
  EXPECT_EQ(server_->statistics().messages_dropped, 1U) << "alone it would not fit";

  tell([&] {
    server_->send_to_client(stuck.id(), "fits", text_of(kLimit * 4 / 10));
    server_->send_to_client(stuck.id(), "too much", text_of(kLimit * 4 / 10));
  });
  EXPECT_EQ(server_->statistics().messages_dropped, 2U) << "not beside one that waits in the same turn";

  for (std::size_t i = 0; i < sent; ++i) EXPECT_EQ(event_of(stuck.next()), "fill");
  EXPECT_EQ(event_of(stuck.next()), "fits");
  server_->send_to_client(stuck.id(), "after", "1");
  EXPECT_EQ(event_of(stuck.next()), "after");
}

// What is written early takes the socket's room; past that and the limit nothing more is kept, in the same turn
// already.
TEST_F(Backlog, HasALimitWithinATurn) {
  const std::string path = testing::TempDir() + "hearth-backlog-" + std::to_string(::getpid());
  start({.listen = {"127.0.0.1:0", "unix:" + path}, .backpressure_limit = kLimit});
  TestClient stuck("unix:" + path);  // whose socket takes a fifth of a megabyte, and not several
  stuck.upgrade().authenticate();
  constexpr std::size_t kMessages = 35;
  tell([&] {
    for (std::size_t i = 0; i < kMessages; ++i) server_->send_to_client(stuck.id(), "m", text_of(kLimit / 10));
    server_->send_to_client(stuck.id(), "end", "0");
  });
  const std::uint64_t dropped = server_->statistics().messages_dropped;
  EXPECT_GT(dropped, kMessages / 2);
  for (std::size_t i = 0; i < kMessages - dropped; ++i) stuck.expect("m");
  stuck.expect("end");
}

// Messages to others lie between its own in the log, so that these are many pieces: more than one system call writes.
TEST_F(Backlog, KeepsEveryPieceOfATurn) {
  constexpr std::size_t kMessages = 500;
  start({.backpressure_limit = 64 * kLimit});
  TestClient stuck = server_.connect(kSmallBuffer);
  stuck.authenticate();
  TestClient reader = server_.client();
  const auto send_to_both = [&] {
    for (std::size_t i = 0; i < kMessages; ++i) {
      server_->send_to_client(stuck.id(), "own", std::to_string(i));
      server_->send_to_client(reader.id(), "other", std::to_string(i));
    }
  };
  // With an empty socket, that then takes a part; with a full one; and with one that holds something back already.
  tell([&] {
    server_->send_to_client(stuck.id(), "long", text_of(8 * kLimit));
    send_to_both();
  });
  EXPECT_TRUE(server_->client(stuck.id())->backpressured);
  tell(send_to_both);
  stuck.expect("long");
  for (std::size_t round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < kMessages; ++i) {
      ASSERT_EQ(stuck.next(), envelope("own", std::to_string(i)));
      ASSERT_EQ(reader.next(), envelope("other", std::to_string(i)));
    }
  }
  EXPECT_EQ(server_->statistics().messages_dropped, 0U);
}

}  // namespace
}  // namespace hearth::test
