#pragma once

#include "hearth/jwt_algorithm.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace hearth::auth {

/// What kind of signature, and so which kinds of keys.
enum class SignatureFamily : std::uint8_t { hmac, rsa_pkcs1, rsa_pss, ecdsa, eddsa };

/// What an algorithm is made of, in OpenSSL's words.
struct AlgorithmTraits {
  JwtAlgorithm algorithm;
  std::string_view name;
  SignatureFamily family;
  const char* digest;           ///< null if it is part of the algorithm
  std::size_t hash_size;        ///< of the digest, in bytes
  const char* group;            ///< of ECDSA: the curve
  std::size_t coordinate_size;  ///< of ECDSA: half of a signature, in bytes (RFC 7518, 3.4)
};

const AlgorithmTraits& traits(JwtAlgorithm algorithm) noexcept;
std::span<const AlgorithmTraits> all_algorithms() noexcept;

/// `HS256, ES256`
std::string names(std::span<const JwtAlgorithm> algorithms);

}  // namespace hearth::auth
