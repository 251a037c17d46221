// Rooms that remember, by the API: publications with their positions, what a room has kept, and forgetting it.

#include "support/command_folder.hpp"
#include "support/redis_server.hpp"
#include "support/test_client.hpp"

#include <gmock/gmock.h>
#include <boost/json.hpp>

#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hearth::test {
namespace {

using boost::json::object;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ApiHistory : public testing::Test, protected CommandFolder {
 protected:
  void start(const std::string& variables = {}) {
    write(
        "[[rooms]]\npattern = \"log:*\"\njoin = \"anyone\"\nhistory_size = 100\n"
        "[[rooms]]\npattern = \"short\"\njoin = \"anyone\"\nhistory_size = 2\nhistory_ttl = \"90s\"\nrecover = false\n"
        "[[rooms]]\npattern = \"plain\"\njoin = \"anyone\"\n");
    server_ = serve("--dev", "HEARTH_SERVER_LISTEN=127.0.0.1:0 " + variables);
    address_ = address_of(*server_);
    api_ = api_address_of(*server_);
  }
  HttpAnswer ask(const std::string& method, const std::string& path, const std::string& body = {}) const {
    TestClient http(api_);
    http.write(method + ' ' + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
               "\r\n\r\n" + body);
    return http.read_http();
  }
  object get(const std::string& path) const {
    const HttpAnswer answer = ask("GET", path);
    EXPECT_EQ(answer.status, 200U) << path << answer.body;
    return boost::json::parse(answer.body).as_object();
  }
  object publish(const std::string& body) const {
    const HttpAnswer answer = ask("POST", "/api/publish", body);
    EXPECT_EQ(answer.status, 200U) << body << answer.body;
    return boost::json::parse(answer.body).as_object();
  }
  void publish_some(int count) const {
    for (int i = 1; i <= count; ++i) publish(R"({"room":"log:a","event":"n","data":)" + std::to_string(i) + "}");
  }
  std::vector<std::uint64_t> offsets(const std::string& query) const {
    std::vector<std::uint64_t> found;
    const object page = get("/api/rooms/log:a/history" + query);
    for (const auto& one : page.at("publications").as_array()) {
      found.push_back(one.at("offset").to_number<std::uint64_t>());
    }
    return found;
  }

  std::unique_ptr<ChildProcess> server_;
  std::string address_;
  std::string api_;
};

TEST_F(ApiHistory, APublicationIsToldWhereItLies) {
  start();
  const object answer = publish(R"({"room":"log:a","event":"n","data":1})");
  const object first = answer.at("positions").at("log:a").as_object();
  EXPECT_EQ(first.at("offset").to_number<int>(), 1);
  const object many = publish(R"({"rooms":["log:a","plain","log:b"],"event":"n"})").at("positions").as_object();
  EXPECT_EQ(many.size(), 2U);
  EXPECT_EQ(many.at("log:a").at("offset").to_number<int>(), 2);
  EXPECT_EQ(many.at("log:a").at("epoch"), first.at("epoch"));
  EXPECT_EQ(many.at("log:b").at("offset").to_number<int>(), 1);
  EXPECT_THAT(publish(R"({"room":"plain","event":"n"})"), IsEmpty());
}

TEST_F(ApiHistory, IsReadFromEitherEndByPages) {
  start();
  publish_some(5);
  EXPECT_THAT(offsets(""), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(offsets("?limit=2"), ElementsAre(4, 5));
  EXPECT_THAT(offsets("?limit=2&before=4"), ElementsAre(2, 3));
  EXPECT_THAT(offsets("?limit=2&before=2"), ElementsAre(1));
  EXPECT_THAT(offsets("?before=1"), IsEmpty());
  EXPECT_THAT(offsets("?limit=2&after=1"), ElementsAre(2, 3));
  EXPECT_THAT(offsets("?after=5"), IsEmpty());
  EXPECT_EQ(get("/api/rooms/log:a/history?after=4").at("offset").to_number<int>(), 5);
  EXPECT_THAT(ask("GET", "/api/rooms/log:a/history?after=1&before=3").body, HasSubstr("exclude each other"));
  EXPECT_THAT(ask("GET", "/api/rooms/log:a/history?after=-1").body, HasSubstr("the parameter after is no number"));
}

TEST_F(ApiHistory, SaysWhereItBeginsAndEnds) {
  start();
  const auto ends = [&](const std::string& query) {
    const object page = get("/api/rooms/short/history" + query);
    return std::pair(page.at("first").to_number<int>(), page.at("offset").to_number<int>());
  };
  EXPECT_EQ(ends(""), std::pair(1, 0));
  for (int i = 0; i < 5; ++i) publish(R"({"room":"short","event":"n"})");
  for (const std::string query : {"", "?limit=1", "?before=5", "?after=4"}) EXPECT_EQ(ends(query), std::pair(4, 5));
  ask("DELETE", "/api/rooms/short/history");
  EXPECT_EQ(ends(""), std::pair(1, 0));
}

TEST_F(ApiHistory, ARoomSaysHowMuchItKeeps) {
  start();
  const object kept = get("/api/rooms/short").at("rule").at("history").as_object();
  EXPECT_EQ(boost::json::serialize(kept), R"({"size":2,"ttlSeconds":9E1,"recover":false})");
  EXPECT_EQ(get("/api/rooms/log:a").at("rule").at("slowConsumer"), "catch_up");
  EXPECT_FALSE(get("/api/rooms/plain").at("rule").as_object().contains("history"));
  EXPECT_FALSE(get("/api/rooms/nothing").contains("rule"));
}

TEST_F(ApiHistory, SaysWhatWasPublished) {
  start();
  publish(R"({"room":"log:a","event":"price","data":{"n":1},"key":"ACME"})");
  const object page = get("/api/rooms/log:a/history");
  const object one = page.at("publications").at(0).as_object();
  EXPECT_EQ(one.at("event"), "price");
  EXPECT_EQ(one.at("key"), "ACME");
  EXPECT_EQ(boost::json::serialize(one.at("data")), R"({"n":1})");
  EXPECT_THAT(std::string(one.at("time").as_string()), testing::EndsWith("Z"));
  EXPECT_EQ(one.at("epoch"), page.at("epoch"));
}

TEST_F(ApiHistory, TheSameKeyIsTheSamePublication) {
  start();
  const std::string body = R"({"room":"log:a","event":"n","data":1,"idempotencyKey":"k"})";
  const object first = publish(body);
  const object second = publish(body);
  EXPECT_FALSE(first.contains("repeated"));
  EXPECT_EQ(second.at("repeated"), true);
  EXPECT_EQ(second.at("positions"), first.at("positions"));
  EXPECT_THAT(offsets(""), ElementsAre(1));
}

TEST_F(ApiHistory, TheSameKeyForSomethingElseIsAConflict) {
  start();
  const object first = publish(R"({"room":"log:a","event":"n","data":1,"idempotencyKey":"k"})");
  const HttpAnswer other = ask("POST", "/api/publish", R"({"room":"log:a","event":"n","data":2,"idempotencyKey":"k"})");
  EXPECT_EQ(other.status, 409U);
  EXPECT_THAT(other.body, HasSubstr("\"code\":\"idempotency_conflict\""));
  EXPECT_THAT(offsets(""), ElementsAre(1));
}

TEST_F(ApiHistory, IsForgottenAndWhoComesBackIsTold) {
  start();
  publish_some(3);
  const std::string epoch(get("/api/rooms/log:a/history").at("epoch").as_string());
  EXPECT_EQ(ask("DELETE", "/api/rooms/log:a/history").status, 200U);
  EXPECT_THAT(offsets(""), IsEmpty());
  TestClient client(address_);
  client.upgrade().authenticate_as("ann");
  client.send(R"({"event":"join","data":{"rooms":["log:a"],"since":{"log:a":{"epoch":")" + epoch +
              R"(","offset":2}}},"id":"j"})");
  EXPECT_THAT(client.expect("ack"), HasSubstr("\"recovered\":false"));
  publish_some(1);
  EXPECT_THAT(client.next(), HasSubstr("\"offset\":1"));
}

