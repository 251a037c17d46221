// The HTTP API of `hearth serve`, from outside.

#include "support/command_folder.hpp"
#include "support/redis_server.hpp"
#include "support/test_client.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <string>

namespace hearth::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kOpen = "[auth]\nanonymous = true\n[[rooms]]\npattern = \"**\"\njoin = \"anyone\"\n";
constexpr std::string_view kKeys = R"([[api.keys]]
name = "all"
key = "0123456789abcdef0123456789abcdef"
[[api.keys]]
name = "news"
key = "news-6789abcdef0123456789abcdef01"
allow = ["publish"]
rooms = ["news:*"]
)";

class Api : public testing::Test, protected CommandFolder {
 protected:
  void start(const std::string& config = std::string(kOpen)) {
    write(config);
    server_ = serve("", "HEARTH_SERVER_LISTEN=127.0.0.1:0");
    address_ = address_of(*server_);
    api_ = api_address_of(*server_);
  }
  HttpAnswer ask(const std::string& method, const std::string& path, const std::string& body = {},
                 const std::string& fields = {}) const {
    TestClient http(api_);
    http.write(request(method, path, body, fields));
    return http.read_http(method != "HEAD");
  }
  HttpAnswer post(const std::string& path, const std::string& body, const std::string& fields = {}) const {
    return ask("POST", path, body, fields);
  }
  static std::string request(const std::string& method, const std::string& path, const std::string& body,
                             const std::string& fields) {
    const std::string host = fields.find("Host:") == std::string::npos ? "Host: localhost\r\n" : "";
    return method + ' ' + path + " HTTP/1.1\r\n" + host + fields + "Content-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  }
  std::unique_ptr<TestClient> client(const std::string& room) const {
    auto client = std::make_unique<TestClient>(address_);
    client->upgrade().authenticate();
    client->join(room);
    return client;
  }

  std::unique_ptr<ChildProcess> server_;
  std::string address_;
  std::string api_;
};

TEST_F(Api, PublishesToWhomItIsTold) {
  start();
  const auto ann = client("tea");
  const auto ben = client("coffee");
  const std::string message = R"("event":"story","data":{"n":1.50}})";
  for (const std::string target : {R"("room":"tea")", R"("rooms":["tea","none"])", R"("all":true)"}) {
    const HttpAnswer answer = post("/api/publish", '{' + target + ',' + message);
    EXPECT_EQ(answer.status, 200U) << answer.body;
    EXPECT_EQ(answer.body, "{}");
    EXPECT_THAT(ann->wait_for("story"), HasSubstr(R"("data":{"n":1.50})")) << "byte for byte";
  }
  EXPECT_EQ(post("/api/publish", R"({"client":")" + ben->id() + R"(","event":"last"})").status, 200U);
  EXPECT_THAT(ben->wait_for("last"), Not(HasSubstr("data")));
  EXPECT_EQ(post("/api/publish", R"({"all":true,"exclude":[")" + ann->id() + R"("],"event":"not_ann"})").status, 200U);
  ben->wait_for("not_ann");
  ann->round_trip();
  EXPECT_THAT(ann->rest(), testing::Each(Not(HasSubstr("not_ann"))));
}

TEST_F(Api, SaysWhatIsWrongWithARequest) {
  start();
  const auto refused = [&](const std::string& body, unsigned status) {
    const HttpAnswer answer = post("/api/publish", body);
    EXPECT_EQ(answer.status, status) << body << answer.body;
    EXPECT_THAT(answer.head, HasSubstr("application/problem+json"));
    return answer.body;
  };
  EXPECT_THAT(refused("{", 400), AllOf(HasSubstr("\"code\":\"malformed\""), HasSubstr("it ends too early")));
  EXPECT_THAT(refused(R"({"room":tea})", 400), HasSubstr("from byte 9 on"));
  EXPECT_THAT(refused("", 400), HasSubstr("there is no body"));
  EXPECT_THAT(refused("[]", 400), HasSubstr("no JSON object"));
  EXPECT_THAT(refused("{\"event\":\"\xff\",\"all\":true}", 400), HasSubstr("UTF-8"));
  EXPECT_THAT(refused(R"({"event":"e"})", 422), HasSubstr("one of room, rooms, user, users, client, all is needed"));
  EXPECT_THAT(refused(R"({"room":"a","all":true,"event":"e"})", 422), HasSubstr("give one of them"));
  EXPECT_THAT(refused(R"({"room":"a","event":"e","dta":1})", 422), HasSubstr("\"pointer\":\"/dta\""));
  EXPECT_THAT(refused(R"({"room":"a"})", 422), HasSubstr("\"pointer\":\"/event\""));
  EXPECT_THAT(refused(R"({"room":"a","event":"join"})", 422), HasSubstr("one of the protocol's own"));
  EXPECT_THAT(refused(R"({"room":"ws:a","event":"e"})", 422), HasSubstr("no room can have"));
  EXPECT_THAT(refused(R"({"rooms":[],"event":"e"})", 422), HasSubstr("rooms is empty"));
  std::string many = "\"a\"";
  for (int i = 1; i < 1001; ++i) many += ",\"a\"";
  EXPECT_THAT(refused(R"({"rooms":[)" + many + R"(],"event":"e"})", 422), HasSubstr("more than 1000 elements"));
  EXPECT_THAT(refused(R"({"all":false,"event":"e"})", 422), HasSubstr("has to be true"));
  EXPECT_THAT(refused(R"({"user":"a","exclude":["b"],"event":"e"})", 422), HasSubstr("for rooms and for all"));
  EXPECT_THAT(refused(R"({"room":7,"event":"e"})", 422), HasSubstr("room is no string"));
}

TEST_F(Api, KnowsItsRoutes) {
  start();
  EXPECT_EQ(ask("GET", "/api/none").status, 404U);
  const HttpAnswer wrong = ask("GET", "/api/publish");
  EXPECT_EQ(wrong.status, 405U);
  EXPECT_THAT(wrong.head, HasSubstr("Allow: POST"));
  for (const std::string path : {"/livez", "/healthz", "/readyz"}) {
    EXPECT_EQ(ask("GET", path, {}, "Host: somewhere.example\r\n").status, 200U) << path;
    EXPECT_EQ(ask("HEAD", path).status, 200U) << path;
  }
  EXPECT_THAT(ask("GET", "/readyz").body, AllOf(HasSubstr("\"ready\":true"), HasSubstr("\"broker\":\"ok\"")));
  EXPECT_THAT(ask("GET", "/api/info").body, HasSubstr("\"clients\":0"));
}

TEST_F(Api, AnswersRequestsOfAConnectionInOrder) {
  start();
  TestClient http(api_);
  http.write(request("GET", "/livez", {}, {}) + request("GET", "/api/none", {}, {}) + request("GET", "/livez", {}, {}));
  for (const unsigned status : {200U, 404U, 200U}) EXPECT_EQ(http.read_http().status, status);
}

TEST_F(Api, TellsMetricsToEverybody) {
  start(std::string(kOpen) + std::string(kKeys));
  const auto ann = client("tea");
  const auto ben = client("tea");
  TestClient liar(address_);
  liar.upgrade().send(envelope("authenticate", R"({"token":"x"})"));
  EXPECT_EQ(liar.wait_for_close().code, 4003);
  const HttpAnswer answer = ask("GET", "/metrics", {}, "Host: somewhere.example\r\n");
  EXPECT_EQ(answer.status, 200U);
  EXPECT_THAT(answer.head, HasSubstr("Content-Type: text/plain; version=0.0.4"));
  for (const std::string line :
       {"# TYPE hearth_connections gauge", "hearth_connections{state=\"authenticated\"} 2", "hearth_rooms 3",
        "hearth_memberships 6", "hearth_users 0", "hearth_draining 0", "hearth_broker_ready 1",
        "# TYPE hearth_connections_accepted_total counter", "hearth_connections_accepted_total 3",
        "hearth_authentications_total{method=\"anonymous\",outcome=\"accepted\"} 2",
        "hearth_authentications_total{method=\"none\",outcome=\"rejected\"} 1",
        "hearth_authentications_total{method=\"jwt\",outcome=\"accepted\"} 0",
        "hearth_messages_dropped_total{reason=\"backlog\"} 0", "hearth_messages_dropped_total{reason=\"latest\"} 0",
        "# TYPE hearth_tick_duration_seconds histogram"}) {
    EXPECT_THAT(answer.body, HasSubstr(line + '\n'));
  }
  EXPECT_THAT(answer.body, testing::ContainsRegex("hearth_tick_duration_seconds_bucket.le=\"\\+Inf\". [1-9]"));
  EXPECT_THAT(answer.body,
              AllOf(HasSubstr("hearth_shard_busy_seconds_total{shard=\"0\"} "),
                    testing::ContainsRegex("hearth_build_info.version=\"[0-9.]+\",revision=\"[0-9A-Za-z._+/-]+\". 1")));
  EXPECT_EQ(ask("HEAD", "/metrics").status, 200U);
}

TEST_F(Api, MetricsCountLimitsAndCloseCodes) {
  start(std::string(kOpen) + "[limits]\nconnections = 1\n");
  const auto ann = client("tea");
  TestClient refused(address_);
  refused.write(
      "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  EXPECT_EQ(refused.read_http().status, 503U);
  EXPECT_THAT(ask("GET", "/metrics").body, HasSubstr("hearth_limit_hits_total{limit=\"connections\"} 1\n"));
  EXPECT_EQ(post("/api/disconnect", R"({"client":")" + ann->id() + R"("})").body, "{}");
  EXPECT_EQ(ann->wait_for_close().code, 4010);
  ann->finish();
  eventually("it to be counted", [&] {
    return ask("GET", "/metrics").body.find("hearth_disconnects_total{code=\"4010\"} 1\n") != std::string::npos;
  });
}

TEST_F(Api, DisconnectsAndMovesClients) {
  start(std::string(kOpen) + "[[auth.jwt]]\nsecret = \"0123456789abcdef0123456789abcdef\"\nalgorithms = [\"HS256\"]\n");
  const std::string token = run("token --user ann").output;
  const std::string data = R"({"token":")" + token.substr(0, token.find('\n')) + R"("})";
  TestClient ann(address_);
  ann.upgrade().authenticate(data);
  EXPECT_EQ(post("/api/join", R"({"user":"ann","rooms":["tea"]})").body, "{}");
  EXPECT_EQ(post("/api/publish", R"({"room":"tea","event":"in"})").status, 200U);
  ann.wait_for("in");
  EXPECT_EQ(post("/api/leave", R"({"user":"ann","rooms":["tea"]})").body, "{}");
  EXPECT_EQ(post("/api/publish", R"({"room":"tea","event":"out"})").status, 200U);
  EXPECT_EQ(post("/api/publish", R"({"user":"ann","event":"yours"})").status, 200U);
  EXPECT_THAT(ann.wait_for("yours"), Not(HasSubstr("out")));
  EXPECT_EQ(post("/api/disconnect", R"({"user":"ann","except":[")" + ann.id() + R"("]})").body, "{}");
  EXPECT_EQ(post("/api/disconnect", R"({"user":"ann","code":999})").status, 422U);
  EXPECT_EQ(post("/api/disconnect", R"({"user":"ann","code":1005})").status, 422U);
  EXPECT_EQ(post("/api/disconnect", R"({"user":"ann"})").body, "{}");
  EXPECT_EQ(ann.wait_for_close(), (CloseFrame{4010, "Disconnected"}));
}

TEST_F(Api, BlocksUsersAndTokens) {
  start("[[auth.jwt]]\nsecret = \"0123456789abcdef0123456789abcdef\"\nalgorithms = [\"HS256\"]\n");
  const auto data = [&](const std::string& arguments) {
    const std::string token = run("token " + arguments).output;
    return R"({"token":")" + token.substr(0, token.find('\n')) + R"("})";
  };
  const std::string of_ann = data("--user ann");
  const std::string of_ben = data("--user ben --claims '{\"jti\":\"t-1\"}'");
  TestClient ann(address_);
  ann.upgrade().authenticate(of_ann);
  EXPECT_EQ(post("/api/block", R"({"user":"ann","for":"1h"})").body, "{}");
  EXPECT_EQ(ann.wait_for_close(), (CloseFrame{4007, "Revoked"}));
  EXPECT_EQ(post("/api/block", R"({"token":"t-1","until":"2027-06-01T12:30:00.5Z"})").body, "{}");
  for (const std::string& refused : {of_ann, of_ben}) {
    TestClient client(address_);
    client.upgrade().send(envelope("authenticate", refused));
    EXPECT_EQ(client.wait_for_close().code, 4003);
  }
  EXPECT_THAT(ask("GET", "/api/blocks").body,
              AllOf(HasSubstr(R"("user":"ann")"), HasSubstr(R"({"token":"t-1","until":"2027-06-01T12:30:00Z"})")));
  EXPECT_EQ(post("/api/unblock", R"({"user":"ann"})").body, "{}");
  EXPECT_EQ(post("/api/unblock", R"({"token":"t-1"})").body, "{}");
  for (const std::string& taken : {of_ann, of_ben}) TestClient(address_).upgrade().authenticate(taken);
  EXPECT_EQ(ask("GET", "/api/blocks").body, R"({"blocks":[]})");
}

TEST_F(Api, BlocksTokensIssuedBefore) {
  start("[[auth.jwt]]\nsecret = \"0123456789abcdef0123456789abcdef\"\nalgorithms = [\"HS256\"]\n");
  EXPECT_EQ(post("/api/block", R"({"user":"ann","for":"1h","issuedBefore":"2020-01-01T00:00:00Z"})").status, 200U);
  const auto authenticate = [&](const std::string& iat) {
    const std::string token = run("token --user ann --claims '{\"iat\":" + iat + "}'").output;
    TestClient client(address_);
    client.upgrade().send(envelope("authenticate", R"({"token":")" + token.substr(0, token.find('\n')) + R"("})", "1"));
    return client.next();
  };
  EXPECT_THAT(authenticate("1577836799"), HasSubstr("\"error\""));
  EXPECT_THAT(authenticate("1577836800"), HasSubstr("\"connected\""));
}

TEST_F(Api, SaysWhatIsWrongWithABlock) {
  start();
  const auto refused = [&](const std::string& body) {
    const HttpAnswer answer = post("/api/block", body);
    EXPECT_EQ(answer.status, 422U) << body;
    return answer.body;
  };
  EXPECT_THAT(refused(R"({"user":"a"})"), HasSubstr("one of until, for is needed"));
  EXPECT_THAT(refused(R"({"for":"1h"})"), HasSubstr("one of user, token is needed"));
  EXPECT_THAT(refused(R"({"user":"a","for":"soon"})"), HasSubstr("for is no duration"));
  EXPECT_THAT(refused(R"({"user":"a","for":"401d"})"), HasSubstr("more than 400 days"));
  EXPECT_THAT(refused(R"({"user":"a","until":"2020-01-01T00:00:00Z"})"), HasSubstr("in the future"));
  for (const std::string time : {"tomorrow", "2027-02-30T00:00:00Z", "2027-01-01T00:00:00", "2027-01-01T24:00:00Z"}) {
    EXPECT_THAT(refused(R"({"user":"a","until":")" + time + R"("})"), HasSubstr("until is no time")) << time;
  }
  EXPECT_THAT(refused(R"({"token":"a","for":"1h","issuedBefore":"2020-01-01T00:00:00Z"})"), HasSubstr("user alone"));
}

TEST_F(Api, ReachesTheClientsOfOtherInstances) {
  const RedisServer redis;
  const std::string url = "HEARTH_BROKER_URL=redis://127.0.0.1:" + std::to_string(redis.port());
  write(std::string(kOpen));
  const auto other = serve("", "HEARTH_SERVER_LISTEN=127.0.0.1:0 " + url);
  address_ = address_of(*other);
  server_ = serve("", "HEARTH_SERVER_LISTEN=127.0.0.1:0 " + url);
  api_ = api_address_of(*server_);
  const auto ann = client("tea");
  const auto ben = client("tea");
  EXPECT_EQ(post("/api/publish", R"({"room":"tea","event":"story","exclude":[")" + ben->id() + R"("]})").body, "{}");
  ann->wait_for("story");
  EXPECT_EQ(post("/api/disconnect", R"({"client":")" + ben->id() + R"("})").body, "{}");
  EXPECT_EQ(ben->wait_for_close(), (CloseFrame{4010, "Disconnected"}));
  EXPECT_THAT(ben->log(), testing::Each(Not(HasSubstr("story"))));
}

TEST_F(Api, ActsHereAndSaysSoWhileRedisIsAway) {
  RedisServer redis;
  start(std::string(kOpen) + "[broker]\nurl = \"" + redis.url() + "\"\n");
  const auto ann = client("tea");
  redis.kill();
  eventually("it to be noticed", [&] { return post("/api/publish", R"({"room":"none","event":"e"})").status == 202; });
  const std::string degraded = R"({"broker":"degraded"})";
  EXPECT_EQ(post("/api/publish", R"({"room":"tea","event":"story"})").body, degraded);
  ann->wait_for("story");
  const HttpAnswer gone = post("/api/disconnect", R"({"client":")" + ann->id() + R"("})");
  EXPECT_EQ(gone.status, 202U);
  EXPECT_EQ(gone.body, degraded);
  EXPECT_EQ(ann->wait_for_close().code, 4010);
}

TEST_F(Api, WithoutKeysIsForThisMachineAlone) {
  start();
  const auto status = [&](const std::string& fields) {
    return post("/api/publish", R"({"all":true,"event":"e"})", fields).status;
  };
  EXPECT_EQ(status("Host: 127.0.0.1:9080\r\n"), 200U);
  EXPECT_EQ(status("Host: [::1]:9080\r\nOrigin: http://[::1]:9080\r\n"), 200U);
  EXPECT_EQ(status("Sec-Fetch-Site: same-origin\r\n"), 200U);
  EXPECT_EQ(status("Host: rebound.example\r\n"), 403U);
  EXPECT_EQ(status("Origin: http://evil.example\r\n"), 403U);
  EXPECT_EQ(status("Origin: http://localhost:1\r\n"), 403U);
  EXPECT_EQ(status("Origin: null\r\n"), 403U);
  EXPECT_EQ(status("Sec-Fetch-Site: cross-site\r\n"), 403U);
  for (const std::string field : {"Forwarded: for=1.2.3.4", "X-Forwarded-For: 1.2.3.4", "Via: 1.1 proxy"}) {
    EXPECT_EQ(status(field + "\r\n"), 403U) << field;
  }
}

TEST_F(Api, KeysSayWhatIsAllowed) {
  start(std::string(kOpen) + std::string(kKeys));
  const std::string all = "Authorization: Bearer 0123456789abcdef0123456789abcdef\r\n";
  const std::string news = "Authorization: bearer news-6789abcdef0123456789abcdef01\r\n";
  const std::string message = R"(,"event":"e"})";
  const HttpAnswer none = post("/api/publish", R"({"all":true)" + message);
  EXPECT_EQ(none.status, 401U);
  EXPECT_THAT(none.head, HasSubstr("WWW-Authenticate: Bearer"));
  EXPECT_THAT(ask("GET", "/api/info", {}, "Authorization: 0123456789abcdef0123456789abcdef\r\n").body,
              HasSubstr("the word Bearer is missing"));
  EXPECT_EQ(post("/api/publish", R"({"all":true)" + message, all + "Host: api.example\r\nVia: 1.1 p\r\n").status, 200U);
  EXPECT_EQ(post("/api/publish", R"({"room":"news:1")" + message, news).status, 200U);
  EXPECT_EQ(post("/api/publish", R"({"rooms":["news:1","tea"])" + message, news).status, 403U);
  EXPECT_EQ(post("/api/publish", R"({"all":true)" + message, news).status, 403U);
  EXPECT_EQ(post("/api/publish", R"({"user":"a")" + message, news).status, 403U);
  EXPECT_EQ(ask("GET", "/api/info", {}, news).status, 403U);
  EXPECT_EQ(ask("GET", "/api/info", {}, all).status, 200U);
  for (int i = 0; i < 9; ++i) EXPECT_EQ(ask("GET", "/api/info", {}, "Authorization: Bearer x\r\n").status, 401U);
  const HttpAnswer stopped = ask("GET", "/api/info", {}, "Authorization: Bearer x\r\n");
  EXPECT_EQ(stopped.status, 429U);
  EXPECT_THAT(stopped.head, HasSubstr("Retry-After: 60"));
  EXPECT_EQ(ask("GET", "/api/info", {}, all).status, 200U) << "a right key always passes";
}

TEST_F(Api, ReadsNoMoreThanItIsTold) {
  start(std::string(kOpen) + "[api]\nmax_body = \"1KiB\"\n");
  EXPECT_EQ(post("/api/publish", std::string(1025, ' ')).status, 413U);
  EXPECT_EQ(ask("GET", "/livez", {}, "X: " + std::string(16 * 1024, 'x') + "\r\n").status, 431U);
  TestClient garbage(api_);
  garbage.write("\x16\x03\x01 garbage\r\n\r\n");
  EXPECT_EQ(garbage.read_http().status, 400U);
}

TEST_F(Api, ListensOnAUnixSocketToo) {
  write(std::string(kOpen) + "[api]\nlisten = [\"unix:" + (path() / "api").string() + "\"]\n");
  server_ = serve("", "HEARTH_SERVER_LISTEN=127.0.0.1:0; unset HEARTH_API_LISTEN");
  address_ = address_of(*server_);
  api_ = api_address_of(*server_);
  EXPECT_EQ(post("/api/publish", R"({"all":true,"event":"e"})").status, 200U);
}

TEST_F(Api, AnAddressThatIsTakenEndsTheServer) {
  start();
  const CommandEnd second = run("serve", "HEARTH_SERVER_LISTEN=127.0.0.1:0 HEARTH_API_LISTEN=" + api_ + " timeout 30 ");
  EXPECT_EQ(second.status, 1);
  EXPECT_THAT(second.output, HasSubstr(api_));
}

}  // namespace
}  // namespace hearth::test
