// A message to more clients than a loop writes to in one turn.

#include "support/test_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hearth::test {
namespace {

constexpr std::size_t kClients = 1200;

class LargeFanout : public testing::Test {
 protected:
  void SetUp() override {
    server_.start({.message = [this](const Message& message) {
      server_->send_to_client(message.client_id, "answer", message.data);
    }});
    for (std::size_t i = 0; i < kClients; ++i) clients_.push_back(server_.client());
  }

  TestServer server_;
  std::vector<TestClient> clients_;
};

TEST_F(LargeFanout, IsSpreadOverTurnsOfTheLoop) {
  const auto before = server_->statistics().ticks;
  server_->broadcast("n", 1);
  for (TestClient& client : clients_) EXPECT_EQ(client.next(), R"({"event":"n","data":1})");
  EXPECT_GE(server_->statistics().ticks - before, 3U);
}

TEST_F(LargeFanout, KeepsTheOrderOfWhatComesMeanwhile) {
  constexpr int kMessages = 20;
  for (int i = 0; i < kMessages; ++i) {
    server_->broadcast("n", i);
    clients_[kClients - 1].send(envelope("ask", std::to_string(i)));
    server_->send_to_client(clients_[static_cast<std::size_t>(i)].id(), "own", i);
  }
  for (std::size_t at = 0; at + 1 < kClients; ++at) {
    for (int i = 0; i < kMessages; ++i) {
      EXPECT_EQ(clients_[at].next(), R"({"event":"n","data":)" + std::to_string(i) + '}');
      if (at == static_cast<std::size_t>(i)) {
        EXPECT_EQ(clients_[at].next(), R"({"event":"own","data":)" + std::to_string(i) + '}');
      }
    }
  }
  // The answers come between the broadcasts, each kind in its order.
  TestClient& asking = clients_[kClients - 1];
  int broadcasts = 0;
  int answers = 0;
  while (broadcasts + answers < 2 * kMessages) {
    const std::string text = asking.next();
    const bool is_answer = event_of(text) == "answer";
    int& count = is_answer ? answers : broadcasts;
    EXPECT_EQ(text, envelope(is_answer ? "answer" : "n", std::to_string(count)));
    ++count;
  }
  EXPECT_EQ(answers, kMessages);
}

TEST_F(LargeFanout, SurvivesClientsThatGoBeforeTheirTurn) {
  server_->broadcast("n", 1);
  for (std::size_t i = 0; i < kClients; i += 2) clients_[i].drop(true);
  server_->broadcast("n", 2);
  for (std::size_t i = 1; i < kClients; i += 2) {
    EXPECT_EQ(clients_[i].next(), R"({"event":"n","data":1})");
    EXPECT_EQ(clients_[i].next(), R"({"event":"n","data":2})");
  }
  clients_.clear();  // that they are not waited for
  server_->shutdown();
}

}  // namespace
}  // namespace hearth::test
