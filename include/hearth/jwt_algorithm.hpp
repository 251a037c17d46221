#pragma once

#include "hearth/export.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace hearth {

/// How a token is signed (RFC 7518, 3.1; RFC 8037, 3.1). EdDSA is Ed25519 alone.
enum class JwtAlgorithm : std::uint8_t {
  hs256,  ///< HMAC, with a secret
  hs384,
  hs512,
  rs256,  ///< RSA, PKCS #1 version 1.5
  rs384,
  rs512,
  ps256,  ///< RSA, PSS
  ps384,
  ps512,
  es256,  ///< ECDSA on P-256
  es384,  ///< on P-384
  es512,  ///< on P-521
  eddsa,
};

/// The name in a token's header, such as `HS256`.
HEARTH_API std::string_view to_string(JwtAlgorithm algorithm) noexcept;

/// The algorithm of that name; `Ed25519` is EdDSA (RFC 9864). Nothing for all others, `none` included.
HEARTH_API std::optional<JwtAlgorithm> jwt_algorithm(std::string_view name) noexcept;

}  // namespace hearth
