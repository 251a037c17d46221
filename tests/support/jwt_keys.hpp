#pragma once

#include "hearth/jwt_algorithm.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace hearth::test {

/// A key pair to sign and verify tokens with.
struct JwtKey {
  std::string private_pem;  ///< PKCS #8
  std::string public_pem;   ///< SPKI
  boost::json::object jwk;  ///< the public half
};

/// Made anew: `RSA-2048` and so on, `RSA-PSS`, `P-256`, `P-384`, `P-521`, `Ed25519`, `secp256k1`.
JwtKey make_jwt_key(std::string_view kind);

/// The key that tests use for an algorithm that is no HMAC: made once a process.
const JwtKey& jwt_key(JwtAlgorithm algorithm);

/// A secret that is long enough for every HMAC.
inline constexpr std::string_view kJwtSecret =
    "a secret of more than sixty-four bytes, which is enough for any of them";
static_assert(kJwtSecret.size() >= 64);

/// A certificate in PEM for a private key.
std::string self_signed_certificate(const std::string& private_pem);
/// The same key as `EC` or `RSA PRIVATE KEY`.
std::string in_old_form(const std::string& private_pem);
std::string encrypted(const std::string& private_pem, const std::string& password);

const std::vector<JwtAlgorithm>& all_jwt_algorithms();
bool is_hmac(JwtAlgorithm algorithm);

/// What JwtSigner is made with.
std::string signing_key(JwtAlgorithm algorithm);

/// A token of any header and payload, signed as `algorithm` says, whatever the header does.
std::string raw_token(JwtAlgorithm algorithm, std::string_view header, std::string_view payload);
/// Text as it stands in a token.
std::string encoded(std::string_view text);

}  // namespace hearth::test
