// docs/presence.md: what members ask, and which rooms have it.

#include "hearth/broker.hpp"
#include "hearth/history.hpp"
#include "integration/told.hpp"
#include "support/mute_broker.hpp"
#include "support/test_server.hpp"

#include <gmock/gmock.h>

#include <boost/json/value.hpp>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace hearth::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST(Presence, RequestsAreForMembersOfRoomsThatHaveIt) {
  TestServer server;
  server.start(telling_presence());
  TestClient ann = server.client("ann");
  TestClient ben = server.client("ben");
  ben.join("tea");
  const auto ask = [&](std::string_view data) {
    ann.send(R"({"event":"presence","data":)" + std::string(data) + R"(,"id":"p"})");
    return ann.next();
  };
  EXPECT_THAT(ask(R"({"room":"tea"})"), HasSubstr(R"("message":"Not a member of the room","code":202},"id":"p"})"));
  ann.join("plain");
  EXPECT_THAT(ask(R"({"room":"plain"})"), HasSubstr(R"("message":"No presence in the room","code":207},"id":"p"})"));
  for (const std::string_view wrong :
       {R"(7)", R"({})", R"({"room":7})", R"({"room":"tea","after":"ann"})", R"({"room":"tea","limit":0})",
        R"({"room":"tea","limit":-1})", R"({"room":"tea","limit":"2"})"}) {
    EXPECT_THAT(ask(wrong), HasSubstr(R"("code":100},"id":"p"})")) << wrong;
  }
  ann.join("tea");
  const std::string all = ask(R"({"room":"tea"})");
  EXPECT_THAT(all, testing::EndsWith(R"(,"id":"p"})"));
  EXPECT_THAT(presence_ids(presence_data(all).at("members")), UnorderedElementsAre(ann.id(), ben.id()));
  EXPECT_THAT(ask(R"({"room":"tea","after":null})"), HasSubstr(R"("clients":2)"));

  const auto page = presence_data(ask(R"({"room":"tea","limit":1})"));
  EXPECT_EQ(presence_ids(page.at("members")), std::vector{std::min(ann.id(), ben.id())});
  const std::string next(page.at("next").as_string());
  const auto last = presence_data(ask(R"({"room":"tea","after":")" + next + R"(","limit":1000})"));
  EXPECT_EQ(presence_ids(last.at("members")), std::vector{std::max(ann.id(), ben.id())});
  EXPECT_FALSE(last.as_object().contains("next"));
}

TEST(Presence, WhereThereIsNoneAJoinIsToldSoAndHappens) {
  TestServer server;
  server.start(telling_presence());
  TestClient client = server.client("ann");
  client.send(
      R"({"event":"join","data":{"rooms":["plain","tea","ws:x"],"presence":["tea","plain","ws:x","milk"]},"id":"j"})");
  EXPECT_EQ(client.next(), R"({"event":"error","data":{"message":"Room refused","code":200,"rooms":["ws:x","plain"],)"
                           R"("codes":[200,207],"joined":["plain","tea"]},"id":"j"})");
  client.expect("presence");
  EXPECT_EQ(server->clients_in_room("plain").size(), 1U);
  client.send(R"({"event":"join","data":{"rooms":["tea"],"presence":"tea"},"id":"j"})");
  EXPECT_THAT(client.next(), HasSubstr(R"("code":100)"));
  client.send(R"({"event":"join","data":{"rooms":["tea"],"presence":[7]},"id":"j"})");
  EXPECT_THAT(client.next(), HasSubstr(R"("code":100)"));
}

TEST(Presence, NamesOfItsEventsAreTheServers) {
  TestServer server;
  server.start(telling_presence());
  TestClient client = server.client();
  client.join("plain");
  client.send(R"({"event":"publish","data":{"room":"plain","event":"presence"},"id":"p"})");
  EXPECT_THAT(client.next(), HasSubstr(R"("code":105)"));
  client.send(R"({"event":"history","data":{"room":"plain"},"id":"h"})");
  EXPECT_THAT(client.next(), HasSubstr(R"("code":206)"));
}

TEST(Presence, WithoutSuchRoomsItIsTheApplications) {
  std::vector<std::string> heard;
  Options options = telling_presence(presence_rule("tea", RoomPresence::off));
  options.message = [&](const Message& message) { heard.emplace_back(message.event); };
  options.threads = 1;
  TestServer server;
  server.start(std::move(options));
  TestClient client = server.client();
  client.send(R"({"event":"join","data":{"rooms":["tea"],"presence":"?"},"id":"j"})");
  EXPECT_EQ(client.next(), R"({"event":"ack","data":{"rooms":["tea"]},"id":"j"})");
  client.send(R"({"event":"presence","data":{"room":"tea"},"id":"h"})");
  EXPECT_THAT(client.rest(), IsEmpty());
  EXPECT_THAT(heard, testing::ElementsAre("presence"));
}

TEST(Presence, DefaultRoomsHaveItOnceAClientIsAuthenticated) {
  Options options = telling_presence();
  options.default_rooms = {"tea"};
  TestServer server;
  server.start(std::move(options));
  TestClient waiting = server.connect();
  TestClient client = server.client("ann");
  Told told(client);
  told.join();
  told.until({client.id()});
  waiting.authenticate();
  told.until({client.id(), waiting.id()});
}

