// docs/presence.md: what members are told.

#include "integration/told.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <boost/json/value.hpp>

#include <chrono>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace hearth::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(Presence, MembersAreToldWhoIsThereAndWhoComesAndGoes) {
  TestServer server;
  server.start(telling_presence());
  // On both shards, as likely as not; it must make no difference.
  TestClient ann = server.client("ann");
  Told told(ann);
  told.join();
  told.until({ann.id()});
  TestClient ben = server.client("ben");
  ben.join("tea");
  TestClient again = server.client("ann");
  again.join("tea");
  told.until({ann.id(), ben.id(), again.id()});
  EXPECT_EQ(told.users(), 2U);
  ben.leave("tea");
  told.until({ann.id(), again.id()});
  again.drop();
  told.until({ann.id()});
  EXPECT_EQ(told.users(), 1U);
  EXPECT_THAT(ben.rest(), IsEmpty()) << "it has not asked";
}

TEST(Presence, AllWhoAreToldAreToldTheSame) {
  TestServer server;
  server.start(telling_presence());
  std::vector<TestClient> clients;
  std::set<std::string> ids;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(server.client("u" + std::to_string(i)));
    ids.insert(clients.back().id());
  }
  std::vector<Told> told;
  for (TestClient& client : clients) told.emplace_back(client).join();
  for (Told& its : told) its.until(ids);
  for (Told& its : told) EXPECT_EQ(its.version(), told.front().version());
}

TEST(Presence, TellsWhatTheIdentityShows) {
  Options options = telling_presence();
  options.authenticate = [](const AuthenticateRequest&) -> AuthenticateResult {
    Identity identity;
    identity.user_id = "ann";
    identity.info = boost::json::object{{"name", "Ann"}};
    identity.metadata = "secret";
    return identity;
  };
  TestServer server;
  server.start(std::move(options));
  TestClient client = server.client();
  client.send(R"({"event":"join","data":{"rooms":["tea"],"presence":["tea"]},"id":"j"})");
  client.expect("ack");
  EXPECT_EQ(client.next(), R"({"event":"presence","data":{"room":"tea","version":2,"clients":1,"users":1,"members":)"
                           R"([{"id":")" +
                               client.id() + R"(","userId":"ann","info":{"name":"Ann"}}]}})");
}

TEST(Presence, InfoThatIsTooLongIsLeftOutAndLogged) {
  Options options = telling_presence();
  options.authenticate = [](const AuthenticateRequest&) -> AuthenticateResult {
    Identity identity;
    identity.info = std::string(1023, 'x');  // and quotation marks
    return identity;
  };
  TestServer server;
  server.start(std::move(options));
  TestClient client = server.client();
  Told(client).join();
  EXPECT_THAT(client.log().back(), Not(HasSubstr("info")));
  eventually("it to be logged", [&] { return server.log().count("others see no `info` of a client") == 1; });
}

TEST(Presence, CountsAlone) {
  TestServer server;
  server.start(telling_presence(presence_rule("tea", RoomPresence::count)));
  TestClient ann = server.client("ann");
  Told told(ann);
  told.join();
  EXPECT_FALSE(told.is_listed());
  TestClient ben = server.client("ben");
  ben.join("tea");
  told.until_clients(2);
  EXPECT_EQ(told.users(), 2U);
  EXPECT_THAT(ann.log().back(), Not(HasSubstr("joined")));
}

TEST(Presence, PastTheLimitNumbersAlone) {
  RoomRule limited = presence_rule("tea", RoomPresence::members);
  limited.presence_limit = 2;
  TestServer server;
  server.start(telling_presence(limited));
  TestClient first = server.client();
  Told told(first);
  told.join();
  TestClient second = server.client();
  TestClient third = server.client();
  second.join("tea");
  told.until({first.id(), second.id()});
  third.join("tea");
  told.until_clients(3);
  EXPECT_FALSE(told.is_listed());
  third.leave("tea");
  second.leave("tea");
  told.until({first.id()});
  EXPECT_TRUE(told.is_listed());
}

TEST(Presence, AUserWhoComesBackInTimeIsNotToldAsGone) {
  RoomRule held = presence_rule("tea", RoomPresence::members);
  held.presence_grace = 1h;
  Options options = telling_presence(held);
  options.threads = 1;  // so that it has gone before it is back
  TestServer server;
  server.start(std::move(options));
  TestClient ann = server.client("ann");
  Told told(ann);
  told.join();
  std::string gone;
  {
    TestClient ben = server.client("ben");
    ben.join("tea");
    told.until({ann.id(), ben.id()});
    gone = ben.id();
    ben.drop();
  }
  eventually("the connection to be gone", [&] { return server->clients().size() == 1; });
  TestClient back = server.client("ben");
  back.join("tea");
  told.next();
  EXPECT_EQ(told.users(), 2U);
  EXPECT_THAT(ann.log().back(), HasSubstr(R"("joined":[{"id":")" + back.id()));
  EXPECT_THAT(ann.log().back(), HasSubstr(R"("left":[")" + gone));
}

TEST(Presence, WhoLeavesIsNotToldAnyMore) {
  Options options = telling_presence();
  options.threads = 1;
  TestServer server;
  server.start(std::move(options));
  TestClient ann = server.client("ann");
  TestClient ben = server.client("ben");
  Told ann_told(ann);
  Told ben_told(ben);
  ann_told.join();
  ben_told.join();
  ann_told.until({ann.id(), ben.id()});
  ann.leave("tea");
  ben_told.until({ben.id()});
  TestClient cid = server.client("cid");
  cid.join("tea");
  ben_told.until({ben.id(), cid.id()});
  for (const std::string& message : ann.rest()) EXPECT_THAT(message, Not(HasSubstr(cid.id())));
}
}  // namespace
}  // namespace hearth::test
