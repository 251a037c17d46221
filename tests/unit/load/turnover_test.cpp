#include "load/turnover.hpp"

#include <gtest/gtest.h>

namespace hearth::load {
namespace {

class TurnoverOfClients : public testing::Test {
 protected:
  TurnoverOfClients() {
    for (std::uint32_t i = 0; i < plan_.clients; ++i) {
      Client& client = clients_.emplace_back(i);
      client.state = Client::State::open;
      client.is_ready = true;
      client.rooms.join(traffic_.memberships[i]);
      client.rooms.answered([](std::uint32_t) { return 0U; });
    }
  }

  static Plan plan() {
    Plan plan;
    plan.scenario = Scenario::mixed;
    plan.clients = 20;
    plan.threads = 2;
    plan.rooms = 5;
    plan.members = 6;
    plan.churn = 100;
    plan.reconnects = 10;
    return plan;
  }

  const Plan plan_ = plan();
  const Traffic traffic_{plan_};
  std::deque<Client> clients_;
  Turnover turnover_{plan_, traffic_, clients_, 1};
};

TEST_F(TurnoverOfClients, EachThreadHasItsPartOfTheRates) {
  EXPECT_FALSE(turnover_.takes_change(Pace::kNever)) << "before the start";
  turnover_.start(0);
  EXPECT_EQ(turnover_.next_due(), 20'000'000U);
  int changes = 0;
  int reconnects = 0;
  while (turnover_.takes_change(1'000'000'000)) ++changes;
  while (turnover_.takes_reconnect(1'000'000'000)) ++reconnects;
  EXPECT_NEAR(changes, 50, 1);
  EXPECT_NEAR(reconnects, 5, 1);
}

TEST_F(TurnoverOfClients, NobodyLeavesARoomThatItSendsToOrThatDoesNotChange) {
  int drawn = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto leaver = turnover_.draw_leaver();
    if (!leaver) continue;
    ++drawn;
    EXPECT_TRUE(leaver->client.rooms.knows(leaver->stream));
    EXPECT_NE(traffic_.streams[leaver->stream].sender, leaver->client.index);
    EXPECT_TRUE(traffic_.streams[leaver->stream].room.starts_with("bench-"));
    EXPECT_FALSE(traffic_.streams[leaver->stream].room.starts_with("bench-pair-"));
    EXPECT_NE(traffic_.streams[leaver->stream].room, "bench-all");
  }
  EXPECT_GT(drawn, 100);
}

TEST_F(TurnoverOfClients, NobodyJoinsARoomTwice) {
  int drawn = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto joiner = turnover_.draw_joiner();
    if (!joiner) continue;
    ++drawn;
    EXPECT_FALSE(joiner->client.rooms.knows(joiner->stream));
  }
  EXPECT_GT(drawn, 100);
}

TEST_F(TurnoverOfClients, WhoWaitsForAnAnswerIsLeftAlone) {
  for (Client& client : clients_) client.rooms.join({0});
  for (int i = 0; i < 200; ++i) {
    EXPECT_FALSE(turnover_.draw_leaver());
    EXPECT_FALSE(turnover_.draw_joiner());
  }
}

TEST_F(TurnoverOfClients, OnlyOpenClientsThatSendNothingComeAgain) {
  int drawn = 0;
  for (int i = 0; i < 2000; ++i) {
    const Client* client = turnover_.draw_reconnect();
    if (client == nullptr) continue;
    ++drawn;
    EXPECT_FALSE(traffic_.sends[client->index]);
  }
  EXPECT_GT(drawn, 100);
  for (Client& client : clients_) client.state = Client::State::connecting;
  for (int i = 0; i < 200; ++i) EXPECT_EQ(turnover_.draw_reconnect(), nullptr);
}

}  // namespace
}  // namespace hearth::load
