// Who and what is here, as the API lists it.

#include "support/command_folder.hpp"
#include "support/redis_server.hpp"
#include "support/test_client.hpp"

#include <gmock/gmock.h>
#include <boost/json.hpp>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace hearth::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ApiLists : public testing::Test, protected CommandFolder {
 protected:
  ApiLists() { start("[[rooms]]\npattern = \"**\"\njoin = \"anyone\"\n"); }

  // Clients are who they say they are.
  void start(const std::string& config) {
    write(config);
    server_ = serve("--dev", "HEARTH_SERVER_LISTEN=127.0.0.1:0");
    address_ = address_of(*server_);
    api_ = api_address_of(*server_);
  }
  HttpAnswer ask(const std::string& path) const {
    TestClient http(api_);
    http.write("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    return http.read_http();
  }
  boost::json::object get(const std::string& path) const {
    const HttpAnswer answer = ask(path);
    EXPECT_EQ(answer.status, 200U) << path << answer.body;
    return boost::json::parse(answer.body).as_object();
  }
  std::unique_ptr<TestClient> client(const std::string& user, const std::vector<std::string>& rooms) const {
    auto client = std::make_unique<TestClient>(address_);
    client->upgrade().authenticate_as(user);
    for (const std::string& room : rooms) client->join(room);
    return client;
  }
  /// A member of every element of a list.
  static std::vector<std::string> all(const boost::json::object& body, std::string_view list, std::string_view member) {
    std::vector<std::string> values;
    for (const auto& element : body.at(list).as_array()) values.emplace_back(element.at(member).as_string());
    return values;
  }

  std::unique_ptr<ChildProcess> server_;
  std::string address_;
  std::string api_;
};

TEST_F(ApiLists, ClientsComePageByPage) {
  std::vector<std::unique_ptr<TestClient>> there;
  std::set<std::string> ids;
  for (int i = 0; i < 7; ++i) {
    there.push_back(client("ann", {}));
    ids.insert(there.back()->id());
  }
  std::set<std::string> seen;
  std::string next;
  std::size_t pages = 0;
  do {
    const auto page = get("/api/clients?limit=3" + (next.empty() ? "" : "&after=" + next));
    for (const std::string& id : all(page, "clients", "id")) EXPECT_TRUE(seen.insert(id).second) << id;
    next = page.contains("next") ? std::string(page.at("next").as_string()) : "";
    ++pages;
  } while (!next.empty());
  EXPECT_EQ(seen, ids);
  EXPECT_GE(pages, 3U);
}

TEST_F(ApiLists, ClientsAreFiltered) {
  const auto ann = client("ann", {"tea"});
  const auto ben = client("ben", {"tea", "coffee"});
  TestClient nobody(address_);
  nobody.upgrade().round_trip();
  EXPECT_THAT(all(get("/api/clients?user=ann"), "clients", "id"), ElementsAre(ann->id()));
  EXPECT_THAT(all(get("/api/clients?room=coffee"), "clients", "id"), ElementsAre(ben->id()));
  EXPECT_THAT(all(get("/api/clients?state=unauthorized"), "clients", "state"), ElementsAre("unauthorized"));
  EXPECT_EQ(get("/api/clients?address=127.0.0.1&state=authenticated").at("clients").as_array().size(), 2U);
  EXPECT_EQ(get("/api/clients?address=192.0.2.1").at("clients").as_array().size(), 0U);
}

TEST_F(ApiLists, AClientIsShownWhole) {
  const auto ann = client("ann", {"tea", "a/b %"});
  const auto shown = get("/api/clients/" + ann->id());
  EXPECT_EQ(shown.at("user").as_string(), "ann");
  EXPECT_EQ(shown.at("state").as_string(), "authenticated");
  EXPECT_THAT(std::string(shown.at("address").as_string()), testing::StartsWith("127.0.0.1:"));
  EXPECT_THAT(boost::json::serialize(shown.at("rooms")), HasSubstr(R"("tea","a/b %")"));
  EXPECT_EQ(shown.at("roomCount").as_int64(), 5) << "its own, the two that all are in, and two";
  const HttpAnswer none = ask("/api/clients/00000000-0000-0000-0000-000000000000");
  EXPECT_EQ(none.status, 404U);
  EXPECT_THAT(none.body, HasSubstr("\"code\":\"no_such_client\""));
}

TEST_F(ApiLists, RoomsComeByName) {
  const auto ann = client("ann", {"tea:1", "tea:2", "coffee"});
  const auto ben = client("ben", {"tea:2"});
  const auto tea = get("/api/rooms?prefix=tea:");
  EXPECT_THAT(all(tea, "rooms", "room"), ElementsAre("tea:1", "tea:2"));
  EXPECT_EQ(tea.at("rooms").as_array()[1].at("members").as_int64(), 2);
  EXPECT_THAT(all(get("/api/rooms?user=ben&prefix=tea"), "rooms", "room"), ElementsAre("tea:2"));
  const auto first = get("/api/rooms?limit=1&prefix=tea");
  EXPECT_THAT(all(first, "rooms", "room"), ElementsAre("tea:1"));
  const std::string next(first.at("next").as_string());
  EXPECT_THAT(all(get("/api/rooms?limit=1&prefix=tea&after=" + next), "rooms", "room"), ElementsAre("tea:2"));
}

