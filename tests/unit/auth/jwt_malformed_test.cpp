// Tokens that somebody has made to get in, or by mistake.

#include "auth/algorithms.hpp"
#include "auth/ecdsa_signature.hpp"
#include "unit/auth/tokens.hpp"

#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

#include <string>
#include <vector>

namespace hearth::test {
namespace {

constexpr auto kHeader = R"({"alg":"HS256"})";

JwtIssuer key_issuer(JwtAlgorithm algorithm) {
  return {.public_key = {jwt_key(algorithm).public_pem}, .algorithms = {algorithm}};
}

std::string signature_of(const std::string& token) { return token.substr(token.rfind('.') + 1); }
std::string without_signature(const std::string& token) { return token.substr(0, token.rfind('.')); }

/// Signed well, whatever is in it.
std::string with_header(std::string_view header) { return raw_token(JwtAlgorithm::hs256, header, claims_with("")); }
std::string with_payload(std::string_view payload) { return raw_token(JwtAlgorithm::hs256, kHeader, payload); }

void expect_refused(const std::string& token, const std::string& verdict_wanted) {
  EXPECT_EQ(verdict(secret_issuer(), token), verdict_wanted) << token.substr(0, 120);
}

TEST(MalformedJwt, HasTheWrongLength) {
  const std::string padding(6000, 'x');
  EXPECT_EQ(verdict(secret_issuer(), with_payload(claims_with(R"(,"p":")" + padding + '"'))), "ann");
  const std::string token = with_payload(claims_with(R"(,"p":")" + padding + std::string(200, 'x') + '"'));
  ASSERT_GT(token.size(), JwtVerifier::kMaxToken);
  expect_refused(token, "too_long: it is " + std::to_string(token.size()) + " bytes; at most 8192 are taken");
  expect_refused(std::string(10'000'000, '.'), "too_long: it is 10000000 bytes; at most 8192 are taken");
}

TEST(MalformedJwt, HasNotThreeParts) {
  const std::string good = with_payload(claims_with(""));
  const std::string parts = "malformed: it does not have three parts with dots between them";
  for (const std::string& token : {std::string(), std::string("."), std::string("a"), std::string("a.b"), good + ".x",
                                   good + ".", '.' + good, without_signature(good)}) {
    expect_refused(token, parts);
  }
  expect_refused("..", "malformed: the header is not JSON that can be read: incomplete JSON");
}

TEST(MalformedJwt, IsEncrypted) {
  const std::string jwe = encoded(R"({"alg":"dir","enc":"A256GCM"})") + "..a.b.c";
  expect_refused(jwe, "malformed: it is encrypted (JWE); a signed one is wanted");
  expect_refused(with_header(R"({"alg":"HS256","enc":"A256GCM"})"),
                 "unsupported: its header has `enc`, which is for encrypted tokens");
}

TEST(MalformedJwt, IsNotBase64Url) {
  const std::string good = with_payload(claims_with(""));
  const std::string payload = encoded(claims_with(""));
  expect_refused("====." + payload + ".x", "malformed: the header is not base64url without padding");
  expect_refused(encoded(kHeader) + "=." + payload + '.' + signature_of(good),
                 "malformed: the header is not base64url without padding");
  expect_refused(' ' + good, "malformed: the header is not base64url without padding");
  expect_refused("Bearer " + good, "malformed: the header is not base64url without padding");
  expect_refused(encoded(kHeader) + ".a+b/." + signature_of(good),
                 "malformed: the payload is not base64url without padding");
  expect_refused(good + '\n', "malformed: the signature is not base64url without padding");
  expect_refused(good + '=', "malformed: the signature is not base64url without padding");
  expect_refused(good + "\xc3\xa9", "malformed: the signature is not base64url without padding");
  // The last character stands for two bits more than there are bytes.
  std::string bits = good;
  bits.back() = bits.back() == 'B' ? 'D' : 'B';
  expect_refused(bits, "malformed: the signature is not base64url without padding");
}

TEST(MalformedJwt, IsNotJson) {
  expect_refused(raw_token(JwtAlgorithm::hs256, "{\"alg\":\"HS256\"", claims_with("")),
                 "malformed: the header is not JSON that can be read: incomplete JSON");
  for (const auto* header : {R"("HS256")", "[]", "null", "7"}) {
    expect_refused(with_header(header), "malformed: the header is no JSON object");
  }
  for (const auto* payload : {R"(["ann"])", R"("ann")", "null"}) {
    expect_refused(with_payload(payload), "malformed: the payload is no JSON object");
  }
  expect_refused(with_payload(claims_with("") + "x"),
                 "malformed: the payload is not JSON that can be read: extra data");
  expect_refused(with_payload("{'sub':'ann'}"), "malformed: the payload is not JSON that can be read: syntax error");
  expect_refused(with_payload(R"({"sub":"ann",})"),
                 "malformed: the payload is not JSON that can be read: syntax error");
  expect_refused(with_payload("{\"sub\":\"ann\",\"x\":\"\xff\"}"),
                 "malformed: the payload is not JSON that can be read: syntax error");
  expect_refused(with_payload("\xef\xbb\xbf" + claims_with("")),
                 "malformed: the payload is not JSON that can be read: syntax error");
}

TEST(MalformedJwt, IsDeeplyNested) {
  std::string deep(1000, '[');
  deep += std::string(1000, ']');
  expect_refused(with_payload(claims_with(R"(,"deep":)" + deep)),
                 "malformed: the payload is not JSON that can be read: too deep");
}

TEST(MalformedJwt, HasAKeyTwice) {
  expect_refused(with_header(R"({"alg":"none","alg":"HS256"})"), "malformed: the header has a key twice");
  expect_refused(with_header(R"({"alg":"HS256","kid":"a","kid":"b"})"), "malformed: the header has a key twice");
  const std::string twice = "malformed: the payload has a key twice";
  expect_refused(with_payload(claims_with(R"(,"sub":"ben")")), twice);
  expect_refused(with_payload(claims_with(R"(,"s\u0075b":"ben")")), twice);
  expect_refused(with_payload(claims_with(R"(,"hearth":{"join":["a"],"join":["**"]})")), twice);
  expect_refused(with_payload(claims_with(R"(,"x":[{"y":{"z":1,"z":1}}])")), twice);
  // The same key in different objects is none, nor are colons and quotes in strings.
  EXPECT_EQ(verdict_on(claims_with(R"(,"a":{"b":1},"c":{"b":1},"d":":\":\\")")), "ann");
}

TEST(MalformedJwt, HasNoAlgorithmThatIsTaken) {
  for (const auto* name :
       {"none", "None", "nOnE", "NONE", "", "hs256", "HS256 ", "HS1", "RS256", "ES256", "HS384", "dir"}) {
    expect_refused(with_header(R"({"alg":")" + std::string(name) + R"("})"),
                   "algorithm: it is signed with `" + std::string(name) + "`; taken are HS256");
  }
  expect_refused(encoded(R"({"alg":"none"})") + '.' + encoded(claims_with("")) + '.',
                 "algorithm: it is signed with `none`; taken are HS256");
  for (const auto* header : {"{}", R"({"alg":null})", R"({"alg":["HS256"]})", R"({"alg":256})"}) {
    expect_refused(with_header(header), "malformed: its header has no string `alg`");
  }
}

/// The oldest trick: an HMAC whose secret is the public key that everybody has.
TEST(MalformedJwt, IsAnHmacWithAPublicKey) {
  for (const JwtAlgorithm algorithm : {JwtAlgorithm::rs256, JwtAlgorithm::es256, JwtAlgorithm::eddsa}) {
    const JwtSigner signer(JwtAlgorithm::hs256, std::string("\0", 1) + jwt_key(algorithm).public_pem);
    const std::string token = signer.sign({{"sub", "ann"}, {"exp", 1'900'000'000}});
    EXPECT_EQ(verdict(key_issuer(algorithm), token),
              "algorithm: it is signed with `HS256`; taken are " + std::string(to_string(algorithm)));
  }
  // An issuer that takes both by a key set does not mix them up either.
  boost::json::object jwk = jwt_key(JwtAlgorithm::rs256).jwk;
  jwk["kid"] = "k";
  const JwtIssuer both{.jwks = boost::json::serialize(boost::json::object{{"keys", boost::json::array{jwk}}}),
                       .algorithms = {JwtAlgorithm::hs256, JwtAlgorithm::rs256}};
  EXPECT_EQ(verdict(both, raw_token(JwtAlgorithm::hs256, R"({"alg":"HS256","kid":"k"})", claims_with(""))),
            "algorithm: the key with its `kid` `k` is not for HS256");
}

TEST(MalformedJwt, NamesAnotherAlgorithmOfTheSameKey) {
  const std::string token = token_of(claims_with(""), JwtAlgorithm::rs256);
  for (const JwtAlgorithm other : {JwtAlgorithm::rs384, JwtAlgorithm::ps256, JwtAlgorithm::ps512}) {
    const std::string renamed =
        raw_token(JwtAlgorithm::rs256, R"({"alg":")" + std::string(to_string(other)) + R"("})", claims_with(""));
    const JwtIssuer issuer{.public_key = {jwt_key(JwtAlgorithm::rs256).public_pem},
                           .algorithms = {JwtAlgorithm::rs256, other}};
    EXPECT_EQ(verdict(issuer, renamed), "signature: its signature is not that of the key");
    EXPECT_EQ(verdict(issuer, token), "ann");
  }
}

TEST(MalformedJwt, IsSignedOnTheWrongCurve) {
  const std::string p384 = raw_token(JwtAlgorithm::es384, R"({"alg":"ES256"})", claims_with(""));
  EXPECT_EQ(verdict(key_issuer(JwtAlgorithm::es256), p384), "signature: its signature is not that of the key");
  const JwtIssuer several{
      .public_key = {jwt_key(JwtAlgorithm::es256).public_pem, jwt_key(JwtAlgorithm::es384).public_pem},
      .algorithms = {JwtAlgorithm::es256, JwtAlgorithm::es384}};
  EXPECT_EQ(verdict(several, p384), "signature: its signature is not that of the key");
}

TEST(MalformedJwt, AsksForAnExtension) {
  expect_refused(with_header(R"({"alg":"HS256","crit":["exp"],"exp":1900000000})"),
                 "unsupported: its header has `crit`, and no extension is understood here");
  expect_refused(with_header(R"({"alg":"HS256","crit":[]})"),
                 "unsupported: its header has `crit`, and no extension is understood here");
  expect_refused(with_header(R"({"alg":"HS256","b64":false,"crit":["b64"]})"),
                 "unsupported: its header has `crit`, and no extension is understood here");
  expect_refused(with_header(R"({"alg":"HS256","b64":false})"),
                 "unsupported: its header has `b64`, and the payload is always base64url here");
  expect_refused(with_header(R"({"alg":"HS256","zip":"DEF"})"),
                 "unsupported: its header has `zip`, and tokens are not compressed here");
  EXPECT_EQ(verdict(secret_issuer(), with_header(R"({"alg":"HS256","b64":true})")), "ann");
}

TEST(MalformedJwt, NamesItsKeyInAnotherWay) {
  for (const auto* kid : {"7", "null", R"(["a"])", R"({"a":"b"})"}) {
    expect_refused(with_header(R"({"alg":"HS256","kid":)" + std::string(kid) + '}'),
                   "malformed: the `kid` in its header is no string");
  }
}

/// Keys come from the configuration alone: what a token brings is not even looked at.
TEST(MalformedJwt, BringsItsOwnKey) {
  const JwtKey mallory = make_jwt_key("P-256");
  const JwtSigner signer(JwtAlgorithm::es256, mallory.private_pem);
  const std::string payload = encoded(claims_with(""));
  boost::json::object header{{"alg", "ES256"}, {"jwk", mallory.jwk}, {"jku", "http://127.0.0.1:1/"}};
  const std::string text = encoded(boost::json::serialize(header)) + '.' + payload;
  const std::string forged = text + '.' + signature_of(signer.sign({}));
  EXPECT_EQ(verdict(key_issuer(JwtAlgorithm::es256), forged), "signature: its signature is not that of the key");
}

TEST(MalformedJwt, HasNoSignature) {
  const std::string good = with_payload(claims_with(""));
  expect_refused(without_signature(good) + '.', "signature: its signature is not that of the key");
  expect_refused(good.substr(0, good.size() - 4), "signature: its signature is not that of the key");
  expect_refused(good + "AAAA", "signature: its signature is not that of the key");
  for (const JwtAlgorithm algorithm : all_jwt_algorithms()) {
    if (is_hmac(algorithm)) continue;
    const std::string token = token_of(claims_with(""), algorithm);
    for (const std::string& signature : {std::string(), std::string("AAAA"), signature_of(token) + "AAAA"}) {
      EXPECT_EQ(verdict(key_issuer(algorithm), without_signature(token) + '.' + signature),
                "signature: its signature is not that of the key")
          << to_string(algorithm);
    }
  }
}

/// Numbers that are no signature of ECDSA, of which some have been taken for one of everything (CVE-2022-21449).
TEST(MalformedJwt, HasNumbersThatAreNoEcdsaSignature) {
  for (const JwtAlgorithm algorithm : {JwtAlgorithm::es256, JwtAlgorithm::es384, JwtAlgorithm::es512}) {
    const auth::AlgorithmTraits& made_of = auth::traits(algorithm);
    const std::size_t size = made_of.coordinate_size;
    const std::string token = token_of(claims_with(""), algorithm);
    const std::string zero(size, '\0');
    std::string one = zero;
    one.back() = 1;
    const std::string order = auth::group_order(made_of);
    const std::string all_ones(size, '\xff');
    for (const std::string& signature :
         {zero + zero, zero + one, one + zero, order + order, one + order, order + one, all_ones + all_ones, one + one,
          std::string(2 * size - 1, '\1'), std::string(2 * size + 1, '\1'), std::string(size, '\1')}) {
      EXPECT_EQ(verdict(key_issuer(algorithm), without_signature(token) + '.' + encoded(signature)),
                "signature: its signature is not that of the key")
          << to_string(algorithm);
    }
  }
}

TEST(MalformedJwt, HasAnEcdsaSignatureInDer) {
  const std::string order = auth::group_order(auth::traits(JwtAlgorithm::es256));
  const std::string raw = std::string(31, '\0') + '\1' + std::string(31, '\0') + '\2';
  const auto der = auth::ecdsa_to_der(raw, order);
  ASSERT_TRUE(der);
  const std::string token = token_of(claims_with(""), JwtAlgorithm::es256);
  EXPECT_EQ(verdict(key_issuer(JwtAlgorithm::es256), without_signature(token) + '.' + encoded(*der)),
            "signature: its signature is not that of the key");
}

TEST(MalformedJwt, HasNumbersThatAreNoTimes) {
  for (const auto* name : {"exp", "iat", "nbf"}) {
    for (const auto* time : {"1e300", "1e999", "-1", "1800000060000", "9223372036854775808", "18446744073709551616",
                             R"("1800000060")", "null", "[1800000060]", "true", "-1e300"}) {
      const std::string claim = '"' + std::string(name) + "\":" + time;
      const std::string payload =
          std::string(name) == "exp" ? R"({"sub":"ann",)" + claim + '}' : claims_with(',' + claim);
      EXPECT_EQ(verdict_on(payload), "claims: its `" + std::string(name) + "` is no time in seconds (RFC 7519, 2)")
          << claim;
    }
  }
}

TEST(MalformedJwt, HasClaimsOfOtherTypes) {
  expect_refused(with_payload(claims_with(R"(,"jti":7)")), "claims: its `jti` is no string");
  for (const auto* hearth : {"7", "null", R"("x")", "[]"}) {
    expect_refused(with_payload(claims_with(R"(,"hearth":)" + std::string(hearth))),
                   "claims: its claim `hearth` is no object");
  }
  expect_refused(with_payload(claims_with(R"(,"hearth":{"join":"chat:*"})")),
                 "claims: its claim `hearth`: `join` is no array");
  expect_refused(
      with_payload(claims_with(R"(,"hearth":{"join":["a","user:{user}"]})")),
      "claims: its claim `hearth`: `join[1]` the pattern `user:{user}` has a `{`, and placeholders are for rules "
      "alone; write \\{ for the character");
}

TEST(MalformedJwt, IsRefusedWithTextThatIsOneLineAndShort) {
  const std::string kid = "x\\ny\\u001b[31m" + std::string(1000, 'z');
  const JwtIssuer issuer{.jwks = "", .algorithms = {JwtAlgorithm::hs256}};
  boost::json::object jwk{{"kty", "oct"}, {"k", encoded(kJwtSecret)}, {"kid", "a"}};
  JwtVerifier verifier({issuer});
  verifier.replace_jwks(0, boost::json::serialize(boost::json::object{{"keys", boost::json::array{jwk}}}));
  EXPECT_EQ(verdict(verifier, with_header(R"({"alg":"HS256","kid":")" + kid + R"("})")),
            "kid: there is no key with its `kid` `x y [31m" + std::string(56, 'z') + "…`");
}

}  // namespace
}  // namespace hearth::test
