#include "hearth/jwt.hpp"

#include "unit/auth/tokens.hpp"

#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

#include <stdexcept>

namespace hearth::test {
namespace {

using std::chrono::seconds;

JwtIssuer issuer_for(JwtAlgorithm algorithm) {
  JwtIssuer issuer{.algorithms = {algorithm}};
  if (is_hmac(algorithm)) {
    issuer.secret = {std::string(kJwtSecret)};
  } else {
    issuer.public_key = {jwt_key(algorithm).public_pem};
  }
  return issuer;
}

TEST(JwtVerifier, TakesTokensOfEveryAlgorithm) {
  for (const JwtAlgorithm algorithm : all_jwt_algorithms()) {
    const JwtVerifier verifier({issuer_for(algorithm)});
    const std::string token = token_of(claims_with(""), algorithm);
    EXPECT_EQ(verdict(verifier, token), "ann") << to_string(algorithm);
    std::string other = token;
    other[token.rfind('.') + 7] = token[token.rfind('.') + 7] == 'A' ? 'B' : 'A';
    EXPECT_EQ(verdict(verifier, other), "signature: its signature is not that of the key") << to_string(algorithm);
  }
}

TEST(JwtVerifier, TakesTokensOfKeysInACertificate) {
  for (const JwtAlgorithm algorithm : {JwtAlgorithm::rs256, JwtAlgorithm::es256}) {
    JwtIssuer issuer = issuer_for(algorithm);
    issuer.public_key = {self_signed_certificate(jwt_key(algorithm).private_pem)};
    EXPECT_EQ(verdict(issuer, token_of(claims_with(""), algorithm)), "ann");
  }
}

TEST(JwtVerifier, TakesKeysThatAreForPssAlone) {
  const JwtKey key = make_jwt_key("RSA-PSS");
  const JwtSigner signer(JwtAlgorithm::ps384, key.private_pem);
  const JwtIssuer issuer{.public_key = {key.public_pem}, .algorithms = {JwtAlgorithm::ps384}};
  EXPECT_EQ(verdict(issuer, signer.sign({{"sub", "ann"}, {"exp", 1'900'000'000}})), "ann");
  EXPECT_THROW(JwtSigner(JwtAlgorithm::rs384, key.private_pem), std::invalid_argument);
  EXPECT_THROW(JwtVerifier({{.public_key = {key.public_pem}, .algorithms = {JwtAlgorithm::rs384}}}),
               std::invalid_argument);
}

TEST(JwtVerifier, TellsWhatATokenSays) {
  const std::string payload =
      claims_with(R"(,"iat":1799999990,"jti":"t-1","hearth":{"join":["chat:*"],"metadata":{"name":"Ann"}},"org":7)");
  const JwtVerifier verifier({secret_issuer()});
  const JwtResult result = verifier.verify(token_of(payload), kNow);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->issuer, 0U);
  EXPECT_EQ(result->user_id, "ann");
  EXPECT_EQ(result->expires_at, kNow + seconds(60));
  EXPECT_EQ(result->issued_at, kNow - seconds(10));
  EXPECT_EQ(result->jti, "t-1");
  EXPECT_EQ(boost::json::value(result->claims), boost::json::parse(payload));
  ASSERT_EQ(result->grants.join.size(), 1U);
  EXPECT_TRUE(result->grants.join[0].matches("chat:7"));
  EXPECT_EQ(boost::json::serialize(result->grants.metadata), R"({"name":"Ann"})");
}

TEST(JwtVerifier, TellsWhatIsNotThere) {
  JwtIssuer issuer = secret_issuer();
  issuer.require_exp = false;
  const JwtResult result = JwtVerifier({issuer}).verify(token_of(R"({"sub":"ann"})"), kNow);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->expires_at, std::nullopt);
  EXPECT_EQ(result->issued_at, std::nullopt);
  EXPECT_EQ(result->jti, "");
  EXPECT_TRUE(result->grants.metadata.is_null());
}

TEST(JwtVerifier, AsksForAnExpiry) {
  EXPECT_EQ(verdict_on(R"({"sub":"ann"})"), "claims: it has no `exp`, which it must have");
  JwtIssuer issuer = secret_issuer();
  issuer.require_exp = false;
  EXPECT_EQ(verdict_on(R"({"sub":"ann"})", issuer), "ann");
  EXPECT_EQ(verdict_on(R"({"sub":"ann","exp":1})", issuer),
            "expired: it has expired at 1970-01-01T00:00:01Z, 1799999999 s ago");
}

TEST(JwtVerifier, TakesClocksToDifferByTheLeeway) {
  const auto expiring = [](int in) { return R"({"sub":"ann","exp":)" + in_seconds(in) + '}'; };
  EXPECT_EQ(verdict_on(expiring(1)), "ann");
  EXPECT_EQ(verdict_on(expiring(-9)), "ann");
  EXPECT_EQ(verdict_on(expiring(-10)), "expired: it has expired at 2027-01-15T07:59:50Z, 10 s ago");
  const auto beginning = [](int in) { return claims_with(R"(,"nbf":)" + in_seconds(in)); };
  EXPECT_EQ(verdict_on(beginning(10)), "ann");
  EXPECT_EQ(verdict_on(beginning(11)), "not_yet_valid: it is valid from 2027-01-15T08:00:11Z, in 11 s");
  JwtIssuer exact = secret_issuer();
  exact.leeway = seconds(0);
  EXPECT_EQ(verdict_on(expiring(1), exact), "ann");
  EXPECT_EQ(verdict_on(expiring(0), exact), "expired: it has expired at 2027-01-15T08:00:00Z, 0 s ago");
  EXPECT_EQ(verdict_on(beginning(0), exact), "ann");
  EXPECT_EQ(verdict_on(beginning(1), exact), "not_yet_valid: it is valid from 2027-01-15T08:00:01Z, in 1 s");
}

TEST(JwtVerifier, TakesTimesWithFractions) {
  JwtIssuer exact = secret_issuer();
  exact.leeway = seconds(0);
  EXPECT_EQ(verdict_on(R"({"sub":"ann","exp":1800000001.75,"nbf":1799999999.5,"iat":1.8e9})", exact), "ann");
}

TEST(JwtVerifier, TakesAFarFutureAsTheYear2200) {
  const JwtResult result = JwtVerifier({secret_issuer()}).verify(token_of(R"({"sub":"ann","exp":253402300799})"), kNow);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->expires_at, std::chrono::sys_days(std::chrono::year(2200) / 1 / 1));
}

TEST(JwtVerifier, EndsAnIdentityAfterItsMaximalLifetime) {
  JwtIssuer issuer = secret_issuer();
  issuer.require_exp = false;
  issuer.max_lifetime = seconds(100);
  const JwtVerifier verifier({issuer});
  const auto end = [&](std::string_view payload) {
    const JwtResult result = verifier.verify(token_of(payload), kNow);
    EXPECT_TRUE(result) << result.error().text;
    return result ? (*result->expires_at - kNow).count() : 0;
  };
  EXPECT_EQ(end(R"({"sub":"ann"})"), 100);
  EXPECT_EQ(end(R"({"sub":"ann","iat":)" + in_seconds(-30) + '}'), 70);
  EXPECT_EQ(end(R"({"sub":"ann","iat":)" + in_seconds(-30) + R"(,"exp":)" + in_seconds(20) + '}'), 20);
  EXPECT_EQ(end(R"({"sub":"ann","iat":)" + in_seconds(-30) + R"(,"exp":)" + in_seconds(9999) + '}'), 70);
  // One that says it is of tomorrow lives no longer for it.
  EXPECT_EQ(end(R"({"sub":"ann","iat":)" + in_seconds(86400) + '}'), 100);
  EXPECT_EQ(verdict(verifier, token_of(R"({"sub":"ann","iat":)" + in_seconds(-110) + '}')),
            "expired: it has expired at 2027-01-15T07:59:50Z, 10 s ago");
  issuer.max_lifetime = seconds::max();
  EXPECT_TRUE(JwtVerifier({issuer}).verify(token_of(R"({"sub":"ann"})"), kNow));
}

TEST(JwtVerifier, AsksForItsIssuer) {
  JwtIssuer issuer = secret_issuer();
  EXPECT_EQ(verdict_on(claims_with(R"(,"iss":"https://anybody")"), issuer), "ann");
  issuer.issuer = "https://id.example.com";
  EXPECT_EQ(verdict_on(claims_with(R"(,"iss":"https://id.example.com")"), issuer), "ann");
  EXPECT_EQ(verdict_on(claims_with(R"(,"iss":"https://id.example.com/")"), issuer),
            "issuer: its `iss` `https://id.example.com/` is that of nobody whose tokens are taken");
  EXPECT_EQ(verdict_on(claims_with(""), issuer), "issuer: it has no string `iss`");
  EXPECT_EQ(verdict_on(claims_with(R"(,"iss":["https://id.example.com"])"), issuer), "issuer: it has no string `iss`");
}

TEST(JwtVerifier, TriesATokenWithTheKeysOfItsIssuerAlone) {
  JwtIssuer ours = secret_issuer();
  ours.issuer = "us";
  JwtIssuer theirs{
      .public_key = {jwt_key(JwtAlgorithm::es256).public_pem}, .algorithms = {JwtAlgorithm::es256}, .issuer = "them"};
  theirs.user_claim = "email";
  const JwtVerifier verifier({ours, theirs});
  EXPECT_EQ(verdict(verifier, token_of(claims_with(R"(,"iss":"us")"))), "ann");
  const JwtResult result =
      verifier.verify(token_of(claims_with(R"(,"iss":"them","email":"a@x.org")"), JwtAlgorithm::es256), kNow);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->issuer, 1U);
  EXPECT_EQ(result->user_id, "a@x.org");

  const JwtResult crossed = verifier.verify(token_of(claims_with(R"(,"iss":"us")"), JwtAlgorithm::es256), kNow);
  ASSERT_FALSE(crossed);
  EXPECT_EQ(crossed.error().reason, JwtReason::algorithm);
  EXPECT_EQ(crossed.error().text, "it is signed with `ES256`; taken are HS256");
  EXPECT_EQ(crossed.error().issuer, 0U);
  EXPECT_EQ(verdict(verifier, token_of(claims_with(R"(,"iss":"them")"))),
            "algorithm: it is signed with `HS256`; taken are ES256");
  EXPECT_EQ(verdict(verifier, token_of(claims_with(R"(,"iss":"others")"))),
            "issuer: its `iss` `others` is that of nobody whose tokens are taken");
}

TEST(JwtVerifier, AsksForItsAudience) {
  JwtIssuer issuer = secret_issuer();
  EXPECT_EQ(verdict_on(claims_with(R"(,"aud":"hearth")"), issuer),
            "audience: it has an `aud`, and the server has none (RFC 7519, 4.1.3)");
  EXPECT_EQ(verdict_on(claims_with(R"(,"aud":[])"), issuer),
            "audience: it has an `aud`, and the server has none (RFC 7519, 4.1.3)");
  issuer.audience = {"hearth", "chat"};
  EXPECT_EQ(verdict_on(claims_with(R"(,"aud":"chat")"), issuer), "ann");
  EXPECT_EQ(verdict_on(claims_with(R"(,"aud":["x",7,"hearth"])"), issuer), "ann");
  EXPECT_EQ(verdict_on(claims_with(""), issuer), "audience: it has no `aud`, and the server has an audience");
  for (const auto* aud : {R"("hearth2")", R"([])", R"({"hearth":1})", "null", R"([["hearth"]])"}) {
    EXPECT_EQ(verdict_on(claims_with(R"(,"aud":)" + std::string(aud)), issuer),
              "audience: its `aud` names none of the server's audiences")
        << aud;
  }
}

TEST(JwtVerifier, FindsTheUserWhereItIsToldTo) {
  JwtIssuer issuer = secret_issuer();
  issuer.user_claim = "/user/id";
  EXPECT_EQ(verdict_on(claims_with(R"(,"user":{"id":42})"), issuer), "42");
  EXPECT_EQ(verdict_on(claims_with(R"(,"user":{})"), issuer), "claims: it has no claim `/user/id`, the user id");
  issuer.user_claim = "https://example.com/user";
  EXPECT_EQ(verdict_on(claims_with(R"(,"https://example.com/user":"ben")"), issuer), "ben");
}

TEST(JwtVerifier, TakesStringsAndIntegersForUserIds) {
  const auto user = [](std::string_view id) {
    return verdict_on(R"({"exp":)" + in_seconds(60) + R"(,"sub":)" + std::string(id) + '}');
  };
  EXPECT_EQ(user("-7"), "-7");
  EXPECT_EQ(user("18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(user('"' + std::string(256, 'x') + '"'), std::string(256, 'x'));
  const std::string refusal = "claims: its claim `sub` is no user id: a string of 1 to 256 characters, or an integer";
  for (const auto* id : {R"("")", "7.5", "true", "null", "{}", R"(["ann"])", "18446744073709551616"}) {
    EXPECT_EQ(user(id), refusal) << id;
  }
  EXPECT_EQ(user('"' + std::string(257, 'x') + '"'), refusal);
  EXPECT_EQ(verdict_on(R"({"exp":)" + in_seconds(60) + '}'), "claims: it has no claim `sub`, the user id");
}

TEST(JwtVerifier, ReadsGrantsWhereItIsToldTo) {
  JwtIssuer issuer = secret_issuer();
  issuer.hearth_claim = "https://example.com/hearth";
  const JwtResult result =
      JwtVerifier({issuer}).verify(token_of(claims_with(R"(,"https://example.com/hearth":{"autoJoin":["a"]})")), kNow);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->grants.auto_join, std::vector<std::string>{"a"});
}

TEST(JwtVerifier, AnyOfItsSecretsWillDo) {
  JwtIssuer issuer = secret_issuer();
  issuer.secret = {std::string(64, 'n'), std::string(kJwtSecret)};
  EXPECT_EQ(verdict_on(claims_with(""), issuer), "ann");
  issuer.secret = {std::string(64, 'n'), std::string(64, 'm')};
  EXPECT_EQ(verdict_on(claims_with(""), issuer), "signature: its signature is that of none of the keys tried");
}

TEST(JwtVerifier, TakesTheTokensOfJwtSigner) {
  for (const JwtAlgorithm algorithm : all_jwt_algorithms()) {
    const JwtSigner signer(algorithm, signing_key(algorithm), "key-1");
    const std::string token = signer.sign({{"sub", "ann"}, {"exp", (kNow + seconds(60)).time_since_epoch().count()}});
    EXPECT_EQ(verdict(JwtVerifier({issuer_for(algorithm)}), token), "ann") << to_string(algorithm);
    EXPECT_TRUE(token.starts_with(
        encoded(R"({"alg":")" + std::string(to_string(algorithm)) + R"(","typ":"JWT","kid":"key-1"})")));
  }
}

TEST(JwtVerifier, ThrowsARefusalThatNobodyLooksAt) {
  try {
    JwtVerifier({secret_issuer()}).verify("x", kNow).value();
    FAIL() << "a value";
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "hearth: the token was not taken: it does not have three parts with dots between them");
  }
}

}  // namespace
}  // namespace hearth::test
