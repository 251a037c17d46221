#include "unit/auth/tokens.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace hearth::test {
namespace {

using testing::ElementsAre;

/// One line a check.
std::vector<std::string> lines(const JwtVerifier& verifier, std::string_view token) {
  const JwtExplanation explanation = verifier.explain(token, kNow);
  std::vector<std::string> found;
  for (const JwtCheck& check : explanation.checks) {
    using Outcome = JwtCheck::Outcome;
    const char* outcome = check.outcome == Outcome::passed ? " + " : check.outcome == Outcome::failed ? " - " : " ?";
    found.push_back(std::string(check.name) + outcome + check.text);
    // Nobody can use what is said of a token.
    EXPECT_EQ(check.text.find(token.substr(token.rfind('.') + 1)), std::string::npos);
  }
  const JwtResult result = verifier.verify(token, kNow);
  EXPECT_EQ(explanation.result.has_value(), result.has_value());
  if (!result) {
    EXPECT_EQ(explanation.result.error().reason, result.error().reason);
    EXPECT_EQ(explanation.result.error().text, result.error().text);
  }
  return found;
}

TEST(JwtExplanation, TellsWhatEachCheckHasFound) {
  JwtIssuer issuer = secret_issuer();
  issuer.issuer = "us";
  issuer.audience = {"hearth"};
  const std::string token = token_of(claims_with(
      R"(,"iss":"us","aud":"hearth","nbf":1799999990,"hearth":{"join":["a:*","b"],"publish":["a:*"],"autojoin":["a:1"]})"));
  EXPECT_THAT(
      lines(JwtVerifier({issuer}), token),
      ElementsAre("length + it is " + std::to_string(token.size()) + " bytes",
                  "form + it has a header, a payload and a signature",
                  "header + it asks for nothing that is not understood", "issuer + its `iss` is `us`",
                  "algorithm + it is signed with HS256", "key + 1 key is for HS256",
                  "signature + it is that of the key", "exp + it expires at 2027-01-15T08:01:00Z, in 60 s",
                  "nbf + it is valid from 2027-01-15T07:59:50Z", "aud + its `aud` names the server",
                  "user + the user id is `ann`",
                  "hearth + patterns to join: 2, to publish: 1, rooms to be put in: 0; `autojoin` means nothing and "
                  "is ignored"));
}

TEST(JwtExplanation, TellsWhatNeedNotBeThere) {
  JwtIssuer issuer = secret_issuer();
  issuer.require_exp = false;
  issuer.secret.push_back(std::string(64, 'x'));
  const std::string token = token_of(R"({"sub":"ann"})");
  EXPECT_THAT(lines(JwtVerifier({issuer}), token),
              ElementsAre("length + it is " + std::to_string(token.size()) + " bytes",
                          "form + it has a header, a payload and a signature",
                          "header + it asks for nothing that is not understood", "issuer + any issuer is taken",
                          "algorithm + it is signed with HS256", "key + 2 keys are for HS256",
                          "signature + it is that of the key", "exp + it does not expire", "nbf + it is valid at once",
                          "aud + it has none, and none is wanted", "user + the user id is `ann`",
                          "hearth + it has no claim `hearth`, and need not have one"));
}

TEST(JwtExplanation, GoesOnAfterAFailureAsFarAsThatMakesSense) {
  const std::string token = raw_token(JwtAlgorithm::hs256, R"({"alg":"HS256","zip":"DEF"})",
                                      R"({"exp":1,"nbf":1900000000,"aud":"x","hearth":7})");
  JwtIssuer issuer = secret_issuer();
  issuer.secret = {std::string(64, 'x')};
  EXPECT_THAT(lines(JwtVerifier({issuer}), token),
              ElementsAre("length + it is " + std::to_string(token.size()) + " bytes",
                          "form + it has a header, a payload and a signature",
                          "header - its header has `zip`, and tokens are not compressed here",
                          "issuer + any issuer is taken", "algorithm + it is signed with HS256",
                          "key + 1 key is for HS256", "signature - its signature is not that of the key",
                          "exp - it has expired at 1970-01-01T00:00:01Z, 1799999999 s ago",
                          "nbf - it is valid from 2030-03-17T17:46:40Z, in 100000000 s",
                          "aud - it has an `aud`, and the server has none (RFC 7519, 4.1.3)",
                          "user - it has no claim `sub`, the user id", "hearth - its claim `hearth` is no object"));
}

TEST(JwtExplanation, SkipsWhatOneFailureLeavesNoSenseIn) {
  EXPECT_THAT(
      lines(JwtVerifier({secret_issuer()}), "x.y.z"),
      ElementsAre("length + it is 5 bytes", "form - the header is not base64url without padding", "header ?",
                  "issuer ?", "algorithm ?", "key ?", "signature ?", "exp ?", "nbf ?", "aud ?", "user ?", "hearth ?"));
  JwtIssuer issuer = secret_issuer();
  issuer.issuer = "us";
  const std::string token = token_of(claims_with(""));
  EXPECT_THAT(lines(JwtVerifier({issuer}), token),
              ElementsAre("length + it is " + std::to_string(token.size()) + " bytes",
                          "form + it has a header, a payload and a signature",
                          "header + it asks for nothing that is not understood", "issuer - it has no string `iss`",
                          "algorithm ?", "key ?", "signature ?", "exp ?", "nbf ?", "aud ?", "user ?", "hearth ?"));
  const std::string none = raw_token(JwtAlgorithm::hs256, R"({"alg":"none"})", claims_with(""));
  EXPECT_THAT(lines(JwtVerifier({secret_issuer()}), none),
              ElementsAre("length + it is " + std::to_string(none.size()) + " bytes",
                          "form + it has a header, a payload and a signature",
                          "header + it asks for nothing that is not understood", "issuer + any issuer is taken",
                          "algorithm - it is signed with `none`; taken are HS256", "key ?", "signature ?",
                          "exp + it expires at 2027-01-15T08:01:00Z, in 60 s", "nbf + it is valid at once",
                          "aud + it has none, and none is wanted", "user + the user id is `ann`",
                          "hearth + it has no claim `hearth`, and need not have one"));
}

TEST(JwtExplanation, GoesOnWithoutWhatTheHeaderLacks) {
  const JwtVerifier verifier({secret_issuer()});
  auto found = lines(verifier, raw_token(JwtAlgorithm::hs256, "{}", claims_with("")));
  EXPECT_EQ(found[4], "algorithm - its header has no string `alg`");
  EXPECT_EQ(found[5], "key ?");
  found = lines(verifier, raw_token(JwtAlgorithm::hs256, R"({"alg":"HS256","kid":7})", claims_with("")));
  EXPECT_EQ(found[5], "key - the `kid` in its header is no string");
  EXPECT_EQ(found[6], "signature ?");
}

TEST(JwtExplanation, NamesTheKeyThatAKeySetHas) {
  boost::json::object jwk = jwt_key(JwtAlgorithm::es256).jwk;
  jwk["kid"] = "k";
  const JwtVerifier verifier({{.jwks = boost::json::serialize(boost::json::object{{"keys", boost::json::array{jwk}}}),
                               .algorithms = {JwtAlgorithm::es256}}});
  const auto found = lines(verifier, raw_token(JwtAlgorithm::es256, R"({"alg":"ES256","kid":"k"})", claims_with("")));
  EXPECT_EQ(found[5], "key + there is a key with its `kid` `k`");
}

}  // namespace
}  // namespace hearth::test
