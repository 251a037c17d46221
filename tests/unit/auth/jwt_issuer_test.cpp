#include "unit/auth/tokens.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace hearth::test {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> problems(const std::vector<JwtIssuer>& issuers) {
  std::vector<std::string> found;
  for (const JwtProblem& problem : JwtVerifier::check(issuers)) {
    std::string text = std::to_string(problem.issuer) + ' ' + problem.key;
    if (problem.element) text += '[' + std::to_string(*problem.element) + ']';
    found.push_back(text + ' ' + problem.text);
  }
  return found;
}

template <class Change>
std::vector<std::string> problems_after(Change change, JwtIssuer issuer = secret_issuer()) {
  change(issuer);
  return problems({issuer});
}

JwtIssuer key_issuer(std::vector<std::string> keys, std::vector<JwtAlgorithm> algorithms) {
  return {.public_key = std::move(keys), .algorithms = std::move(algorithms)};
}

TEST(JwtIssuer, IsRightWithOneKindOfKeys) {
  EXPECT_THAT(problems({secret_issuer()}), IsEmpty());
  const std::string none = "0 secret none of secret, public_key and jwks is given; exactly one says where the keys are";
  EXPECT_THAT(problems({{.algorithms = {JwtAlgorithm::hs256}}}), ElementsAre(none));
  EXPECT_THAT(
      problems_after([](JwtIssuer& issuer) { issuer.jwks = ""; }),
      ElementsAre(
          "0 secret more than one of secret, public_key and jwks is given; exactly one says where the keys are"));
}

TEST(JwtIssuer, NamesItsAlgorithms) {
  EXPECT_THAT(problems_after([](JwtIssuer& issuer) { issuer.algorithms = {}; }),
              ElementsAre("0 algorithms is missing; name what tokens are signed with, such as HS256"));
}

TEST(JwtIssuer, HasSecretsAsLongAsTheHash) {
  const auto with = [](std::vector<std::string> secrets, std::vector<JwtAlgorithm> algorithms) {
    return problems({{.secret = std::move(secrets), .algorithms = std::move(algorithms)}});
  };
  using enum JwtAlgorithm;
  EXPECT_THAT(with({"too short"}, {hs256}),
              ElementsAre("0 secret[0] is 9 bytes; HS256 needs at least 32 (RFC 7518, 3.2)"));
  EXPECT_THAT(with({std::string(32, 'x')}, {hs256}), IsEmpty());
  EXPECT_THAT(with({std::string(47, 'x')}, {hs384}),
              ElementsAre("0 secret[0] is 47 bytes; HS384 needs at least 48 (RFC 7518, 3.2)"));
  EXPECT_THAT(with({std::string(64, 'x'), std::string(63, 'x')}, {hs256, hs512}),
              ElementsAre("0 secret[1] is 63 bytes; HS512 needs at least 64 (RFC 7518, 3.2)"));
  EXPECT_THAT(with({""}, {hs256}), ElementsAre("0 secret[0] is 0 bytes; HS256 needs at least 32 (RFC 7518, 3.2)"));
}

TEST(JwtIssuer, DoesNotMixSecretsAndPublicKeys) {
  EXPECT_THAT(problems_after([](JwtIssuer& issuer) { issuer.algorithms = {JwtAlgorithm::rs256}; }),
              ElementsAre("0 secret[0] is a secret, and none of RS256 is signed with one"));
  EXPECT_THAT(problems_after([](JwtIssuer& issuer) {
                issuer.algorithms = {JwtAlgorithm::hs256, JwtAlgorithm::es256};
              }),
              ElementsAre("0 algorithms has ES256, and no secret is for that"));
  EXPECT_THAT(problems({key_issuer({jwt_key(JwtAlgorithm::es256).public_pem}, {JwtAlgorithm::hs256})}),
              ElementsAre("0 public_key[0] is an EC key on P-256, which fits none of HS256"));
  EXPECT_THAT(
      problems({key_issuer({jwt_key(JwtAlgorithm::es256).public_pem}, {JwtAlgorithm::es256, JwtAlgorithm::hs256})}),
      ElementsAre("0 algorithms has HS256, and no public_key is for that"));
  EXPECT_THAT(problems_after([](JwtIssuer& issuer) { issuer.secret = {jwt_key(JwtAlgorithm::rs256).public_pem}; }),
              ElementsAre("0 secret[0] is a key in PEM; give it as public_key"));
}

TEST(JwtIssuer, HasPublicKeysThatFit) {
  using enum JwtAlgorithm;
  EXPECT_THAT(problems({key_issuer({jwt_key(rs256).public_pem, jwt_key(es256).public_pem}, {rs256, ps512, es256})}),
              IsEmpty());
  EXPECT_THAT(problems({key_issuer({jwt_key(es384).public_pem}, {es256})}),
              ElementsAre("0 public_key[0] is an EC key on P-384, which fits none of ES256"));
  EXPECT_THAT(problems({key_issuer({make_jwt_key("secp256k1").public_pem}, {es256})}),
              ElementsAre("0 public_key[0] is an EC key on secp256k1, which fits none of ES256"));
  EXPECT_THAT(problems({key_issuer({jwt_key(eddsa).public_pem}, {rs256})}),
              ElementsAre("0 public_key[0] is a key of the kind ED25519, which fits none of RS256"));
  EXPECT_THAT(problems({key_issuer({make_jwt_key("RSA-1024").public_pem}, {rs256})}),
              ElementsAre("0 public_key[0] is an RSA key of 1024 bits; at least 2048 are needed (RFC 7518, 3.3)"));
}

