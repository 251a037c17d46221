// A shard at work allocates nothing for a message.

#include "support/allocations.hpp"
#include "support/test_server.hpp"

#include <gtest/gtest.h>

#include <atomic>

namespace hearth::test {
namespace {

constexpr int kWarmUp = 200;
constexpr unsigned kMessages = 1000;

/// Counts what its shard allocates from the message `begin` to the message `end`.
class Allocation : public testing::Test {
 protected:
  void SetUp() override {
    if (!kCountsAllocations) GTEST_SKIP() << "the sanitizers' allocators count nothing";
  }

  void start() {
    server.start({.client_publish = true, .validate_room = allow_all, .message = [this](const Message& message) {
                    if (message.event == "echo") server->send_to_client(message.client_id, "echo", message.data);
                    if (message.event == "room") server->send_to_room("r", "news", message.data);
                    if (message.event == "all") server->broadcast("news", message.data);
                    if (message.event == "allocate") static_cast<void>(server->clients());
                    if (message.event == "begin") began = allocations();
                    if (message.event == "end") counted = allocations() - began;
                  }});
  }

  // Allocations while `turn` is done so many times, once everything has its working size.
  template <class Turn>
  std::uint64_t during(TestClient& client, Turn turn) {
    for (int i = 0; i < kWarmUp; ++i) turn();
    client.send(envelope("begin"));
    for (unsigned i = 0; i < kMessages; ++i) turn();
    client.send(envelope("end"));
    client.round_trip();
    return counted;
  }

  static constexpr std::uint64_t kNothingCounted = ~std::uint64_t{0};
  std::uint64_t began = 0;
  std::atomic<std::uint64_t> counted = kNothingCounted;
  TestServer server;
};

TEST_F(Allocation, IsCountedWhereThereIsOne) {
  start();
  TestClient client = server.client();
  EXPECT_GE(during(client, [&] { client.send(envelope("allocate")); }), kMessages);
}

TEST_F(Allocation, AnEchoCostsNone) {
  start();
  TestClient client = server.client("ada");
  const std::string echo = envelope("echo", R"({"text":"a text longer than what a string holds without the heap"})");
  EXPECT_EQ(during(client,
                   [&] {
                     client.send(echo);
                     client.expect("echo");
                   }),
            0U);
}

TEST_F(Allocation, AFanOutCostsNone) {
  start();
  std::vector<TestClient> members;
  for (int i = 0; i < 20; ++i) members.push_back(server.client());
  for (TestClient& member : members) member.join("r");
  const std::string room = envelope("room", R"({"text":"a text longer than what a string holds without the heap"})");
  const std::string all = envelope("all", R"([1,2,3])");
  EXPECT_EQ(during(members.front(),
                   [&] {
                     members.front().send(room);
                     members.front().send(all);
                     for (TestClient& member : members) {
                       member.expect("news");
                       member.expect("news");
                     }
                   }),
            0U);
}

TEST_F(Allocation, APublicationCostsNone) {
  start();
  TestClient client = server.client("ada");
  client.join("r");
  const std::string publish =
      envelope("publish", R"({"room":"r","event":"news","data":"a text longer than what a string holds itself"})");
  EXPECT_EQ(during(client,
                   [&] {
                     client.send(publish);
                     client.expect("news");
                   }),
            0U);
}

TEST_F(Allocation, AHeartbeatAndAPingCostNone) {
  start();
  TestClient client = server.client("ada");
  EXPECT_EQ(during(client,
                   [&] {
                     client.send(R"({"event":"heartbeat"})");
                     client.round_trip();
                   }),
            0U);
}

}  // namespace
}  // namespace hearth::test
