#include "hearth/jwt_signer.hpp"

#include "support/jwt_keys.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace hearth::test {
namespace {

std::string problem(JwtAlgorithm algorithm, const std::string& key) {
  try {
    const JwtSigner signer(algorithm, key);
    return "taken";
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

TEST(JwtSigner, SignsWhatItIsGiven) {
  const JwtSigner signer(JwtAlgorithm::hs256, kJwtSecret);
  const std::string token = signer.sign({{"sub", "ann"}});
  EXPECT_EQ(token, raw_token(JwtAlgorithm::hs256, R"({"alg":"HS256","typ":"JWT"})", R"({"sub":"ann"})"));
}

TEST(JwtSigner, RefusesKeysThatDoNotFit) {
  using enum JwtAlgorithm;
  EXPECT_EQ(problem(hs256, "too short"),
            "hearth: the key to sign with is 9 bytes; HS256 needs at least 32 (RFC 7518, 3.2)");
  EXPECT_EQ(problem(hs256, jwt_key(es256).private_pem), "hearth: the key to sign with is PEM; HS256 is for a secret");
  EXPECT_EQ(
      problem(es256, std::string(kJwtSecret)),
      "hearth: the key to sign with is not a private key in PEM that is not encrypted; `openssl pkey` makes one of an "
      "encrypted one");
  EXPECT_EQ(
      problem(es256, jwt_key(es256).public_pem),
      "hearth: the key to sign with is not a private key in PEM that is not encrypted; `openssl pkey` makes one of an "
      "encrypted one");
  EXPECT_EQ(problem(es256, jwt_key(es384).private_pem),
            "hearth: the key to sign with is an EC key on P-384, which is not for ES256");
  EXPECT_EQ(problem(rs256, make_jwt_key("RSA-1024").private_pem),
            "hearth: the key to sign with is an RSA key of 1024 bits; at least 2048 are needed (RFC 7518, 3.3)");
  EXPECT_EQ(problem(ps512, jwt_key(rs256).private_pem), "taken");
}

TEST(JwtSigner, TakesPrivateKeysInTheOldForms) {
  for (const JwtAlgorithm algorithm : {JwtAlgorithm::es256, JwtAlgorithm::rs256}) {
    const std::string pem = in_old_form(jwt_key(algorithm).private_pem);
    ASSERT_NE(pem.find(algorithm == JwtAlgorithm::es256 ? "BEGIN EC PRIVATE KEY" : "BEGIN RSA PRIVATE KEY"),
              std::string::npos);
    EXPECT_EQ(problem(algorithm, pem), "taken");
  }
}

// And asks nobody on the terminal for a password, not even an empty one.
TEST(JwtSigner, TakesNoEncryptedPrivateKeys) {
  const std::string pem = encrypted(jwt_key(JwtAlgorithm::es256).private_pem, "password");
  ASSERT_NE(pem.find("BEGIN ENCRYPTED PRIVATE KEY"), std::string::npos);
  EXPECT_EQ(
      problem(JwtAlgorithm::es256, pem),
      "hearth: the key to sign with is not a private key in PEM that is not encrypted; `openssl pkey` makes one of an "
      "encrypted one");
}

}  // namespace
}  // namespace hearth::test
