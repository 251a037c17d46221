#pragma once

#include "auth/parsed.hpp"
#include "crypto/openssl.hpp"

#include <string_view>

namespace hearth::auth {

/// Whether text that should be a secret is a key in PEM.
bool looks_like_pem(std::string_view text) noexcept;

/// The key of the first block: `PUBLIC KEY` (SPKI), or the one in a `CERTIFICATE`, of which nothing else is looked at.
Parsed<crypto::PkeyPointer> public_key_in_pem(std::string_view pem);

/// The key of the first block with one: `PRIVATE KEY` (PKCS #8), `EC PRIVATE KEY`, `RSA PRIVATE KEY`.
Parsed<crypto::PkeyPointer> private_key_in_pem(std::string_view pem);

}  // namespace hearth::auth
