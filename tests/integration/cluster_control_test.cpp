// What one instance has all of a cluster do (docs/library.md, The cluster).

#include "hearth/broker.hpp"
#include "support/mute_broker.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <vector>

namespace hearth::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;

/// Two servers that one broker joins.
class ClusterControl : public testing::Test {
 protected:
  explicit ClusterControl(AuthenticateResult (*authenticate)(const AuthenticateRequest&) = accept_anybody) {
    here_.start({.broker = make_local_broker(exchange_), .authenticate = authenticate});
    there_.start({.threads = 2, .broker = make_local_broker(exchange_), .authenticate = authenticate});
  }

  LocalExchange exchange_;
  TestServer here_;
  TestServer there_;
};

TEST_F(ClusterControl, PublishReachesTheTargetEverywhere) {
  TestClient ann = here_.client("ann");
  TestClient ben = there_.client("ben");
  there_->join_room(ben.id(), "tea");
  there_.fence();
  here_->publish(Target::user("ben"), "to_user", 1);
  here_->publish(Target::client(ben.id()), "to_client", 2);
  here_->publish(Target::everybody(), "to_all", 3);
  here_->publish(Target::everybody(), "not_to_ben", 4, std::vector{ben.id()});
  here_->publish(Target::room("tea"), "to_room", 5);
  EXPECT_EQ(ben.next(), R"({"event":"to_user","data":1})");
  EXPECT_EQ(ben.next(), R"({"event":"to_client","data":2})");
  EXPECT_EQ(ben.next(), R"({"event":"to_all","data":3})");
  EXPECT_EQ(ben.next(), R"({"event":"to_room","data":5})");
  EXPECT_EQ(ann.next(), R"({"event":"to_all","data":3})");
  EXPECT_EQ(ann.next(), R"({"event":"not_to_ben","data":4})");
  EXPECT_THAT(ann.rest(), IsEmpty());
}

TEST_F(ClusterControl, DisconnectUserClosesEachOfTheirClientsButThoseExcepted) {
  TestClient one = here_.client("ann");
  TestClient two = there_.client("ann");
  TestClient stays = there_.client("ann");
  TestClient other = there_.client("ben");
  EXPECT_TRUE(here_->disconnect(Target::user("ann"), 4010, "Disconnected", std::vector{stays.id()}));
  EXPECT_EQ(one.expect_close(), (CloseFrame{4010, "Disconnected"}));
  EXPECT_EQ(two.expect_close(), (CloseFrame{4010, "Disconnected"}));
  stays.round_trip();
  other.round_trip();
  here_->disconnect_user("ann", 4321, "enough");
  EXPECT_EQ(stays.expect_close(), (CloseFrame{4321, "enough"}));
  other.round_trip();
}

TEST_F(ClusterControl, OneClientIsFoundWhereverItIs) {
  TestClient far = there_.client("ann");
  TestClient near = here_.client("ann");
  here_->disconnect(Target::client(far.id()));
  EXPECT_EQ(far.expect_close(), (CloseFrame{4010, "Disconnected"}));
  near.round_trip();
}

TEST_F(ClusterControl, WhatWasPublishedBeforeComesBeforeTheClose) {
  TestClient ben = there_.client("ben");
  for (int i = 0; i < 100; ++i) here_->publish(Target::user("ben"), "tick", i);
  here_->disconnect_user("ben");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(ben.next(), R"({"event":"tick","data":)" + std::to_string(i) + '}');
  EXPECT_EQ(ben.expect_close().code, 4010);
}

TEST_F(ClusterControl, UsersArePutInRoomsAndTakenOut) {
  TestClient near = here_.client("ann");
  TestClient far = there_.client("ann");
  const std::vector<std::string> rooms{"tea", "coffee"};
  EXPECT_TRUE(here_->join_user("ann", rooms));
  eventually("both to be in", [&] {
    return here_->clients_in_room("coffee").size() == 1 && there_->clients_in_room("coffee").size() == 1;
  });
  EXPECT_TRUE(here_->leave_user("ann", std::vector<std::string>{"tea"}));
  eventually("both to be out",
             [&] { return here_->clients_in_room("tea").empty() && there_->clients_in_room("tea").empty(); });
  EXPECT_THAT(there_->clients_in_room("coffee"), testing::SizeIs(1));
}