TEST(Presence, TheServerCanBeAsked) {
  TestServer server;
  server.start(telling_presence());
  EXPECT_FALSE(server->presence("plain"));
  EXPECT_EQ(server->presence("tea")->get().clients, 0U);
  EXPECT_THROW(static_cast<void>(server->presence("")), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(server->presence("tea", {.after = "ann"})), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(server->presence("tea", {.limit = 1001})), std::invalid_argument);
  TestClient ann = server.client("ann");
  TestClient nobody = server.client();
  ann.join("tea");
  nobody.join("tea");
  eventually("both to be known", [&] { return server->presence("tea")->get().clients == 2; });
  PresencePage page = server->presence("tea", {.limit = 1})->get();
  EXPECT_EQ(page.users, 1U);
  ASSERT_TRUE(page.members);
  ASSERT_EQ(page.members->size(), 1U);
  EXPECT_EQ(page.next, std::min(ann.id(), nobody.id()));
  page = server->presence("tea", {.after = page.next})->get();
  EXPECT_EQ(page.members->at(0).id, std::max(ann.id(), nobody.id()));
  EXPECT_EQ(page.next, "");
}

TEST(Presence, WhoDoesNotWaitIsToldToo) {
  TestServer server;
  server.start(telling_presence());
  const auto never = [](const Result<PresencePage>&) { FAIL() << "the room has none"; };
  EXPECT_FALSE(server->presence("plain", {}, never));
  TestClient ann = server.client("ann");
  ann.join("tea");
  eventually("her to be known", [&] { return server->presence("tea")->get().clients == 1; });
  std::promise<Result<PresencePage>> promise;
  EXPECT_TRUE(server->presence("tea", {}, [&](Result<PresencePage> page) { promise.set_value(std::move(page)); }));
  const Result<PresencePage> page = promise.get_future().get();
  ASSERT_TRUE(page);
  EXPECT_EQ(page->members->at(0).id, ann.id());

  server->shutdown(std::chrono::milliseconds(0));
  std::error_code error;
  EXPECT_TRUE(server->presence("tea", {}, [&](const Result<PresencePage>& none) { error = none.error(); }));
  EXPECT_EQ(error, HistoryError::unavailable);
  EXPECT_THROW(static_cast<void>(server->presence("tea")->get()), std::system_error);
  EXPECT_EQ(server->metrics().presence.rooms, 0U);
}

TEST(Presence, RoomsThatComeToHaveItHaveEverybodyWhoIsThere) {
  TestServer server;
  server.start(telling_presence());
  TestClient ann = server.client("ann");
  TestClient ben = server.client("ben");
  ann.join("plain");
  ben.join("plain");
  Settings settings = server->settings();
  settings.room_rules = RoomRules({presence_rule("plain", RoomPresence::members)});
  server->update(settings);
  Told told(ann, "plain");
  told.join();
  told.until({ann.id(), ben.id()});
}

TEST(Presence, AServerThatBeganWithoutCannotGetIt) {
  TestServer server;
  server.start(telling_presence(presence_rule("tea", RoomPresence::off)));
  Settings settings = server->settings();
  settings.room_rules = RoomRules({presence_rule("plain", RoomPresence::members)});
  try {
    server->update(settings);
    FAIL() << "it was taken";
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), HasSubstr("presence"));
  }
}

TEST(Presence, WithABrokerThatKeepsNoneItIsRefused) {
  Options options = telling_presence();
  options.identifier = "test";
  options.authenticate = accept_anybody;
  options.broker = std::make_shared<MuteBroker>();
  try {
    const Server server(std::move(options));
    FAIL() << "it was taken";
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), HasSubstr("room_rules[0].presence needs a broker"));
  }
}

TEST(Presence, ServersOfAnExchangeTellOfAllTheirMembers) {
  const LocalExchange exchange;
  TestServer first;
  TestServer second;
  Options options = telling_presence();
  options.broker = make_local_broker(exchange);
  first.start(options);
  options.broker = make_local_broker(exchange);
  second.start(options);
  TestClient ben = second.client("ben");
  ben.join("tea");
  TestClient ann = first.client("ann");
  Told told(ann);
  told.join();
  told.until({ann.id(), ben.id()});
  second->shutdown(std::chrono::milliseconds(0));
  told.until({ann.id()});
}

TEST(Presence, BesideAHistoryBothAreTold) {
  RoomRule both = presence_rule("tea", RoomPresence::members);
  both.history_size = 10;
  TestServer server;
  server.start(telling_presence(both));
  TestClient client = server.client("ann");
  client.send(R"({"event":"join","data":{"rooms":["tea"],"since":{"tea":null},"presence":["tea"]},"id":"j"})");
  EXPECT_THAT(client.next(), HasSubstr(R"("positions":{"tea":{"epoch":)"));
  client.expect("presence");
  server->publish("tea", "news", 1);
  EXPECT_THAT(client.next(), HasSubstr(R"("offset":1)"));
  Settings settings = server->settings();
  server->update(settings);
}

}  // namespace
}  // namespace hearth::test
