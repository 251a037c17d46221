#pragma once

#include "crypto/base64.hpp"
#include "crypto/openssl.hpp"
#include "crypto/secret.hpp"
#include "hearth/crypto.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace hearth::crypto {

inline constexpr std::size_t kPublicKeySize = 65;
inline constexpr std::size_t kPrivateKeySize = 32;
inline constexpr std::size_t kSaltSize = 32;

/// An uncompressed point on P-256, as it came: nobody has checked it.
using PublicKey = std::array<std::uint8_t, kPublicKeySize>;
using Salt = std::array<std::uint8_t, kSaltSize>;

/// Reads base64 of a raw public key. What is wrong with the point itself shows when it is used.
Result<PublicKey> read_public_key(std::string_view base64);

/// A key pair on P-256. All functions throw std::runtime_error if OpenSSL fails.
class KeyPair {
 public:
  static KeyPair generate();
  static Result<KeyPair> from_private_key(Bytes number);

  PublicKey public_key() const;
  Secret<kPrivateKeySize> private_key() const;

  /// ECDH and HKDF-SHA-256 (RFC 5869): the key that the owner of `peer` derives too. Refuses points that are not on
  /// the curve; the curve's cofactor is 1, so that a point on it which is not at infinity is a valid key.
  Result<AesKey> derive(const PublicKey& peer, Bytes salt, std::string_view info) const;
  /// The secret of ECDH alone: the x coordinate.
  Result<Secret<32>> shared_secret(const PublicKey& peer) const;

 private:
  explicit KeyPair(PkeyPointer key) noexcept : key_(std::move(key)) {}
  PkeyPointer key_;
};

/// HKDF-SHA-256: fills `out` (at most 8160 bytes). Throws std::runtime_error if OpenSSL fails.
void hkdf(Bytes secret, Bytes salt, Bytes info, std::span<std::uint8_t> out);

}  // namespace hearth::crypto
