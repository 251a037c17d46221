// Keys of the configuration of `hearth serve` that no other test is about, from outside: each does what it says.

#include "hearth/crypto.hpp"
#include "hearth/jwt_signer.hpp"
#include "integration/told.hpp"
#include "support/command_folder.hpp"
#include "support/jwt_keys.hpp"
#include "support/test_client.hpp"

#include <gmock/gmock.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>

namespace hearth::test {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

const std::string kOpen = "[auth]\nanonymous = true\n";
const std::string kTea = "[[rooms]]\npattern = \"tea\"\njoin = \"anyone\"\n";

std::int64_t unix_time() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

class ServeKeys : public testing::Test, protected CommandFolder {
 protected:
  void start(const std::string& config) {
    write(config);
    server_ = serve("", "HEARTH_SERVER_LISTEN=127.0.0.1:0");
    address_ = address_of(*server_);
    api_ = api_address_of(*server_);
  }
  TestClient client(const std::string& fields = {}) const {
    TestClient client(address_);
    client.upgrade("/ws", fields);
    return client;
  }
  HttpAnswer ask(const std::string& method, const std::string& path, const std::string& body = {}) const {
    TestClient http(api_);
    http.write(method + ' ' + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
               "\r\n\r\n" + body);
    return http.read_http();
  }
  void publish(const std::string& body) const { EXPECT_EQ(ask("POST", "/api/publish", body).status, 200U) << body; }
  std::uint64_t metric(const std::string& name) const {
    std::istringstream lines(ask("GET", "/metrics").body);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with(name + ' ')) return std::stoull(line.substr(name.size()));
    }
    return 0;
  }
  /// How the API shows a client.
  std::string shown(const TestClient& client) const { return ask("GET", "/api/clients/" + client.id()).body; }

  std::unique_ptr<ChildProcess> server_;
  std::string address_;
  std::string api_;
};

TEST_F(ServeKeys, ProxiesAreTrustedToSayWhoseConnectionItIs) {
  start(kOpen + "[server]\ntrusted_proxies = [\"127.0.0.0/8\"]\n");
  TestClient forwarded = client("X-Forwarded-For: 198.51.100.7, 203.0.113.9\r\n");
  EXPECT_THAT(shown(forwarded.authenticate()), HasSubstr(R"("address":"203.0.113.9")"));

  start(kOpen + "[server]\ntrusted_proxies = [\"127.0.0.0/8\"]\nproxy_protocol = true\n");
  TestClient announced(address_);
  announced.write("PROXY TCP4 192.0.2.1 198.51.100.2 5000 443\r\n");
  announced.upgrade().authenticate();
  EXPECT_THAT(shown(announced), HasSubstr(R"("address":"192.0.2.1:5000")"));
  TestClient bare(address_);
  bare.write("GET /ws HTTP/1.1\r\n");
  bare.expect_end();
}

TEST_F(ServeKeys, WhoIsSilentIsClosed) {
  start(kOpen + "[server]\nauth_timeout = \"1s\"\n");
  EXPECT_EQ(client().expect_close(), (CloseFrame{4001, "Authentication timeout"}));

  start(kOpen + "[server]\nheartbeat_interval = \"20ms\"\nheartbeat_timeout = \"100ms\"\n");
  EXPECT_EQ(client().authenticate().wait_for_close(), (CloseFrame{4002, "Heartbeat timeout"}));

  // It would answer pings, and there are none.
  start(kOpen + "[server]\nidle_timeout = \"200ms\"\nsend_pings = false\n");
  client().wait_for_end();
}

