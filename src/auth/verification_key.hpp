#pragma once

#include "auth/parsed.hpp"
#include "crypto/openssl.hpp"
#include "hearth/jwt_algorithm.hpp"

#include <openssl/evp.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hearth::auth {

/// RSA keys below are weak; above they take a millisecond and more each time.
inline constexpr int kMinRsaBits = 2048;
inline constexpr int kMaxRsaBits = 8192;

/// What an algorithm and a key are together, ready to verify with. Preparing it costs as much as an RSA signature takes
/// to verify, so it is done once and copied.
class HmacMethod {
 public:
  HmacMethod(JwtAlgorithm algorithm, std::string_view secret);
  bool verify(std::string_view text, std::string_view signature) const;

 private:
  std::unique_ptr<EVP_MAC_CTX, crypto::OpenSslFree<EVP_MAC_CTX_free>> prepared_;
};

class SignatureMethod {
 public:
  /// A problem if OpenSSL does not do this with that key.
  static Parsed<SignatureMethod> prepare(JwtAlgorithm algorithm, EVP_PKEY* key);
  bool verify(std::string_view text, std::string_view signature) const;

 private:
  using Context = std::unique_ptr<EVP_MD_CTX, crypto::OpenSslFree<EVP_MD_CTX_free>>;

  Context prepared_;
  std::string order_;  // of the curve, if it is ECDSA
};

/// A key, and what it may be used for: algorithms of its own kind alone. Immutable; any thread may use it.
class VerificationKey {
 public:
  /// Of HMAC. A problem if there is no HMAC among the algorithms, or it is too short for all.
  static Parsed<VerificationKey> of_secret(std::string_view secret, std::span<const JwtAlgorithm> algorithms);
  /// Of a public key, which OpenSSL has read. A problem if it is weak, or none of the algorithms is for its kind.
  static Parsed<VerificationKey> of_public_key(crypto::PkeyPointer key, std::span<const JwtAlgorithm> algorithms);

  bool fits(JwtAlgorithm algorithm) const noexcept;
  /// Whether the signature is right. False for algorithms that do not fit.
  bool verify(JwtAlgorithm algorithm, std::string_view text, std::string_view signature) const;

 private:
  struct Use {
    JwtAlgorithm algorithm;
    std::variant<HmacMethod, SignatureMethod> method;
  };
  const Use* use(JwtAlgorithm algorithm) const noexcept;

  std::vector<Use> uses_;
};

}  // namespace hearth::auth