TEST(JwtIssuer, HasPublicKeysInPem) {
  const auto problem = [](const std::string& pem) {
    const auto found = problems({key_issuer({pem}, {JwtAlgorithm::es256})});
    return found.empty() ? "taken" : found.front().substr(std::string("0 public_key[0] ").size());
  };
  const std::string pem = jwt_key(JwtAlgorithm::es256).public_pem;
  EXPECT_EQ(problem("\n  text before\n" + pem), "taken");
  EXPECT_EQ(problem(""), "is not PEM; it begins with -----BEGIN PUBLIC KEY----- or -----BEGIN CERTIFICATE-----");
  EXPECT_EQ(problem("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE"),
            "is not PEM; it begins with -----BEGIN PUBLIC KEY----- or -----BEGIN CERTIFICATE-----");
  EXPECT_EQ(problem(jwt_key(JwtAlgorithm::es256).private_pem),
            "is a private key; give the public one, which `openssl pkey -pubout` makes of it");
  EXPECT_EQ(problem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"),
            "is a PUBLIC KEY that cannot be read: damaged, or of a kind that OpenSSL does not know");
  EXPECT_EQ(problem("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
            "is a CERTIFICATE that cannot be read: damaged, or of a kind that OpenSSL does not know");
  EXPECT_EQ(problem("-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END RSA PUBLIC KEY-----\n"),
            "is an RSA key in the form of PKCS #1; `openssl rsa -RSAPublicKey_in -pubout` makes SPKI of it");
  EXPECT_EQ(problem("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"),
            "is `X509 CRL` in PEM; a PUBLIC KEY (SPKI) or a CERTIFICATE is wanted");
  EXPECT_EQ(problem(std::string(70'000, 'x')), "is longer than 64 KiB");
}

TEST(JwtIssuer, HasNoMoreKeysThanATokenIsTriedWith) {
  EXPECT_THAT(problems_after([](JwtIssuer& issuer) { issuer.secret.resize(4, std::string(kJwtSecret)); }), IsEmpty());
  EXPECT_THAT(problems_after([](JwtIssuer& issuer) { issuer.secret.resize(5, std::string(kJwtSecret)); }),
              ElementsAre("0 secret has 5 keys for HS256; a token is tried with at most 4"));
}

TEST(JwtIssuer, HasAKeySetThatIsOne) {
  EXPECT_THAT(problems({{.jwks = "{}", .algorithms = {JwtAlgorithm::es256}}}),
              ElementsAre("0 jwks is no key set: an object with an array `keys` (RFC 7517, 5)"));
}

TEST(JwtIssuer, HasANameIfThereAreSeveral) {
  JwtIssuer one = secret_issuer();
  JwtIssuer other = secret_issuer();
  EXPECT_THAT(problems({one, other}),
              ElementsAre("0 issuer is missing; with several issuers it tells by whose keys a token is to be tried",
                          "1 issuer is missing; with several issuers it tells by whose keys a token is to be tried"));
  one.issuer = other.issuer = "https://id.example.com";
  EXPECT_THAT(
      problems({one, other}),
      ElementsAre("1 issuer is `https://id.example.com`, as that of another; one token is tried with one set of keys"));
  other.issuer = "https://other.example.com";
  EXPECT_THAT(problems({one, other}), IsEmpty());
}

TEST(JwtIssuer, HasClaimsThatCanBeFound) {
  EXPECT_THAT(problems_after([](JwtIssuer& issuer) {
                issuer.user_claim = "";
                issuer.hearth_claim = "/a~";
              }),
              ElementsAre("0 user_claim a claim needs a name, or a JSON pointer such as /realm/roles",
                          "0 hearth_claim the JSON pointer `/a~` has a `~` without 0 or 1 after it (RFC 6901)"));
  EXPECT_THAT(problems_after([](JwtIssuer& issuer) {
                issuer.audience = {"a", ""};
              }),
              ElementsAre("0 audience[1] is empty; it is a name that tokens are made for"));
}

TEST(JwtIssuer, HasTimesWithinBounds) {
  EXPECT_THAT(problems_after([](JwtIssuer& issuer) { issuer.leeway = std::chrono::minutes(10); }), IsEmpty());
  EXPECT_THAT(problems_after([](JwtIssuer& issuer) { issuer.leeway = seconds(601); }),
              ElementsAre("0 leeway is 601 s; 0 to 10 min is possible"));
  EXPECT_THAT(
      problems_after([](JwtIssuer& issuer) {
        issuer.leeway = seconds(-1);
        issuer.max_lifetime = seconds(-1);
      }),
      ElementsAre("0 leeway is -1 s; 0 to 10 min is possible", "0 max_lifetime is -1 s; it cannot be negative"));
}

TEST(JwtIssuer, ThatIsWrongMakesNoVerifier) {
  try {
    const JwtVerifier verifier({{.secret = {"my secret"}, .algorithms = {JwtAlgorithm::hs256}, .leeway = seconds(-1)}});
    FAIL() << "made";
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(
        error.what(),
        "hearth: jwt[0].secret[0] is 9 bytes; HS256 needs at least 32 (RFC 7518, 3.2); jwt[0].leeway is -1 s; 0 to "
        "10 min is possible");
  }
  EXPECT_THROW(JwtVerifier({}), std::invalid_argument);
}

TEST(JwtAlgorithm, HasANameAndIsFoundByIt) {
  for (const JwtAlgorithm algorithm : all_jwt_algorithms()) EXPECT_EQ(jwt_algorithm(to_string(algorithm)), algorithm);
  EXPECT_EQ(all_jwt_algorithms().size(), 13U);
  EXPECT_EQ(jwt_algorithm("Ed25519"), JwtAlgorithm::eddsa);
  for (const auto* name : {"none", "", "hs256", "ES256K", "Ed448", "RSA-OAEP"})
    EXPECT_EQ(jwt_algorithm(name), std::nullopt);
}

}  // namespace
}  // namespace hearth::test
