// Who is in a room, by the API.

#include "support/command_folder.hpp"
#include "support/patience.hpp"
#include "support/redis_server.hpp"
#include "support/test_client.hpp"

#include <gmock/gmock.h>
#include <boost/json.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::test {
namespace {

using boost::json::object;
using testing::HasSubstr;

class ApiPresence : public testing::Test, protected CommandFolder {
 protected:
  struct Instance {
    std::unique_ptr<ChildProcess> server;
    std::string address;
    std::string api;
  };

  Instance start(const std::string& variables = {}) {
    write(
        "[presence]\nheartbeat = \"1s\"\n"
        "[[rooms]]\npattern = \"tea\"\njoin = \"anyone\"\npresence = \"members\"\npresence_interval = \"10ms\"\n"
        "[[rooms]]\npattern = \"arena\"\njoin = \"anyone\"\npresence = \"count\"\npresence_interval = \"10ms\"\n"
        "[[rooms]]\npattern = \"plain\"\njoin = \"anyone\"\n");
    auto server = serve("--dev", "HEARTH_SERVER_LISTEN=127.0.0.1:0 " + variables);
    const std::string address = address_of(*server);
    return {std::move(server), address, {}};
  }
  void start_one(const std::string& variables = {}) {
    here_ = start(variables);
    here_.api = api_address_of(*here_.server);
  }
  HttpAnswer ask(const std::string& path) const {
    TestClient http(here_.api);
    http.write("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    return http.read_http();
  }
  object get(const std::string& path) const {
    const HttpAnswer answer = ask(path);
    EXPECT_EQ(answer.status, 200U) << path << answer.body;
    return boost::json::parse(answer.body).as_object();
  }
  /// Once so many are there.
  object once_there_are(int clients, const std::string& room) const {
    object page;
    eventually("all to be known", [&] {
      page = get("/api/rooms/" + room + "/presence");
      return page.at("clients").to_number<int>() == clients;
    });
    return page;
  }
  static std::string id_of(const object& page, std::size_t member) {
    return std::string(page.at("members").as_array().at(member).at("id").as_string());
  }
  static TestClient member(const std::string& address, std::string_view user, const std::string& room) {
    TestClient client(address);
    client.upgrade().authenticate_as(user);
    client.join(room);
    return client;
  }

  Instance here_;
};

TEST_F(ApiPresence, SaysWhoIsInARoomPageByPage) {
  start_one();
  EXPECT_EQ(boost::json::serialize(get("/api/rooms/tea/presence")),
            R"({"room":"tea","version":0,"clients":0,"users":0})");
  std::vector<TestClient> members;
  std::vector<std::string> ids;
  for (const std::string_view user : {"ann", "ben", "ann"}) {
    members.push_back(member(here_.address, user, "tea"));
    ids.push_back(members.back().id());
  }
  std::sort(ids.begin(), ids.end());
  const object all = once_there_are(3, "tea");
  EXPECT_EQ(all.at("users").to_number<int>(), 2);
  EXPECT_FALSE(all.contains("next"));
  EXPECT_FALSE(all.contains("stale"));
  const object first = get("/api/rooms/tea/presence?limit=2");
  EXPECT_EQ(id_of(first, 0), ids[0]);
  EXPECT_EQ(id_of(first, 1), ids[1]);
  EXPECT_EQ(std::string(first.at("next").as_string()), ids[1]);
  const object last = get("/api/rooms/tea/presence?limit=2&after=" + ids[1]);
  EXPECT_EQ(last.at("members").as_array().size(), 1U);
  EXPECT_EQ(id_of(last, 0), ids[2]);
  EXPECT_THAT(std::string(last.at("members").at(0).at("user").as_string()), testing::AnyOf("ann", "ben"));
  EXPECT_FALSE(last.contains("next"));
}

TEST_F(ApiPresence, OfACountSaysNumbersAlone) {
  start_one();
  const TestClient ann = member(here_.address, "ann", "arena");
  const object counted = once_there_are(1, "arena");
  EXPECT_EQ(counted.at("users").to_number<int>(), 1);
  EXPECT_FALSE(counted.contains("members"));
}

TEST_F(ApiPresence, RefusesWhatItCannotSay) {
  start_one();
  const HttpAnswer none = ask("/api/rooms/plain/presence");
  EXPECT_EQ(none.status, 404U);
  EXPECT_THAT(none.body, HasSubstr("\"code\":\"no_presence\""));
  EXPECT_THAT(ask("/api/rooms/tea/presence?after=ann").body, HasSubstr("the parameter after is no client id"));
  EXPECT_THAT(ask("/api/rooms/tea/presence?limit=1001").body, HasSubstr("is no number from 1 to 1000"));
  EXPECT_THAT(ask("/api/rooms/tea/presence?scope=cluster").body, HasSubstr("there is no parameter scope here"));
}

TEST_F(ApiPresence, IsThatOfAllInstancesAndSaysWhenItMayBeOld) {
  auto redis = std::make_unique<RedisServer>();
  const std::string broker = "HEARTH_BROKER_URL=" + redis->url() + " ";
  start_one(broker);
  const Instance other = start(broker);
  const TestClient ben = member(other.address, "ben", "tea");
  EXPECT_EQ(id_of(once_there_are(1, "tea"), 0), ben.id());
  EXPECT_THAT(ask("/metrics").body, HasSubstr("hearth_presence_stale 0"));
  redis.reset();
  eventually("what is known to be old", [&] { return get("/api/rooms/tea/presence").contains("stale"); });
  EXPECT_THAT(ask("/metrics").body, HasSubstr("hearth_presence_stale 1"));
}

}  // namespace
}  // namespace hearth::test
