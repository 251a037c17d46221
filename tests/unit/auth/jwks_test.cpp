#include "unit/auth/tokens.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

#include <stdexcept>
#include <utility>
#include <vector>

namespace hearth::test {
namespace {

using boost::json::object;
using testing::ElementsAre;
using testing::IsEmpty;

/// A key with some members more, or others.
object jwk(JwtAlgorithm algorithm, const object& more = {}) {
  object key = is_hmac(algorithm) ? object{{"kty", "oct"}, {"k", encoded(kJwtSecret)}} : jwt_key(algorithm).jwk;
  for (const auto& [name, value] : more) key[name] = value;
  return key;
}

std::string key_set(const std::vector<object>& keys) {
  boost::json::array list;
  for (const object& key : keys) list.push_back(key);
  return boost::json::serialize(object{{"keys", std::move(list)}});
}

JwtIssuer issuer_of(std::string jwks,
                    std::vector<JwtAlgorithm> algorithms = {JwtAlgorithm::es256, JwtAlgorithm::rs256}) {
  return {.jwks = std::move(jwks), .algorithms = std::move(algorithms)};
}

std::string token(JwtAlgorithm algorithm, std::string_view kid) {
  return raw_token(algorithm,
                   R"({"alg":")" + std::string(to_string(algorithm)) + R"(","kid":")" + std::string(kid) + R"("})",
                   claims_with(""));
}

/// Why each key was left out.
std::vector<std::string> skipped(const std::vector<object>& keys,
                                 std::vector<JwtAlgorithm> algorithms = {JwtAlgorithm::es256, JwtAlgorithm::rs256,
                                                                         JwtAlgorithm::eddsa, JwtAlgorithm::hs384}) {
  const JwtVerifier verifier({issuer_of(key_set(keys), std::move(algorithms))});
  const JwksOutcome outcome = verifier.keys(0);
  EXPECT_EQ(outcome.keys + outcome.skipped.size(), keys.size());
  std::vector<std::string> texts;
  for (const SkippedJwk& key : outcome.skipped)
    texts.push_back(std::to_string(key.index) + ' ' + key.kid + ": " + key.text);
  return texts;
}

std::string skipped_because(const object& key) {
  const auto texts = skipped({key});
  return texts.empty() ? "taken" : texts.front();
}

TEST(Jwks, HasAKeyForEveryAlgorithm) {
  for (const JwtAlgorithm algorithm : all_jwt_algorithms()) {
    const JwtVerifier verifier({issuer_of(key_set({jwk(algorithm, {{"kid", "k"}})}), {algorithm})});
    EXPECT_EQ(verdict(verifier, token(algorithm, "k")), "ann") << to_string(algorithm);
  }
}

TEST(Jwks, IsSearchedForTheKidOfTheToken) {
  const object other = make_jwt_key("P-256").jwk;
  object wrong = other;
  wrong["kid"] = "other";
  const JwtVerifier verifier({issuer_of(key_set({wrong, jwk(JwtAlgorithm::es256, {{"kid", "mine"}}), other}))});
  EXPECT_EQ(verdict(verifier, token(JwtAlgorithm::es256, "mine")), "ann");
  EXPECT_EQ(verdict(verifier, token(JwtAlgorithm::es256, "other")), "signature: its signature is not that of the key");
  EXPECT_EQ(verdict(verifier, token(JwtAlgorithm::es256, "new")), "kid: there is no key with its `kid` `new`");
  EXPECT_EQ(verdict(verifier, token(JwtAlgorithm::es256, "")), "kid: there is no key with its `kid` ``");
}

TEST(Jwks, MayHaveKeysOfOneKidAndSeveralKinds) {
  const JwtVerifier verifier(
      {issuer_of(key_set({jwk(JwtAlgorithm::rs256, {{"kid", "k"}}), jwk(JwtAlgorithm::es256, {{"kid", "k"}})}))});
  EXPECT_EQ(verdict(verifier, token(JwtAlgorithm::es256, "k")), "ann");
  EXPECT_EQ(verdict(verifier, token(JwtAlgorithm::rs256, "k")), "ann");
}

TEST(Jwks, BindsAKeyToItsKind) {
  const JwtVerifier verifier({issuer_of(key_set({jwk(JwtAlgorithm::rs256, {{"kid", "k"}})}))});
  EXPECT_EQ(verdict(verifier, token(JwtAlgorithm::es256, "k")),
            "algorithm: the key with its `kid` `k` is not for ES256");
}

TEST(Jwks, BindsAKeyToItsAlgorithm) {
  const JwtVerifier verifier({issuer_of(key_set({jwk(JwtAlgorithm::rs256, {{"kid", "k"}, {"alg", "PS256"}})}),
                                        {JwtAlgorithm::rs256, JwtAlgorithm::ps256})});
  EXPECT_EQ(verdict(verifier, token(JwtAlgorithm::ps256, "k")), "ann");
  EXPECT_EQ(verdict(verifier, token(JwtAlgorithm::rs256, "k")),
            "algorithm: the key with its `kid` `k` is not for RS256");
}

TEST(Jwks, IsTriedWithAtMostFourFittingKeysForATokenWithoutKid) {
  std::vector<object> keys;
  for (int i = 0; i < 3; ++i) keys.push_back(make_jwt_key("P-256").jwk);
  keys.push_back(jwk(JwtAlgorithm::rs256));
  keys.push_back(jwk(JwtAlgorithm::es256));
  EXPECT_EQ(verdict(issuer_of(key_set(keys)), token_of(claims_with(""), JwtAlgorithm::es256)), "ann");
  keys.insert(keys.begin(), make_jwt_key("P-256").jwk);
  EXPECT_EQ(verdict(issuer_of(key_set(keys)), token_of(claims_with(""), JwtAlgorithm::es256)),
            "signature: its signature is that of none of the keys tried");
  EXPECT_EQ(verdict(issuer_of(key_set({jwk(JwtAlgorithm::es256)})), token_of(claims_with(""), JwtAlgorithm::rs256)),
            "kid: it has no `kid`, and there is no key for RS256");
}

TEST(Jwks, SkipsKeysForOtherPurposesAlone) {
  const object good =
      jwk(JwtAlgorithm::es256, {{"kid", "good"}, {"use", "sig"}, {"key_ops", {"verify"}}, {"x5t", "x"}});
  EXPECT_THAT(
      skipped({good, jwk(JwtAlgorithm::es256, {{"kid", "a"}, {"use", "enc"}}), jwk(JwtAlgorithm::es256, {{"use", 7}}),
               jwk(JwtAlgorithm::es256, {{"key_ops", {"sign", "encrypt"}}}),
               jwk(JwtAlgorithm::es256, {{"key_ops", "verify"}}), jwk(JwtAlgorithm::rs256, {{"alg", "RSA-OAEP"}}),
               jwk(JwtAlgorithm::rs256, {{"alg", "RS512"}}), jwk(JwtAlgorithm::es256, {{"kid", 7}})}),
      ElementsAre("1 a: its `use` is not `sig`", "2 : its `use` is not `sig`", "3 : its `key_ops` do not have `verify`",
                  "4 : its `key_ops` do not have `verify`",
                  "5 : its `alg` `RSA-OAEP` is none of ES256, RS256, EdDSA, HS384",
                  "6 : its `alg` `RS512` is none of ES256, RS256, EdDSA, HS384", "7 : its `kid` is no string"));
}

TEST(Jwks, SkipsKeysThatAreNone) {
  EXPECT_EQ(skipped_because({}), "0 : its `kty` `` is none of RSA, EC, OKP, oct");
  EXPECT_EQ(skipped_because({{"kty", "AKP"}}), "0 : its `kty` `AKP` is none of RSA, EC, OKP, oct");
  EXPECT_EQ(skipped_because({{"kty", "EC"}, {"crv", "secp256k1"}}),
            "0 : its curve `secp256k1` is none of P-256, P-384, P-521");
  EXPECT_EQ(skipped_because({{"kty", "OKP"}, {"crv", "Ed448"}}), "0 : its curve `Ed448` is not Ed25519");
  EXPECT_EQ(skipped_because({{"kty", "OKP"}, {"crv", "X25519"}}), "0 : its curve `X25519` is not Ed25519");
  EXPECT_EQ(skipped_because({{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", "AAAA"}}), "0 : its `x` is not 32 bytes");
  EXPECT_EQ(skipped_because({{"kty", "RSA"}, {"e", "AQAB"}}), "0 : its `n` is missing or not base64url");
  EXPECT_EQ(skipped_because(jwk(JwtAlgorithm::rs256, {{"n", "a+/="}})), "0 : its `n` is missing or not base64url");
  EXPECT_EQ(skipped_because(jwk(JwtAlgorithm::rs256, {{"e", ""}})), "0 : its `e` is missing or not base64url");
  EXPECT_EQ(skipped_because(jwk(JwtAlgorithm::es256, {{"x", "AAAA"}})),
            "0 : its `x` and `y` are not 32 bytes each (RFC 7518, 6.2.1)");
  EXPECT_EQ(skipped_because(jwk(JwtAlgorithm::es256, {{"x", encoded(std::string(32, '\1'))}})),
            "0 : its point is not on P-256");
  EXPECT_EQ(skipped_because(jwk(JwtAlgorithm::es384)),
            "0 : is an EC key on P-384, which fits none of ES256, RS256, EdDSA, HS384");
  EXPECT_EQ(skipped_because(jwk(JwtAlgorithm::hs256, {{"k", encoded("too short")}})),
            "0 : is 9 bytes; HS384 needs at least 48 (RFC 7518, 3.2)");
}

TEST(Jwks, SkipsWeakKeys) {
  EXPECT_EQ(skipped_because(make_jwt_key("RSA-1024").jwk),
            "0 : is an RSA key of 1024 bits; at least 2048 are needed (RFC 7518, 3.3)");
  EXPECT_EQ(skipped_because(jwk(JwtAlgorithm::rs256, {{"e", "AQ"}})),
            "0 : is an RSA key whose exponent is not odd, or not from 3 to 2^33");
  EXPECT_EQ(skipped_because(jwk(JwtAlgorithm::rs256, {{"e", "Ag"}})),
            "0 : is an RSA key whose exponent is not odd, or not from 3 to 2^33");
  EXPECT_EQ(skipped_because(jwk(JwtAlgorithm::rs256, {{"e", encoded(std::string(6, '\1'))}})),
            "0 : is an RSA key whose exponent is not odd, or not from 3 to 2^33");
  EXPECT_EQ(skipped_because(jwk(JwtAlgorithm::rs256, {{"n", encoded(std::string(1025, '\x81'))}})),
            "0 : is an RSA key of 8200 bits; at most 8192 are taken");
  EXPECT_EQ(skipped_because(jwk(JwtAlgorithm::rs256, {{"n", encoded(std::string(5000, '\x81'))}})),
            "0 : is an RSA key that is too long");
}

TEST(Jwks, SkipsPrivateKeys) {
  EXPECT_EQ(skipped_because(jwk(JwtAlgorithm::es256, {{"d", "AAAA"}})),
            "0 : is a private key, which everybody who reads the set could sign with");
}

TEST(Jwks, SkipsWhatIsNoObject) {
  const JwtVerifier verifier({issuer_of(R"({"keys":[7,null,[]]})")});
  ASSERT_EQ(verifier.keys(0).skipped.size(), 3U);
  EXPECT_EQ(verifier.keys(0).skipped[2].index, 2U);
  EXPECT_EQ(verifier.keys(0).skipped[2].text, "is no object");
}

TEST(Jwks, ReplacesTheWholeSet) {
  JwtVerifier verifier({issuer_of(key_set({jwk(JwtAlgorithm::es256, {{"kid", "old"}})}))});
  const JwksOutcome outcome = verifier.replace_jwks(
      0, key_set({jwk(JwtAlgorithm::es256, {{"kid", "new"}}), jwk(JwtAlgorithm::es256, {{"use", "enc"}})}));
  EXPECT_EQ(outcome.problem, "");
  EXPECT_EQ(outcome.keys, 1U);
  EXPECT_EQ(outcome.skipped.size(), 1U);
  EXPECT_EQ(verdict(verifier, token(JwtAlgorithm::es256, "new")), "ann");
  EXPECT_EQ(verdict(verifier, token(JwtAlgorithm::es256, "old")), "kid: there is no key with its `kid` `old`");
  EXPECT_EQ(verifier.replace_jwks(0, R"({"keys":[]})").keys, 0U);
  EXPECT_EQ(verdict(verifier, token(JwtAlgorithm::es256, "new")), "kid: there are no keys of its issuer yet");
}

TEST(Jwks, MayComeLater) {
  JwtVerifier verifier({issuer_of("")});
  EXPECT_EQ(verifier.keys(0).keys, 0U);
  const JwtResult before = verifier.verify(token(JwtAlgorithm::es256, "k"), kNow);
  ASSERT_FALSE(before);
  EXPECT_EQ(before.error().reason, JwtReason::kid);
  EXPECT_EQ(before.error().issuer, 0U);
  verifier.replace_jwks(0, key_set({jwk(JwtAlgorithm::es256, {{"kid", "k"}})}));
  EXPECT_EQ(verdict(verifier, token(JwtAlgorithm::es256, "k")), "ann");
}

TEST(Jwks, KeepsTheKeysIfTheNewSetIsNone) {
  JwtVerifier verifier({issuer_of(key_set({jwk(JwtAlgorithm::es256, {{"kid", "k"}})}))});
  const auto problem = [&](std::string_view text) {
    const JwksOutcome outcome = verifier.replace_jwks(0, text);
    EXPECT_EQ(outcome.keys, 1U);
    return outcome.problem;
  };
  EXPECT_EQ(problem("<html>"), "is not JSON: syntax error");
  EXPECT_EQ(problem(""), "is not JSON: incomplete JSON");
  for (const auto* text : {"[]", "{}", R"({"keys":{}})", R"({"Keys":[]})", "null"}) {
    EXPECT_EQ(problem(text), "is no key set: an object with an array `keys` (RFC 7517, 5)");
  }
  EXPECT_EQ(problem(std::string(300'000, ' ')), "is 300000 bytes; at most 262144 are taken");
  EXPECT_EQ(verdict(verifier, token(JwtAlgorithm::es256, "k")), "ann");
}

TEST(Jwks, IsThereOnlyIfTheIssuerHasOne) {
  JwtVerifier verifier({secret_issuer()});
  EXPECT_EQ(verifier.keys(0).keys, 1U);
  EXPECT_THROW(verifier.replace_jwks(0, R"({"keys":[]})"), std::logic_error);
  EXPECT_THROW(verifier.replace_jwks(1, R"({"keys":[]})"), std::out_of_range);
}

}  // namespace
}  // namespace hearth::test
