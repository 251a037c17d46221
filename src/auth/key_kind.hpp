#pragma once

#include "auth/algorithms.hpp"
#include "auth/parsed.hpp"

#include <openssl/evp.h>

#include <cstddef>
#include <optional>
#include <string>

namespace hearth::auth {

/// What kind of key OpenSSL has read.
class KeyKind {
 public:
  explicit KeyKind(const EVP_PKEY* key);

  /// Whether an algorithm is for keys of this kind.
  bool is_for(JwtAlgorithm algorithm) const noexcept;
  /// Why a key of this kind should not be used at all.
  std::optional<Problem> weakness() const;
  /// `an RSA key of 2048 bits`
  std::string description() const;

 private:
  std::string type_;   // OpenSSL's name: RSA, RSA-PSS, EC, ED25519
  std::string group_;  // of EC
  int bits_ = 0;
  bool bad_exponent_ = false;  // of RSA
};

/// Sets how RSA signatures are padded; PSS with a salt as long as the hash (RFC 7518, 3.5). False if the key does not
/// do that.
bool set_padding(EVP_PKEY_CTX* context, const AlgorithmTraits& algorithm) noexcept;

/// A secret that is shorter than the hash.
Problem too_short(std::size_t size, JwtAlgorithm algorithm);

}  // namespace hearth::auth
