// Many requests at once, and each of them once.

#include "support/command_folder.hpp"
#include "support/redis_server.hpp"
#include "support/test_client.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <memory>
#include <string>

namespace hearth::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kOpen = "[auth]\nanonymous = true\n[[rooms]]\npattern = \"**\"\njoin = \"anyone\"\n";

class ApiBatch : public testing::Test, protected CommandFolder {
 protected:
  struct Serving {
    std::unique_ptr<ChildProcess> process;
    std::string address;
    std::string api;
  };

  Serving start(const std::string& config) const {
    write(config);
    Serving serving{serve("", "HEARTH_SERVER_LISTEN=127.0.0.1:0"), {}, {}};
    serving.address = address_of(*serving.process);
    serving.api = api_address_of(*serving.process);
    return serving;
  }
  static HttpAnswer post(const Serving& serving, const std::string& path, const std::string& body,
                         const std::string& fields = {}) {
    TestClient http(serving.api);
    http.write("POST " + path + " HTTP/1.1\r\nHost: localhost\r\n" + fields +
               "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    return http.read_http();
  }
  static std::unique_ptr<TestClient> client(const Serving& serving) {
    auto client = std::make_unique<TestClient>(serving.address);
    client->upgrade().authenticate();
    client->join("tea");
    return client;
  }
  /// Publishes in the room tea under a key.
  static HttpAnswer publish(const Serving& serving, const std::string& key, const std::string& event = "story",
                            const std::string& fields = {}) {
    return post(serving, "/api/publish", R"({"room":"tea","event":")" + event + R"(","idempotencyKey":")" + key + "\"}",
                fields);
  }
  /// How many stories a client has got, all that was sent before having come.
  static long stories(const Serving& serving, TestClient& client) {
    post(serving, "/api/publish", R"({"room":"tea","event":"last"})");
    client.wait_for("last");
    return std::count_if(client.log().begin(), client.log().end(),
                         [](const std::string& text) { return event_of(text) == "story"; });
  }
};

TEST_F(ApiBatch, CarriesOutAllInOrder) {
  const Serving serving = start(std::string(kOpen));
  const auto ann = client(serving);
  const HttpAnswer answer = post(serving, "/api/batch", R"({"requests":[
    {"publish":{"room":"tea","event":"story","data":{"n":1.50,"text":"a, ]\"}"}}},
    {"publish":{"room":"tea","event":"join"}},
    {"nonsense":{}},
    {"publish":{"room":"tea","event":"last"}, "join":{}},
    [ ],
    {"publish":{"room":"tea","event":"last"}},
    {"disconnect":{"client":")" + ann->id() + R"("}}]})");
  EXPECT_EQ(answer.status, 200U) << answer.body;
  EXPECT_THAT(answer.body, testing::StartsWith(R"({"results":[{"status":200},{"status":422,"code":"invalid_value",)"));
  EXPECT_THAT(answer.body, HasSubstr(R"({"status":422,"code":"unknown_member","detail":"there is no member nonsense)"));
  EXPECT_THAT(answer.body, HasSubstr(R"("detail":"join is given beside publish)"));
  EXPECT_THAT(answer.body, HasSubstr(R"({"status":400,"code":"malformed")"));
  EXPECT_THAT(answer.body, testing::EndsWith(R"({"status":200},{"status":200}]})"));
  EXPECT_THAT(ann->wait_for("story"), HasSubstr(R"("data":{"n":1.50,"text":"a, ]\"}"})")) << "byte for byte";
  EXPECT_EQ(event_of(ann->next()), "last");
  EXPECT_EQ(ann->wait_for_close().code, 4010);
}

TEST_F(ApiBatch, EachRequestNeedsItsRight) {
  const Serving serving = start(std::string(kOpen) +
                                "[[api.keys]]\nname = \"a\"\nkey = \"0123456789abcdef0123456789abcdef\"\n"
                                "allow = [\"publish\"]\nrooms = [\"tea\"]\n");
  const std::string key = "Authorization: Bearer 0123456789abcdef0123456789abcdef\r\n";
  const std::string body = R"({"requests":[{"publish":{"room":"tea","event":"e"}},{"publish":{"all":true,"event":"e"}},
                               {"disconnect":{"user":"a"}}]})";
  const HttpAnswer answer = post(serving, "/api/batch", body, key);
  EXPECT_THAT(answer.body, testing::StartsWith(R"({"results":[{"status":200},{"status":403,)")) << answer.body;
  EXPECT_THAT(answer.body, HasSubstr("the key a may publish to certain rooms alone"));
  EXPECT_THAT(answer.body, HasSubstr("the key a is not allowed this"));
  EXPECT_EQ(post(serving, "/api/batch", body).status, 401U);
}

