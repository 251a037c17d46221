// The examples of the standards.

#include "auth/jwk.hpp"
#include "crypto/base64.hpp"
#include "hearth/jwt.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include <chrono>
#include <string>

namespace hearth::test {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr auto kHmacKey =
    R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"})";
constexpr auto kRsaKey =
    R"({"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPME)"
    R"(zP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9)"
    R"(e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2e)"
    R"(thFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"})";
constexpr auto kEcKey = R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                        R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";

/// What RFC 7515 signs: {"iss":"joe", "exp":1300819380, "http://example.com/is_root":true}
constexpr auto kJoe =
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.";
constexpr auto kJoeExpires = sys_seconds(seconds(1300819380));

JwtVerifier verifier(JwtAlgorithm algorithm, const std::string& jwk) {
  return JwtVerifier(
      {{.jwks = R"({"keys":[)" + jwk + "]}", .algorithms = {algorithm}, .issuer = "joe", .user_claim = "iss"}});
}

void expect_joe(JwtAlgorithm algorithm, const std::string& jwk, const std::string& token) {
  const JwtVerifier verifying = verifier(algorithm, jwk);
  const JwtResult result = verifying.verify(token, kJoeExpires - seconds(1));
  ASSERT_TRUE(result) << result.error().text;
  EXPECT_EQ(result->user_id, "joe");
  EXPECT_EQ(result->expires_at, kJoeExpires);
  EXPECT_EQ(result->claims.at("http://example.com/is_root"), boost::json::value(true));

  std::string changed = token;
  changed[token.find('.') + 5] ^= 1;
  EXPECT_FALSE(verifying.verify(changed, kJoeExpires - seconds(1)));
}

TEST(JwtVector, Rfc7515HmacWithSha256) {
  expect_joe(
      JwtAlgorithm::hs256, kHmacKey,
      std::string("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9") + kJoe + "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
}

TEST(JwtVector, Rfc7515RsaWithSha256) {
  expect_joe(
      JwtAlgorithm::rs256, kRsaKey,
      std::string("eyJhbGciOiJSUzI1NiJ9") + kJoe +
          "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJd"
          "bF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9"
          "383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLI"
          "hWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw");
}

TEST(JwtVector, Rfc7515EcdsaOnP256) {
  expect_joe(JwtAlgorithm::es256, kEcKey,
             std::string("eyJhbGciOiJFUzI1NiJ9") + kJoe +
                 "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
}

/// For those that sign something that is no JSON.
bool verifies(JwtAlgorithm algorithm, std::string_view jwk, std::string_view token) {
  const std::vector<JwtAlgorithm> algorithms{algorithm};
  const auto key = auth::read_jwk(boost::json::parse(jwk).get_object(), algorithms);
  EXPECT_TRUE(key) << key.error().text;
  const std::size_t dot = token.rfind('.');
  const auto signature = crypto::decode_base64url(token.substr(dot + 1));
  return key && signature && key->verify(algorithm, token.substr(0, dot), *signature);
}

void expect_verifies(JwtAlgorithm algorithm, std::string_view jwk, const std::string& token) {
  EXPECT_TRUE(verifies(algorithm, jwk, token));
  std::string changed = token;
  changed[token.rfind('.') - 5] ^= 1;
  EXPECT_FALSE(verifies(algorithm, jwk, changed));
  std::string other_signature = token;
  other_signature[token.rfind('.') + 5] = token[token.rfind('.') + 5] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(verifies(algorithm, jwk, other_signature));
}

TEST(JwtVector, Rfc7515EcdsaOnP521) {
  expect_verifies(
      JwtAlgorithm::es512,
      R"({"kty":"EC","crv":"P-521",)"
      R"("x":"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk",)"
      R"("y":"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"})",
      "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA."
      "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZg"
      "oXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn");
}

// RFC 7515, A.5.
TEST(JwtVector, Rfc7515TokenWithoutASignature) {
  const JwtResult result = verifier(JwtAlgorithm::hs256, kHmacKey)
                               .verify(std::string("eyJhbGciOiJub25lIn0") + kJoe, kJoeExpires - seconds(1));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, JwtReason::algorithm);
}

// RFC 7520, 3.3: what its sections 4.1 and 4.2 sign with.
constexpr auto kBilboRsa =
    R"({"kty":"RSA","kid":"bilbo.baggins@hobbiton.example","use":"sig","e":"AQAB","n":"n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUB)"
    R"(ZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQL)"
    R"(rHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-t)"
    R"(VTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw"})";

/// "It's a dangerous business, Frodo, going out your door…"
constexpr auto kFrodo =
    ".SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kI"
    "Glm"
    "IHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4.";

TEST(JwtVector, Rfc7520RsaWithSha256) {
  expect_verifies(
      JwtAlgorithm::rs256, kBilboRsa,
      std::string("eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9") + kFrodo +
          "MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-"
          "BDkoBwA7"
          "8185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_"
          "qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdL"
          "uW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_"
          "fcIe8u9ipH84ogoree7vjbU5y18kDq"
          "uDg");
}

TEST(JwtVector, Rfc7520RsaPssWithSha384) {
  expect_verifies(JwtAlgorithm::ps384, kBilboRsa,
                  std::string("eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9") + kFrodo +
                      "cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-"
                      "tPid6VrklHkqsGqDqHCdP6O8TTB5dDDItllVo6_1OLPpcbUr"
                      "hiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_"
                      "ijQ7p8Vdz0TTrxUeT3lm8d9shnr2lfJT8ImUjv"
                      "AA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_"
                      "jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6oD4ifKo8DYM-X72Eaw");
}

TEST(JwtVector, Rfc7520EcdsaOnP521) {
  expect_verifies(JwtAlgorithm::es512,
                  R"({"kty":"EC","kid":"bilbo.baggins@hobbiton.example","use":"sig","crv":"P-521",)"
                  R"("x":"AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRXYgCF5cj0Kt",)"
                  R"("y":"AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQkAgDPrwQrJmbnX9cwlGfP-HqHZR1"})",
                  std::string("eyJhbGciOiJFUzUxMiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9") + kFrodo +
                      "AE_R_YZCChjn4791jSQCrdPZCNYqHXCTZH0-"
                      "JZGYNlaAjP2kqaluUIIUnC9qvbu9Plon7KRTzoNEuT4Va2cmL1eJAQy3mtPBu_u_sDDyYjnAMDxXPn"
                      "7XrT0lw-kvAD890jl8e2puQens_IEKBpHABlsbEPX6sFY8OcGDqoRuBomu9xQ2");
}

TEST(JwtVector, Rfc7520HmacWithSha256) {
  expect_verifies(JwtAlgorithm::hs256,
                  R"({"kty":"oct","kid":"018c0ae5-4d9b-471b-bfd6-eef314bc7037","use":"sig","alg":"HS256",)"
                  R"("k":"hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg"})",
                  std::string("eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9") +
                      kFrodo + "s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0");
}

TEST(JwtVector, Rfc8037Ed25519) {
  expect_verifies(JwtAlgorithm::eddsa,
                  R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})",
                  "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
                  "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
}

}  // namespace
}  // namespace hearth::test