TEST_F(ClusterControl, WhoIsBlockedGoesAndDoesNotComeBackUntilItEnds) {
  TestClient ann = there_.client("ann");
  const Block block{.user = "ann",
                    .until = std::chrono::ceil<std::chrono::seconds>(std::chrono::system_clock::now()) + 1h};
  EXPECT_TRUE(here_->block(block));
  EXPECT_EQ(ann.expect_close(), (CloseFrame{4007, "Revoked"}));
  for (const TestServer* server : {&here_, &there_}) {
    TestClient again = server->connect();
    again.send(R"({"event":"authenticate","data":{"userId":"ann"}})");
    EXPECT_THAT(again.next(), HasSubstr("Authentication failed"));
    EXPECT_EQ(again.expect_close().code, 4003);
    EXPECT_THAT(server->server().blocks(), ElementsAre(block));
  }
  static_cast<void>(there_.client("ben"));
  EXPECT_TRUE(there_->unblock_user("ann"));
  static_cast<void>(there_.client("ann"));
  eventually("the other to hear of it", [&] { return here_->blocks().empty(); });
  static_cast<void>(here_.client("ann"));
}

TEST_F(ClusterControl, WhatMakesNoSenseIsRefused) {
  EXPECT_THROW(here_->disconnect(Target::room("tea")), std::invalid_argument);
  EXPECT_THROW(here_->disconnect(Target::user("")), std::invalid_argument);
  EXPECT_THROW(here_->disconnect(Target::user("ann"), 1005), std::invalid_argument);
  EXPECT_THROW(here_->join(Target::everybody(), {}), std::invalid_argument);
  EXPECT_THROW(here_->join_user("ann", std::vector<std::string>{""}), std::invalid_argument);
  const auto soon = std::chrono::system_clock::now() + 1h;
  EXPECT_THROW(here_->block({.until = soon}), std::invalid_argument);
  EXPECT_THROW(here_->block({.user = "ann", .token = "t", .until = soon}), std::invalid_argument);
  EXPECT_THROW(here_->block({.user = "ann", .until = soon + 24h * 400}), std::invalid_argument);
  EXPECT_THROW(here_->publish(Target::everybody(), ""), std::invalid_argument);
}

AuthenticateResult with_token(const AuthenticateRequest& request) {
  Identity identity{.user_id = "ann"};
  identity.token_id = request.data.member("token")->string().value();
  identity.issued_at = std::chrono::system_clock::time_point(std::chrono::seconds(1000));
  return identity;
}

class ClusterControlOfTokens : public ClusterControl {
 protected:
  ClusterControlOfTokens() : ClusterControl(with_token) {}
  static TestClient client(const TestServer& server, std::string_view token) {
    TestClient client = server.connect();
    client.authenticate(R"({"token":")" + std::string(token) + "\"}");
    return client;
  }
};

TEST_F(ClusterControlOfTokens, ABlockedTokenCostsItsClientsAlone) {
  TestClient lost = client(there_, "stolen");
  TestClient good = client(there_, "good");
  here_->block({.token = "stolen", .until = std::chrono::system_clock::now() + 1h});
  EXPECT_EQ(lost.expect_close(), (CloseFrame{4007, "Revoked"}));
  good.round_trip();
}

TEST_F(ClusterControlOfTokens, AUserIsBlockedAsFarAsTheirTokensAreOlder) {
  TestClient ann = client(there_, "t");
  const auto until = std::chrono::system_clock::now() + 1h;
  here_->block({.user = "ann", .until = until, .issued_before = std::chrono::system_clock::time_point(999s)});
  ann.round_trip();
  here_->block({.user = "ann", .until = until, .issued_before = std::chrono::system_clock::time_point(1001s)});
  EXPECT_EQ(ann.expect_close().code, 4007);
}

TEST(ClusterControlAlone, ABrokerThatCannotCarryItIsTold) {
  TestServer server;
  server.start({.broker = std::make_shared<MuteBroker>()});
  TestClient ann = server.client("ann");
  EXPECT_FALSE(server->disconnect_user("ann"));
  EXPECT_EQ(ann.expect_close().code, 4010);
}

}  // namespace
}  // namespace hearth::test