TEST_F(ServeKeys, RoomsAndFramesAreAsTheServerIsTold) {
  const std::string id = "d7270aa1-95aa-4223-bdcc-eb0ae003e400";
  const std::string rules = kOpen + "[[rooms]]\npattern = \"**\"\njoin = \"anyone\"\n";
  const std::string offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
  const auto tell = [&](const std::string& room) { publish(R"({"room":")" + room + R"(","event":"e","data":1})"); };

  start(rules);
  TestClient usual = client(offer);
  usual.authenticate();
  usual.send(envelope("join", R"({"rooms":[")" + id + R"("]})", "j"));
  EXPECT_THAT(usual.next(), HasSubstr("\"code\":200"));
  usual.join("tea");
  tell("tea");
  EXPECT_EQ(usual.next(), R"({"event":"e","data":1,"room":"tea"})");
  EXPECT_EQ(usual.compressed(), 0U);

  start(rules + "[server]\nrooms_like_client_ids = true\nname_rooms = false\ndeflate = true\n");
  TestClient other = client(offer);
  other.authenticate();
  other.join(id);
  tell(id);
  EXPECT_EQ(other.next(), R"({"event":"e","data":1})");
  publish(R"({"room":")" + id + R"(","event":"e","data":")" + std::string(4000, 'x') + R"("})");
  other.next();
  EXPECT_EQ(other.compressed(), 1U);
}

// An issuer for each key of [[auth.jwt]].
TEST_F(ServeKeys, IssuersDifferInKeysClaimsAndTimes) {
  const JwtKey file = make_jwt_key("P-256");
  const JwtKey pem = make_jwt_key("P-256");
  write(boost::json::serialize(boost::json::object{{"keys", boost::json::array{file.jwk}}}), "keys.json");
  const auto issuer = [](const std::string& name, const std::string& rest) {
    return "[[auth.jwt]]\nissuer = \"" + name + "\"\n" + rest + '\n';
  };
  const std::string es256 = "algorithms = [\"ES256\"]\n";
  const std::string key = es256 + "public_key = '''\n" + pem.public_pem + "'''\n";
  start(issuer("file", es256 + "jwks_file = \"keys.json\"") + issuer("endless", key + "require_exp = false") +
        issuer("strict", key) + issuer("patient", key + "leeway = \"10m\"") +
        issuer("brief", key + "max_lifetime = \"1m\"\nhearth_claim = \"https://example.com/hearth\"\n"
                              "user_claim = \"/user/id\""));
  const JwtSigner by_file(JwtAlgorithm::es256, file.private_pem);
  const JwtSigner by_pem(JwtAlgorithm::es256, pem.private_pem);
  const auto answer = [&](const JwtSigner& signer, const boost::json::object& claims) {
    TestClient one = client();
    one.send(envelope("authenticate", R"({"token":")" + signer.sign(claims) + R"("})", "1"));
    const std::string connected = one.next();
    return connected + one.next();
  };
  const std::int64_t now = unix_time();
  const std::int64_t later = now + 3600;
  EXPECT_THAT(answer(by_file, {{"iss", "file"}, {"sub", "ann"}, {"exp", later}}), HasSubstr(R"("userId":"ann")"));
  EXPECT_THAT(answer(by_pem, {{"iss", "endless"}, {"sub", "ann"}}),
              AllOf(HasSubstr(R"("userId":"ann")"), Not(HasSubstr("expiresIn"))));
  EXPECT_THAT(answer(by_pem, {{"iss", "patient"}, {"sub", "ann"}, {"exp", now - 300}}), HasSubstr("\"ack\""));
  EXPECT_THAT(answer(by_pem, {{"iss", "brief"},
                              {"user", {{"id", "ann"}}},
                              {"exp", later},
                              {"https://example.com/hearth", {{"autoJoin", boost::json::array{"tea"}}}}}),
              AllOf(HasSubstr(R"("userId":"ann")"), HasSubstr("\"tea\""), ContainsRegex("\"expiresIn\":[0-9]{1,2}}")));

  const auto refusal = [&](const JwtSigner& signer, const boost::json::object& claims) {
    TestClient one = client();
    one.send(envelope("authenticate", R"({"token":")" + signer.sign(claims) + R"("})"));
    return one.wait_for_close().code;
  };
  EXPECT_EQ(refusal(by_pem, {{"iss", "file"}, {"sub", "ann"}, {"exp", later}}), 4003) << "each has its own key";
  EXPECT_EQ(refusal(by_pem, {{"iss", "strict"}, {"sub", "ann"}}), 4003) << "it has no end";
  EXPECT_EQ(refusal(by_pem, {{"iss", "strict"}, {"sub", "ann"}, {"exp", now - 300}}), 4003) << "it has expired";
  EXPECT_EQ(refusal(by_pem, {{"iss", "brief"}, {"sub", "ann"}, {"exp", later}}), 4003) << "its user is elsewhere";
}

