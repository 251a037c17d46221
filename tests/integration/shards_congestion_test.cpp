// A shard that cannot keep up holds back those who make its work, and loses nothing.

#include "support/memory.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <thread>

namespace hearth::test {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kFar = std::size_t{256} * 1024 * 1024;
constexpr std::size_t kMessage = 10'000;

unsigned shard_of(const TestClient& client) {
  return static_cast<unsigned>(std::stoul(client.id().substr(34), nullptr, 16));
}

TestClient client_on_shard(const TestServer& server, unsigned shard) {
  for (;;) {
    TestClient client = server.client();
    if (shard_of(client) == shard) return client;
  }
}

/// A server of two shards, the second of which stands still from `hold` to `release`.
class ShardsCongestion : public testing::Test {
 protected:
  ShardsCongestion() {
    server.start({.threads = 2,
                  .backpressure_limit = kFar,  // of what is slow here, clients are no part
                  .client_publish = true,
                  .validate_room = allow_all,
                  .message = [this](const Message& message) {
                    if (message.event != "hold") return;
                    held = true;
                    held.notify_all();
                    held.wait(true);
                  }});
    holder.emplace(client_on_shard(server, 1));
  }
  ~ShardsCongestion() override { release(); }

  void hold() {
    holder->send(envelope("hold"));
    held.wait(false);
  }
  void release() {
    held = false;
    held.notify_all();
  }

  std::atomic<bool> held = false;
  TestServer server;
  std::optional<TestClient> holder;
};

std::string publication(std::size_t number) {
  return envelope("publish", R"({"room":"r","event":"n","data":[)" + std::to_string(number) + ",\"" +
                                 std::string(kMessage, 'x') + "\"],\"echo\":false}");
}

// Publishes as fast as the server takes it, until it takes nothing for a while. Returns how many it was; the last one
// may be sent in part, `left` being the rest.
std::size_t publish_until_held_back(const TestClient& client, std::string& left) {
  std::size_t count = 0;
  std::size_t sent = 0;
  Deadline quiet(300ms);
  while (sent < kFar && !quiet.passed()) {
    if (left.empty()) left = masked_frame(kText, publication(count++));
    const ssize_t taken = ::send(client.fd(), left.data(), left.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (taken < 0) {
      if (errno != EAGAIN) throw std::runtime_error("the connection is gone");
      std::this_thread::yield();
      continue;
    }
    left.erase(0, static_cast<std::size_t>(taken));
    sent += static_cast<std::size_t>(taken);
    quiet = Deadline(300ms);
  }
  return count;
}

TEST_F(ShardsCongestion, AFloodIsHeldBackAndNothingIsLost) {
  TestClient flooding = client_on_shard(server, 0);
  TestClient member = client_on_shard(server, 1);
  flooding.join("r");
  member.join("r");
  const std::size_t before = resident_memory();
  hold();
  std::string left;
  const std::size_t count = publish_until_held_back(flooding, left);
  EXPECT_LT(count * kMessage, kFar) << "more than a mailbox may hold";
  if (!kSanitized) {
    EXPECT_LT(resident_memory(), before + std::size_t{96} * 1024 * 1024);
  }
  release();
  flooding.write(left);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string message = member.next();
    ASSERT_TRUE(message.starts_with(R"({"event":"n","data":[)" + std::to_string(i) + ',')) << message.substr(0, 100);
  }
  EXPECT_EQ(server->statistics().messages_dropped, 0U);
}

// A thread of the application waits for the shard instead, but no longer than until it is gone.
TEST_F(ShardsCongestion, SendersFromOutsideWaitForTheShard) {
  TestClient member = client_on_shard(server, 1);
  hold();
  const std::string data = '"' + std::string(kMessage, 'x') + '"';
  constexpr std::size_t kCount = 4000;  // 40 MB
  std::atomic<std::size_t> sent = 0;
  std::jthread sender([&] {
    for (; sent < kCount; ++sent) server->send_to_client(member.id(), "n", data);
  });
  std::size_t last = 0;
  eventually("the sender to be held back", [&] {
    const std::size_t before = std::exchange(last, sent.load());
    std::this_thread::sleep_for(20ms);
    return last > 0 && sent == before;
  });
  EXPECT_LT(sent, kCount);
  release();
  for (std::size_t i = 0; i < kCount; ++i) member.expect("n");
}

TEST_F(ShardsCongestion, ShutdownReleasesWhoWaits) {
  const std::string data = '"' + std::string(kMessage, 'x') + '"';
  std::atomic<bool> stop = false;
  std::vector<std::jthread> senders;
  hold();
  for (int i = 0; i < 3; ++i) {
    senders.emplace_back([&] {
      while (!stop) server->broadcast("n", data);
    });
  }
  std::jthread releasing([&] { release(); });
  server->shutdown(500ms);
  stop = true;
}

}  // namespace
}  // namespace hearth::test