TEST_F(ApiHistory, ThereIsNoneOfRoomsThatDoNotRemember) {
  start();
  for (const std::string method : {"GET", "DELETE"}) {
    const HttpAnswer answer = ask(method, "/api/rooms/plain/history");
    EXPECT_EQ(answer.status, 404U);
    EXPECT_THAT(answer.body, HasSubstr("\"code\":\"no_history\""));
  }
  EXPECT_THAT(ask("POST", "/api/publish", R"({"user":"ann","event":"n","key":"k"})").body,
              HasSubstr("is for rooms alone"));
}

TEST_F(ApiHistory, WithoutRedisItIsSaidThatNobodyKnows) {
  auto redis = std::make_unique<RedisServer>();
  start("HEARTH_BROKER_URL=" + redis->url() + " ");
  publish_some(2);
  EXPECT_THAT(offsets(""), ElementsAre(1, 2));
  redis.reset();
  // Either is given up after ten seconds, so both wait at a time.
  auto read = std::async(std::launch::async, [&] { return ask("GET", "/api/rooms/log:a/history").status; });
  const HttpAnswer answer = ask("POST", "/api/publish", R"({"room":"log:a","event":"n","idempotencyKey":"k"})");
  EXPECT_EQ(answer.status, 503U);
  EXPECT_THAT(answer.body, HasSubstr("\"code\":\"history_unavailable\""));
  EXPECT_EQ(read.get(), 503U);
}

}  // namespace
}  // namespace hearth::test
