#pragma once

#include "hearth/export.hpp"

#include <boost/system/result.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>

/// The encryption of docs/protocol.md, section 4, for programs that speak it themselves: the other end of a Hearth or
/// Ignis server, or a scheme of one's own in the `handshake` and `outbound_transformer` handlers.
namespace hearth::crypto {

/// Why something that came from the other side was refused.
enum class Error {
  invalid_base64 = 1,    ///< blanks, another alphabet, no padding or too much, unused bits that are not zero
  wrong_key_size,        ///< a public key that is not 65 bytes
  wrong_key_format,      ///< 65 bytes that are no uncompressed point
  point_not_on_curve,    ///< coordinates that are on another curve, or none
  invalid_private_key,   ///< not 32 bytes, or no number from 1 to the order of P-256
  wrong_iv_size,         ///< an IV that is not 12 bytes
  ciphertext_too_short,  ///< not even the tag's 16 bytes
  not_authentic,         ///< another key or other additional data, or the payload was changed
  no_key,                ///< nothing was derived yet
};

HEARTH_API const std::error_category& error_category() noexcept;
inline std::error_code make_error_code(Error error) noexcept { return {static_cast<int>(error), error_category()}; }

template <class T>
using Result = boost::system::result<T, std::error_code>;

/// The info of HKDF that Ignis derives its keys with.
inline constexpr std::string_view kDefaultInfo = "ignis-ecdh-p256-aes-256-gcm-v1";

/// What is sent: `{"iv":…,"ct":…}`, both base64 with padding.
struct Payload {
  std::string iv;  ///< 12 bytes
  std::string ct;  ///< the ciphertext, and the tag of 16 bytes
};

/// One end of an agreement on a key, and what is encrypted with that key afterwards: ECDH on P-256, HKDF-SHA-256,
/// AES-256-GCM, byte for byte as WebCrypto does it.
///
/// For one thread at a time. Keys are wiped from memory when the object goes. Every function that gives text throws
/// std::runtime_error if OpenSSL fails (no memory, no randomness).
class HEARTH_API EcdhSession {
 public:
  /// With a fresh key pair. `info` binds the key to its use; both sides have to use the same.
  static EcdhSession generate(std::string_view info = kDefaultInfo);
  /// With a private key that `private_key` has exported.
  static Result<EcdhSession> import(std::string_view private_key, std::string_view info = kDefaultInfo);

  EcdhSession(EcdhSession&&) noexcept;
  EcdhSession& operator=(EcdhSession&&) noexcept;
  ~EcdhSession();

  /// Base64 of the uncompressed point, 65 bytes; what the other side needs.
  std::string public_key() const;
  /// Base64 of the number, 32 bytes, big endian. A secret, which the caller has to keep and to wipe.
  std::string private_key() const;

  /// Base64 of 32 random bytes. One side makes the salt and tells the other.
  static std::string make_salt();

  /// Derives the key shared with the owner of `peer_public_key`. `salt` is base64 of any number of bytes. The messages
  /// under one key have to stay well below 2^32, both sides' together: then derive another, with a new salt at least.
  std::error_code derive(std::string_view peer_public_key, std::string_view salt);
  bool has_key() const noexcept;

  /// Encrypts under a fresh random IV. `additional_data` is not sent; the other side has to know it.
  Result<Payload> encrypt(std::string_view plain, std::string_view additional_data = {});
  Result<std::string> decrypt(const Payload& payload, std::string_view additional_data = {});

 private:
  class Impl;
  explicit EcdhSession(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hearth::crypto

template <>
struct std::is_error_code_enum<hearth::crypto::Error> : std::true_type {};