TEST_F(ServeKeys, WhoseTokenIsAboutToExpireIsToldAndMayRenew) {
  const std::string secret(kJwtSecret);
  start("[auth]\nexpiry_grace = \"5m\"\n[[auth.jwt]]\nsecret = \"" + secret + "\"\nalgorithms = [\"HS256\"]\n");
  const JwtSigner signer(JwtAlgorithm::hs256, secret);
  const auto token = [&](std::string_view user, std::int64_t seconds) {
    return R"({"token":")" + signer.sign({{"sub", user}, {"exp", unix_time() + seconds}}) + R"("})";
  };
  TestClient ann = client();
  ann.send(envelope("authenticate", token("ann", 1), "1"));
  ann.expect("connected");
  EXPECT_THAT(ann.expect("ack"), HasSubstr("\"expiresIn\":"));
  EXPECT_THAT(ann.expect("token_expiring"), HasSubstr(R"("data":{"expiresIn":)"));
  ann.send(envelope("authenticate", token("ben", 3600), "2"));
  EXPECT_THAT(ann.expect("error"), AllOf(HasSubstr(R"("message":"Another user")"), HasSubstr("\"code\":111")));
  // A renewal is taken at most once a second; until then the same answer comes.
  std::string renewed;
  eventually("the renewal", [&] {
    ann.send(envelope("authenticate", token("ann", 3600), "3"));
    renewed = ann.next();
    return event_of(renewed) == "ack";
  });
  EXPECT_THAT(renewed, AnyOf(HasSubstr("\"expiresIn\":3600"), HasSubstr("\"expiresIn\":359")));
  ann.round_trip();
}

class ServeEncryption : public ServeKeys {
 protected:
  static constexpr std::string_view kInfo = "of our own";
  void start(const std::string& rest) {
    ServeKeys::start(kOpen + kTea + "[encryption]\nmode = \"required\"\ninfo = \"" + std::string(kInfo) + "\"\n" +
                     rest);
  }
  /// A client that has agreed on a key.
  TestClient encrypted(crypto::EcdhSession& keys) const {
    TestClient one = client();
    one.send(envelope("authenticate", R"({"publicKey":")" + keys.public_key() + R"("})"));
    const auto data = boost::json::parse(one.expect("connected")).at("data");
    const auto text = [&](std::string_view name) { return std::string(data.at(name).as_string()); };
    EXPECT_FALSE(keys.derive(text("serverPublicKey"), text("salt")));
    return one;
  }
};

TEST_F(ServeEncryption, HasItsInfoAndRetiresKeys) {
  start("max_messages_per_key = 3\n");
  crypto::EcdhSession keys = crypto::EcdhSession::generate(kInfo);
  TestClient one = encrypted(keys);
  for (int i = 0; i < 4; ++i) publish(R"({"all":true,"event":"e","data":1})");
  const auto data = boost::json::parse(one.expect("encrypted")).at("data");
  EXPECT_EQ(keys.decrypt({std::string(data.at("iv").as_string()), std::string(data.at("ct").as_string())}).value(),
            R"({"event":"e","data":1})");
  EXPECT_EQ(one.wait_for_close().code, 4005);
}

TEST_F(ServeEncryption, EndsForWhoSendsWhatDoesNotOpen) {
  start("[limits]\nencryption_failures = 2\n");
  crypto::EcdhSession keys = crypto::EcdhSession::generate(kInfo);
  TestClient one = encrypted(keys);
  for (int i = 0; i < 2; ++i) one.send(envelope("encrypted", "{}"));
  EXPECT_EQ(one.wait_for_close(), (CloseFrame{1008, "Decryption failed"}));
  EXPECT_EQ(metric("hearth_limit_hits_total{limit=\"encryption_failures\"}"), 1U);
}

