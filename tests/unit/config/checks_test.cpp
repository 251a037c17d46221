#include "unit/config/config_folder.hpp"

#include <gmock/gmock.h>

namespace hearth::config {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string kSecret = "0123456789abcdef0123456789abcdef";
const std::string kJwt = "[[auth.jwt]]\nsecret = \"" + kSecret + "\"\nalgorithms = [\"HS256\"]\n";

std::string join(std::initializer_list<std::string> parts) {
  std::string all;
  for (const std::string& part : parts) all += part;
  return all;
}

TEST(ConfigChecks, ThereHasToBeAnAddress) {
  const ConfigFolder folder;
  EXPECT_THAT(folder.problems("[server]\nlisten = []\n"),
              ElementsAre(HasSubstr("hearth.toml:2:10: server.listen is empty")));
  EXPECT_THAT(folder.problems("[api]\nlisten = []\n"), IsEmpty()) << "then there is no API";
}

TEST(ConfigChecks, TheProxyProtocolNeedsProxiesToTrust) {
  const ConfigFolder folder;
  EXPECT_THAT(folder.problems("[server]\nproxy_protocol = true\n"), ElementsAre(HasSubstr("nobody could connect")));
  EXPECT_THAT(folder.problems("[server]\nproxy_protocol = true\ntrusted_proxies = [\"10.0.0.0/8\"]\n"), IsEmpty());
}

TEST(ConfigChecks, EveryOriginAndCookiesDoNotGoTogether) {
  const ConfigFolder folder;
  const std::string all = "[server]\nallowed_origins = [\"*\"]\n";
  const std::string backend = "[backend]\nurl = \"https://a\"\nsecret = \"" + kSecret + "\"\n";
  EXPECT_THAT(folder.problems(all + "[auth]\nask_backend = true\n" + backend),
              ElementsAre(HasSubstr("any web page could connect as its visitor")));
  EXPECT_THAT(folder.problems(all + "[auth]\nask_backend = true\nheaders = [\"authorization\"]\n" + backend),
              IsEmpty());
  EXPECT_THAT(folder.problems(all), IsEmpty());
}

TEST(ConfigChecks, CertificatesOfClientsNeedACertificateAuthority) {
  const ConfigFolder folder;
  folder.write("a.pem", "x");
  const std::string certificate = "[[server.tls.certificates]]\ncert = \"a.pem\"\nkey = \"a.pem\"\n";
  EXPECT_THAT(folder.problems(join({"[server.tls]\nclient_auth = \"required\"\n", certificate})),
              ElementsAre(HasSubstr("server.tls.client_auth needs server.tls.client_ca")));
  EXPECT_THAT(folder.problems("[api.tls]\nclient_auth = \"optional\"\nclient_ca = \"\"\n"),
              Not(Contains(HasSubstr("needs api.tls.client_ca"))))
      << "which is there, and wrong by itself";
  EXPECT_THAT(folder.problems(join({"[server.tls]\nclient_ca = \"a.pem\"\n", certificate})),
              ElementsAre(HasSubstr("warning: server.tls.client_ca is not used")));
  EXPECT_THAT(folder.problems("[server.tls]\nclient_auth = \"required\"\nclient_ca = \"a.pem\"\n"),
              ElementsAre(HasSubstr("needs server.tls.certificates")));
  EXPECT_THAT(folder.problems(join({"[server.tls]\nclient_auth = \"required\"\nclient_ca = \"a.pem\"\n", certificate})),
              IsEmpty());
}

TEST(ConfigChecks, AnIssuerHasOneKindOfKey) {
  const ConfigFolder folder;
  EXPECT_THAT(folder.problems("[[auth.jwt]]\nalgorithms = [\"ES256\"]\n"),
              ElementsAre(HasSubstr("hearth.toml:1:1: auth.jwt has no key; give one of secret, public_key")));
  EXPECT_THAT(folder.problems(kJwt + "jwks_url = \"https://a\"\naudience = \"b\"\n"),
              ElementsAre(HasSubstr("auth.jwt has secret and jwks_url; give one of them")));
}

TEST(ConfigChecks, SecretsAreAsLongAsTheirHash) {
  const ConfigFolder folder;
  const auto problems = [&](const std::string& secret, const std::string& algorithm) {
    return folder.problems("[[auth.jwt]]\nsecret = \"" + secret + "\"\nalgorithms = [\"" + algorithm + "\"]\n");
  };
  EXPECT_THAT(problems("too short", "HS256"),
              ElementsAre("hearth.toml:2:10: auth.jwt.secret is 9 bytes; HS256 needs at least 32 (RFC 7518, 3.2)"));
  EXPECT_THAT(problems(kSecret, "HS256"), IsEmpty());
  EXPECT_THAT(problems(kSecret, "HS384"), ElementsAre(HasSubstr("HS384 needs at least 48")));
  EXPECT_THAT(problems(kSecret, "HS512"), ElementsAre(HasSubstr("HS512 needs at least 64")));
}

TEST(ConfigChecks, AlgorithmsFitTheKey) {
  const ConfigFolder folder;
  EXPECT_THAT(
      folder.problems("[[auth.jwt]]\nsecret = \"" + kSecret + "\"\nalgorithms = [\"HS256\", \"RS256\"]\n"),
      ElementsAre(HasSubstr("hearth.toml:3:14: auth.jwt.algorithms has RS256 in it, which needs a public key")));
  EXPECT_THAT(folder.problems("[[auth.jwt]]\npublic_key = \"x\"\nalgorithms = [\"ES256\", \"HS256\"]\n"),
              ElementsAre(HasSubstr("auth.jwt.algorithms has HS256 in it, which is for a secret alone")));
  EXPECT_THAT(folder.problems("[[auth.jwt]]\npublic_key = \"x\"\nalgorithms = []\n"),
              ElementsAre(HasSubstr("auth.jwt.algorithms is empty")));
}

TEST(ConfigChecks, ForeignIssuersNeedAnAudience) {
  const ConfigFolder folder;
  const std::string jwks = "[[auth.jwt]]\njwks_url = \"https://a/jwks\"\nalgorithms = [\"RS256\"]\n";
  EXPECT_THAT(folder.problems(jwks), ElementsAre(HasSubstr("has jwks_url and no audience")));
  EXPECT_THAT(folder.problems(jwks + "audience = \"me\"\n"), IsEmpty());
}

TEST(ConfigChecks, SeveralIssuersHaveNamesOfTheirOwn) {
  const ConfigFolder folder;
  EXPECT_THAT(folder.problems(join({kJwt, "issuer = \"a\"\n", kJwt})),
              ElementsAre(HasSubstr("hearth.toml:5:1: auth.jwt has no issuer")));
  EXPECT_THAT(folder.problems(join({kJwt, "issuer = \"a\"\n", kJwt, "issuer = \"a\"\n"})),
              ElementsAre(HasSubstr("hearth.toml:8:10: auth.jwt.issuer is that of another")));
  EXPECT_THAT(folder.problems(join({kJwt, "issuer = \"a\"\n", kJwt, "issuer = \"b\"\n"})), IsEmpty());
}

TEST(ConfigChecks, WhatAsksTheBackendNeedsOne) {
  const ConfigFolder folder;
  EXPECT_THAT(folder.problems("[auth]\nask_backend = true\n"),
              ElementsAre(HasSubstr("auth.ask_backend needs backend.url")));
  EXPECT_THAT(folder.problems("[backend]\nmessages = [\"*\"]\n"), ElementsAre(HasSubstr("needs backend.url")));
  EXPECT_THAT(folder.problems("[events]\nto = \"backend\"\n"), ElementsAre(HasSubstr("needs backend.url")));
  EXPECT_THAT(folder.problems("[[rooms]]\npattern = \"a\"\njoin = \"ask\"\npublish = [\"users\", \"ask\"]\n"),
              ElementsAre(HasSubstr("hearth.toml:3:8: rooms.join is \"ask\", which needs backend.url"),
                          HasSubstr("hearth.toml:4:11: rooms.publish is \"ask\"")));
  EXPECT_THAT(folder.problems("[backend]\nurl = \"nonsense\"\n[auth]\nask_backend = true\n"),
              ElementsAre(HasSubstr("no URL")))
      << "there is one, and it is wrong by itself";
}

TEST(ConfigChecks, RequestsToTheBackendAreSigned) {
  const ConfigFolder folder;
  EXPECT_THAT(folder.problems("[backend]\nurl = \"https://a\"\n"), ElementsAre(HasSubstr("needs backend.secret")));
  EXPECT_THAT(folder.problems("[backend]\nurl = \"http://a\"\nsecret = \"" + kSecret + "\"\n"),
              ElementsAre(HasSubstr("warning: backend.url is plain http")));
  EXPECT_THAT(folder.problems("[backend]\nurl = \"http://127.0.0.1:3000\"\nsecret = \"" + kSecret + "\"\n"), IsEmpty());
}

TEST(ConfigChecks, ACertificateForTheBackendHasItsKey) {
  const ConfigFolder folder;
  folder.write("a.pem", "x");
  EXPECT_THAT(folder.problems("[backend]\ncert = \"a.pem\"\n"),
              ElementsAre(HasSubstr("backend.cert needs backend.key")));
  EXPECT_THAT(folder.problems("[backend]\nkey = \"a.pem\"\n"),
              ElementsAre(HasSubstr("backend.key needs backend.cert")));
}

TEST(ConfigChecks, MessagesAreNamedByPatterns) {
  const ConfigFolder folder;
  const std::string backend = "[backend]\nurl = \"http://127.0.0.1/\"\nsecret = \"twenty-four bytes or more\"\n";
  EXPECT_THAT(folder.problems(backend + "messages = [\"order.*\"]\n"), IsEmpty());
  EXPECT_THAT(folder.problems(backend + "messages = [\"order.{user}\"]\n"),
              ElementsAre(HasSubstr("backend.messages has `order.{user}` in it")));
}

TEST(ConfigChecks, EventsNeedAPlaceToGo) {
  const ConfigFolder folder;
  EXPECT_THAT(folder.problems("[events]\nto = \"redis\"\n"), ElementsAre(HasSubstr("needs broker.url")));
  const std::string redis = "[broker]\nurl = \"redis://h\"\n[events]\nto = \"redis\"\ntypes = [\"joined\"]\n";
  EXPECT_THAT(folder.problems(redis),
              ElementsAre(HasSubstr("events.types has \"joined\" or \"left\" in it, and no rule of [[rooms]] has")));
  const std::string rule = "[[rooms]]\npattern = \"tea\"\nevents = true\n";
  EXPECT_THAT(folder.problems(redis + rule), IsEmpty());
  EXPECT_THAT(folder.problems(rule), ElementsAre(HasSubstr("rooms.events is true, and there is no events.to")));
  EXPECT_THAT(folder.problems("[broker]\nurl = \"redis://h\"\n[events]\nto = \"redis\"\n" + rule),
              ElementsAre(HasSubstr("rooms.events is true, and events.types has neither")));
  EXPECT_THAT(folder.problems("[broker]\nurl = \"redis-cluster://h\"\n[events]\nto = \"redis\"\n"),
              ElementsAre(HasSubstr("cannot be a Redis Cluster")));
}

TEST(ConfigChecks, SaysWhereNobodyIsToldOfInstancesThatAreKilled) {
  const ConfigFolder folder;
  const std::string events =
      "[backend]\nurl = \"https://h/\"\nsecret = \"" + kSecret + "\"\n[events]\nto = \"backend\"\n";
  const std::string node = "types = [\"node\"]\n";
  const std::string cluster = "[broker]\nurl = \"redis-cluster://h\"\n";
  EXPECT_THAT(folder.problems(events + node + cluster),
              ElementsAre(HasSubstr("warning: events.types has \"node\" in it, and broker.url is a Redis Cluster")));
  EXPECT_THAT(folder.problems(events + cluster), IsEmpty());
  EXPECT_THAT(folder.problems(events + node + "[broker]\nurl = \"redis://h\"\n"), IsEmpty());
}

TEST(ConfigChecks, WithoutKeysTheApiIsForThisMachineAlone) {
  const ConfigFolder folder;
  const std::string key = "[[api.keys]]\nname = \"a\"\nkey = \"" + kSecret + "\"\n";
  for (const std::string address : {"0.0.0.0:1", ":1", "[::]:1", "10.0.0.1:1", "example.com:1"}) {
    const std::string api = "[api]\nlisten = [\"" + address + "\"]\n";
    EXPECT_THAT(folder.problems(api), ElementsAre(HasSubstr("there are no [[api.keys]]"))) << address;
    EXPECT_THAT(folder.problems(api + key), IsEmpty()) << address;
  }
  EXPECT_THAT(folder.problems("[api]\nlisten = [\"127.0.0.1:1\", \"[::1]:1\", \"localhost:1\", \"unix:/x\"]\n"),
              IsEmpty());
}

TEST(ConfigChecks, KeysOfTheApiCanBeToldApartAndAreGoodForSomething) {
  const ConfigFolder folder;
  const std::string key = "[[api.keys]]\nname = \"a\"\nkey = \"" + kSecret + "\"\n";
  EXPECT_THAT(folder.problems(key + key), ElementsAre(HasSubstr("hearth.toml:5:8: api.keys.name is that of another")));
  EXPECT_THAT(folder.problems(key + "allow = []\n"), ElementsAre(HasSubstr("api.keys.allow is empty")));
}

TEST(ConfigChecks, TheApiHasAnAddressOfItsOwn) {
  const ConfigFolder folder;
  EXPECT_THAT(folder.problems("[server]\nlisten = [\"127.0.0.1:9080\"]\n"),
              ElementsAre(HasSubstr("api.listen has `127.0.0.1:9080` in it, and so has server.listen")));
  EXPECT_THAT(folder.problems("[server]\nlisten = [\"127.0.0.1:0\"]\n[api]\nlisten = [\"127.0.0.1:0\"]\n"), IsEmpty());
}

TEST(ConfigChecks, KeysAreKeys) {
  const ConfigFolder folder;
  folder.write("keys.json", R"({"keys":7})");
  EXPECT_THAT(folder.problems("[[auth.jwt]]\npublic_key = \"x\"\nalgorithms = [\"ES256\"]\n"),
              ElementsAre(HasSubstr("hearth.toml:2:14: auth.jwt.public_key ")));
  EXPECT_THAT(folder.problems("[[auth.jwt]]\njwks_file = \"keys.json\"\nalgorithms = [\"ES256\"]\n"),
              ElementsAre(HasSubstr("hearth.toml:2:13: auth.jwt.jwks_file ")));
  folder.write("keys.json", std::string(256 * 1024 + 1, ' '));
  EXPECT_THAT(folder.problems("[[auth.jwt]]\njwks_file = \"keys.json\"\nalgorithms = [\"ES256\"]\n"),
              ElementsAre(HasSubstr("which is longer than 256 KiB")));
  EXPECT_THAT(folder.problems(kJwt + "leeway = \"11m\"\n"),
              ElementsAre(HasSubstr("auth.jwt.leeway is 11m; it goes from 0 to 10m")));
}

TEST(ConfigChecks, RulesCanBeRead) {
  const ConfigFolder folder;
  EXPECT_THAT(folder.problems("[[rooms]]\npattern = \"a{user}*\"\njoin = \"friends\"\n"),
              ElementsAre(HasSubstr("hearth.toml:2:11: rooms.pattern "), HasSubstr("hearth.toml:3:8: rooms.join ")));
  EXPECT_THAT(folder.problems("[[rooms]]\npattern = \"a*\"\n[[rooms]]\npattern = \"ab\"\n"),
              ElementsAre(HasSubstr("hearth.toml:4:11: warning: rooms.pattern is hardly meant: ")));
  EXPECT_THAT(folder.problems("[auth]\nauto_join = [\"a:*\"]\n"),
              ElementsAre(HasSubstr("hearth.toml:2:13: auth.auto_join has an entry that is no name of a room")));
}

TEST(ConfigChecks, RatesHaveNumbersOf32Bits) {
  const ConfigFolder folder;
  EXPECT_THAT(folder.problems("[limits]\nconnects = \"4294967296/s\"\nbytes = \"1MiB/s burst 4GiB\"\n"),
              ElementsAre(HasSubstr("hearth.toml:2:12: limits.connects is 4294967296/s; neither of its numbers"),
                          HasSubstr("hearth.toml:3:9: limits.bytes is 1MiB/s burst 4GiB; neither of its numbers")));
  EXPECT_THAT(folder.problems("[limits]\nconnects = \"4294967295/s\"\nmessages = 0\n"), IsEmpty());
}

}  // namespace
}  // namespace hearth::config