TEST_F(ApiLists, ARoomAndAUserHaveTheirClients) {
  const auto ann = client("ann", {"tea/green"});
  const auto ben = client("ben", {"tea/green", "tea/green:2"});
  const auto room = get("/api/rooms/tea%2Fgreen");
  EXPECT_EQ(room.at("room").as_string(), "tea/green");
  EXPECT_EQ(room.at("members").as_int64(), 2);
  EXPECT_THAT(all(room, "clients", "id"), testing::UnorderedElementsAre(ann->id(), ben->id()));
  EXPECT_EQ(get("/api/rooms/nowhere").at("members").as_int64(), 0);
  EXPECT_THAT(all(get("/api/users/ben"), "clients", "id"), ElementsAre(ben->id()));
  EXPECT_EQ(get("/api/users/carl").at("clients").as_array().size(), 0U);
}

TEST_F(ApiLists, TheBusiestComeFirst) {
  const auto ann = client("ann", {"small", "large"});
  const auto ben = client("ben", {"large"});
  const auto top = get("/api/top?by=rooms.members&limit=256");
  const auto names = all(top, "top", "room");
  const auto place = [&](const std::string& name) { return std::find(names.begin(), names.end(), name); };
  ASSERT_NE(place("small"), names.end());
  EXPECT_LT(place("large"), place("small"));
  EXPECT_THAT(all(get("/api/top?by=clients.newest&limit=1"), "top", "client"), ElementsAre(ben->id()));
  EXPECT_EQ(ask("/api/top?by=rooms.messages").status, 200U);
}

TEST_F(ApiLists, RoomsSayWhatTheyAre) {
  start(
      "[[rooms]]\npattern = \"tea:*\"\njoin = \"anyone\"\npresence = \"members\"\nname = \"of tea\"\n"
      "[[rooms]]\npattern = \"log\"\njoin = \"anyone\"\nhistory_size = 7\nslow_consumer = \"latest\"\n");
  const auto ann = client("ann", {"tea:1", "log"});
  const auto tea = get("/api/rooms/tea:1").at("rule");
  EXPECT_EQ(boost::json::serialize(tea), R"({"number":1,"name":"of tea","presence":"members"})");
  const auto log = get("/api/rooms?prefix=log").at("rooms").at(0).at("rule");
  EXPECT_EQ(log.at("number").to_number<int>(), 2);
  EXPECT_EQ(log.at("presence"), "off");
  EXPECT_EQ(log.at("history").at("size").to_number<int>(), 7);
  EXPECT_EQ(log.at("slowConsumer"), "latest");
  const auto top = get("/api/top?by=rooms.members");
  for (const auto& one : top.at("top").as_array()) {
    const bool is_ruled = one.at("room") == "log" || one.at("room") == "tea:1";
    EXPECT_EQ(one.as_object().contains("rule"), is_ruled) << one;
  }
  EXPECT_THAT(all(top, "top", "room"), testing::IsSupersetOf({"log", "tea:1", "ws-default"}));
}

TEST_F(ApiLists, AloneItIsTheCluster) {
  const auto ann = client("ann", {"tea"});
  for (const std::string& path : {std::string("/api/info"), std::string("/api/blocks"), std::string("/api/users/ann"),
                                  std::string("/api/rooms/tea"), "/api/clients/" + ann->id()}) {
    const auto body = get(path + "?scope=cluster");
    EXPECT_EQ(body.at("nodes").as_array().size(), 1U) << path;
    EXPECT_TRUE(body.at("nodes").at(0).at("answered").as_bool());
    EXPECT_FALSE(get(path).contains("nodes"));
  }
}

TEST_F(ApiLists, WrongParametersAreNamed) {
  const auto wrong = [&](const std::string& path, const std::string& what) {
    const HttpAnswer answer = ask(path);
    EXPECT_EQ(answer.status, 422U) << path;
    EXPECT_THAT(answer.body, HasSubstr(what)) << path;
  };
  wrong("/api/clients?limit=0", "limit is no number from 1 to 1000");
  wrong("/api/clients?limit=1001", "limit is no number");
  wrong("/api/clients?limit=x", "limit is no number");
  wrong("/api/clients?state=happy", "state is none of");
  wrong("/api/clients?usr=ann", "there is no parameter usr here; there are limit, after, user");
  wrong("/api/clients?user=a&user=b", "user is given twice");
  wrong("/api/clients?user=%zz", "a % without two hexadecimal digits");
  wrong("/api/clients?after=nonsense", "after");
  wrong("/api/top", "by has to be one of rooms.members");
  wrong("/api/top?by=rooms.members&limit=257", "limit is no number from 1 to 256");
  wrong("/api/info?scope=world", "scope can be cluster alone");
}

}  // namespace
}  // namespace hearth::test
