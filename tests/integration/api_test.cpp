// The HTTP API of `hearth serve`, from outside.

#include "support/command_folder.hpp"
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
  EXPECT_THAT(refused("{", 400), HasSubstr("\"code\":\"malformed\""));
  EXPECT_THAT(refused("[]", 400), HasSubstr("no JSON object"));
  EXPECT_THAT(refused("{\"event\":\"\xff\",\"all\":true}", 400), HasSubstr("UTF-8"));
  EXPECT_THAT(refused(R"({"event":"e"})", 422), HasSubstr("one of room, rooms, user, users, client, all is needed"));
  EXPECT_THAT(refused(R"({"room":"a","all":true,"event":"e"})", 422), HasSubstr("give one of them"));
  EXPECT_THAT(refused(R"({"room":"a","event":"e","dta":1})", 422), HasSubstr("\"pointer\":\"/dta\""));
  EXPECT_THAT(refused(R"({"room":"a"})", 422), HasSubstr("\"pointer\":\"/event\""));
  EXPECT_THAT(refused(R"({"room":"a","event":"join"})", 422), HasSubstr("one of the protocol's own"));
  EXPECT_THAT(refused(R"({"room":"ws:a","event":"e"})", 422), HasSubstr("no room can have"));
  EXPECT_THAT(refused(R"({"rooms":[],"event":"e"})", 422), HasSubstr("rooms is empty"));
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

TEST_F(Api, DisconnectsAndMovesClients) {
  start(std::string(kOpen) + "[[auth.jwt]]\nsecret = \"0123456789abcdef0123456789abcdef\"\nalgorithms = [\"HS256\"]\n");
  const std::string token = run("token --user ann").output;
  TestClient ann(address_);
  ann.upgrade().authenticate(R"({"token":")" + token.substr(0, token.find('\n')) + R"("})");
  EXPECT_EQ(post("/api/join", R"({"user":"ann","rooms":["tea"]})").body, R"({"clients":1})");
  EXPECT_EQ(post("/api/publish", R"({"room":"tea","event":"in"})").status, 200U);
  ann.wait_for("in");
  EXPECT_EQ(post("/api/leave", R"({"user":"ann","rooms":["tea"]})").body, R"({"clients":1})");
  EXPECT_EQ(post("/api/publish", R"({"room":"tea","event":"out"})").status, 200U);
  EXPECT_EQ(post("/api/publish", R"({"user":"ann","event":"yours"})").status, 200U);
  EXPECT_THAT(ann.wait_for("yours"), Not(HasSubstr("out")));
  EXPECT_EQ(post("/api/disconnect", R"({"user":"ann","except":[")" + ann.id() + R"("]})").body, R"({"clients":0})");
  EXPECT_EQ(post("/api/disconnect", R"({"user":"ann","code":999})").status, 422U);
  EXPECT_EQ(post("/api/disconnect", R"({"user":"ann","code":1005})").status, 422U);
  EXPECT_EQ(post("/api/disconnect", R"({"user":"ann"})").body, R"({"clients":1})");
  EXPECT_EQ(ann.wait_for_close(), (CloseFrame{4010, "Disconnected"}));
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
  EXPECT_EQ(post("/api/publish", R"({"all":true)" + message, all + "Host: api.example\r\nVia: 1.1 p\r\n").status, 200U);
  EXPECT_EQ(post("/api/publish", R"({"room":"news:1")" + message, news).status, 200U);
  EXPECT_EQ(post("/api/publish", R"({"rooms":["news:1","tea"])" + message, news).status, 403U);
  EXPECT_EQ(post("/api/publish", R"({"all":true)" + message, news).status, 403U);
  EXPECT_EQ(post("/api/publish", R"({"user":"a")" + message, news).status, 403U);
  EXPECT_EQ(ask("GET", "/api/info", {}, news).status, 403U);
  EXPECT_EQ(ask("GET", "/api/info", {}, all).status, 200U);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(ask("GET", "/api/info", {}, "Authorization: Bearer x\r\n").status, 401U);
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