class ServeBacklog : public ServeKeys {
 protected:
  static constexpr std::uint64_t kBacklog = std::uint64_t{64} * 1024;
  static constexpr std::uint64_t kMessage = std::uint64_t{20} * 1000;

  /// Fifty long messages.
  void flood(const std::string& target) const {
    const std::string one =
        R"({"publish":{)" + target + R"(,"event":"e","data":")" + std::string(kMessage, 'x') + R"("}})";
    std::string all = one;
    for (int i = 1; i < 50; ++i) all += ',' + one;
    EXPECT_EQ(ask("POST", "/api/batch", R"({"requests":[)" + all + "]}").status, 200U);
  }
  TestClient slow() const {
    TestClient one(address_, 4096);
    one.upgrade().authenticate();
    return one;
  }
  void is_ended_for_reading_nothing() const {
    TestClient one = slow();
    one.join("tea");
    eventually("the member to be closed", [&] {
      flood(R"("room":"tea")");
      return metric("hearth_disconnects_total{code=\"1013\"}") == 1;
    });
    EXPECT_EQ(one.wait_for_close(), (CloseFrame{1013, "Slow consumer"}));
  }
};

TEST_F(ServeBacklog, HoldsSoMuchAndDropsTheRest) {
  start(kOpen + "[api]\nmax_body = \"2MiB\"\n[limits]\nbacklog = \"64KiB\"\n[history]\ncatch_up_at = \"64KiB\"\n" +
        "replay_window = \"64KiB\"\n");
  const TestClient one = slow();
  eventually("something to be dropped", [&] {
    flood(R"("client":")" + one.id() + '"');
    return metric("hearth_messages_dropped_total{reason=\"backlog\"}") > 0;
  });
  EXPECT_LE(metric("hearth_backlog_bytes"), kBacklog + kMessage + 100);
}

TEST_F(ServeBacklog, OfARoomThatWantsItEndsTheMember) {
  start(kOpen + kTea + "slow_consumer = \"close\"\n[api]\nmax_body = \"2MiB\"\n[limits]\nbacklog = \"64KiB\"\n" +
        "[history]\ncatch_up_at = \"64KiB\"\nreplay_window = \"64KiB\"\n");
  is_ended_for_reading_nothing();
}

// Of what may wait for it there is room left: it is behind, and that for too long.
TEST_F(ServeBacklog, EndsWhoIsBehindAndTakesNothing) {
  start(kOpen + kTea + "slow_consumer = \"gap\"\n[api]\nmax_body = \"2MiB\"\n[limits]\nbacklog = \"1GiB\"\n" +
        "[history]\ncatch_up_at = \"64KiB\"\nstall_timeout = \"1s\"\n");
  is_ended_for_reading_nothing();
}

TEST_F(ServeKeys, PresenceEndsAtALimitAndForgivesAGap) {
  start(kOpen + kTea + "presence = \"members\"\npresence_interval = \"10ms\"\npresence_limit = 2\n" +
        "[[rooms]]\npattern = \"cup\"\njoin = \"anyone\"\npresence = \"members\"\npresence_interval = \"10ms\"\n" +
        "presence_grace = \"1h\"\n");
  TestClient first = client();
  first.authenticate();
  Told of_tea(first);
  of_tea.join();
  TestClient second = client();
  TestClient third = client();
  for (TestClient* one : {&second, &third}) one->authenticate().join("tea");
  of_tea.until_clients(3);
  EXPECT_FALSE(of_tea.is_listed());

  TestClient watcher = client();
  watcher.authenticate();
  Told of_cup(watcher, "cup");
  of_cup.join();
  second.join("cup");
  of_cup.until({watcher.id(), second.id()});
  second.leave("cup");
  third.join("cup");
  of_cup.next();
  EXPECT_THAT(watcher.log().back(), AllOf(HasSubstr(R"("joined":[)"), Not(HasSubstr("left"))));
}

}  // namespace
}  // namespace hearth::test