TEST_F(ApiBatch, HasItsBounds) {
  const Serving serving = start(std::string(kOpen));
  std::string many;
  for (int i = 0; i < 1001; ++i) many += std::string(i == 0 ? "" : ",") + "{}";
  EXPECT_THAT(post(serving, "/api/batch", "{\"requests\":[" + many + "]}").body,
              HasSubstr("requests has more than 1000 elements"));
  EXPECT_EQ(post(serving, "/api/batch", R"({"requests":[]})").body, R"({"results":[]})");
  EXPECT_EQ(post(serving, "/api/batch", R"({"requests":{}})").status, 422U);
}

TEST_F(ApiBatch, WhatHasAKeyIsDoneOnce) {
  const Serving serving = start(std::string(kOpen));
  const auto ann = client(serving);
  EXPECT_EQ(publish(serving, "1").body, "{}");
  const HttpAnswer again = publish(serving, "1");
  EXPECT_EQ(again.status, 200U);
  EXPECT_EQ(again.body, R"({"repeated":true})");
  EXPECT_EQ(publish(serving, "2").body, "{}");
  const HttpAnswer other = publish(serving, "1", "other");
  EXPECT_EQ(other.status, 409U);
  EXPECT_THAT(other.body, HasSubstr("\"code\":\"idempotency_conflict\""));
  EXPECT_EQ(stories(serving, *ann), 2);
  EXPECT_EQ(publish(serving, std::string(129, 'x')).status, 422U);
}

TEST_F(ApiBatch, KeysOfOthersAreOthers) {
  const Serving serving = start(std::string(kOpen) +
                                "[[api.keys]]\nname = \"a\"\nkey = \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"\n"
                                "[[api.keys]]\nname = \"b\"\nkey = \"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"\n");
  for (const char name : {'a', 'b'}) {
    const std::string key = "Authorization: Bearer " + std::string(32, name) + "\r\n";
    EXPECT_EQ(publish(serving, "1", "story", key).body, "{}") << name;
    EXPECT_EQ(publish(serving, "1", "story", key).body, R"({"repeated":true})") << name;
  }
}

TEST_F(ApiBatch, WithRedisItIsDoneByOneOfAll) {
  const RedisServer redis;
  const std::string config = std::string(kOpen) + "[broker]\nurl = \"" + redis.url() + "\"\n";
  const Serving one = start(config);
  const Serving other = start(config);
  const auto ann = client(one);
  EXPECT_EQ(publish(one, "1").body, "{}");
  EXPECT_EQ(publish(other, "1").body, R"({"repeated":true})");
  EXPECT_EQ(publish(other, "1", "other").status, 409U);
  EXPECT_EQ(publish(one, "2").body, "{}");
  EXPECT_EQ(stories(one, *ann), 2);
}

TEST_F(ApiBatch, WhatAnotherInstanceIsDoingIsWaitedFor) {
  const RedisServer redis;
  const Serving serving = start(std::string(kOpen) + "[broker]\nurl = \"" + redis.url() + "\"\n");
  EXPECT_EQ(publish(serving, "1").body, "{}");
  const auto keys = redis.command({"KEYS", "hearth:once:*"});
  ASSERT_EQ(keys.size(), 2U) << "the array, and what is in it";
  const std::string entry(keys.text(1));
  const std::string hash = std::string(redis.command({"GET", entry}).text()).substr(std::string("done:").size());
  // A second server knows nothing of the first one's memory.
  const Serving other = start(std::string(kOpen) + "[broker]\nurl = \"" + redis.url() + "\"\n");
  redis.command({"SET", entry, "pending:abc:" + hash});
  redis.command({"SET", "hearth:once-node:abc", "1"});
  const HttpAnswer pending = publish(other, "1");
  EXPECT_EQ(pending.status, 503U);
  EXPECT_THAT(pending.body, HasSubstr("\"code\":\"idempotency_pending\""));
  EXPECT_THAT(pending.head, HasSubstr("Retry-After: 1"));
  redis.command({"DEL", "hearth:once-node:abc"});
  const HttpAnswer unknown = publish(other, "1");
  EXPECT_EQ(unknown.status, 409U);
  EXPECT_THAT(unknown.body, HasSubstr("\"code\":\"idempotency_unknown\""));
  redis.command({"DEL", entry});
  EXPECT_EQ(publish(other, "1").body, "{}") << "nothing was left behind";
}

TEST_F(ApiBatch, WithoutRedisNothingIsSentRatherThanTwice) {
  RedisServer redis;
  const Serving serving = start(std::string(kOpen) + "[broker]\nurl = \"" + redis.url() + "\"\n");
  const auto ann = client(serving);
  redis.kill();
  const HttpAnswer answer = publish(serving, "1");
  EXPECT_EQ(answer.status, 503U);
  EXPECT_THAT(answer.body, HasSubstr("\"code\":\"idempotency_unavailable\""));
  EXPECT_EQ(stories(serving, *ann), 0);
}

}  // namespace
}  // namespace hearth::test
