// A client that floods the server takes no more than its share of the shard.

#include "support/test_server.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <stdexcept>
#include <string>

namespace hearth::test {
namespace {

// Writes frames until the kernel takes no more of them. Returns how many went out whole.
std::size_t fill(const TestClient& client, std::string_view text) {
  const std::string frame = masked_frame(kText, text);
  std::string frames;
  for (int i = 0; i < 1000; ++i) frames += frame;
  std::size_t sent = 0;
  for (;;) {
    const std::size_t at = sent % frames.size();
    const ssize_t taken = ::send(client.fd(), frames.data() + at, frames.size() - at, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (taken < 0 && errno == EAGAIN) return sent / frame.size();
    if (taken < 0) throw std::runtime_error("the connection is gone");
    sent += static_cast<std::size_t>(taken);
  }
}

TEST(Fairness, AFloodDoesNotKeepOthersWaiting) {
  constexpr std::size_t kShare = std::size_t{128} * 1024;  // what is read of a connection in a tick
  const std::string flood = envelope("flood", '"' + std::string(100, 'x') + '"');
  std::atomic<bool> held = false;
  std::atomic<std::size_t> before = 0;
  std::size_t handled = 0;
  TestServer server;
  server.start({.message = [&](const Message& message) {
    if (message.event == "flood") ++handled;
    if (message.event == "ask") {
      before = handled;
      server->send_to_client(message.client_id, "answer");
    }
    if (message.event == "hold") {
      held = true;
      held.notify_all();
      held.wait(true);
    }
  }});
  TestClient flooding = server.client();
  TestClient asking = server.client();
  TestClient holder = server.client();
  holder.send(envelope("hold"));
  held.wait(false);
  const std::size_t sent = fill(flooding, flood);
  ASSERT_GT(sent * flood.size(), 4 * kShare) << "the kernel takes too little to tell";
  asking.send(envelope("ask"));
  held = false;
  held.notify_all();
  asking.expect("answer");
  EXPECT_LE(before * flood.size(), 2 * kShare);
}

}  // namespace
}  // namespace hearth::test
