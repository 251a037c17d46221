#pragma once

#include "crypto/base64.hpp"
#include "crypto/secret.hpp"

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace hearth::crypto {

inline constexpr std::size_t kIvSize = 12;
inline constexpr std::size_t kTagSize = 16;

using Iv = std::array<std::uint8_t, kIvSize>;

/// AES-256-GCM, made once and used with many keys: the last one of each direction stays set up, so that messages under
/// the same key in a row cost less. For one thread. Throws std::runtime_error if OpenSSL fails.
class AesGcm {
 public:
  AesGcm();

  /// Writes the ciphertext and the tag to `out`, which has room for plain.size() + kTagSize bytes. `key` must stay
  /// where it is until another was used or `forget` was called.
  void seal(const AesKey& key, const Iv& iv, Bytes plain, std::uint8_t* out, Bytes additional_data = {});

  /// Decrypts ciphertext and tag in one to `out`, which has room for sealed.size() - kTagSize bytes; `sealed` is at
  /// least kTagSize. False if it is not authentic; `out` then holds nothing of use.
  bool open(const AesKey& key, const Iv& iv, Bytes sealed, std::uint8_t* out, Bytes additional_data = {});

  /// Wipes what was set up for this key.
  void forget(const AesKey& key) noexcept;

 private:
  struct Free {
    void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
  };
  struct Direction {
    std::unique_ptr<EVP_CIPHER_CTX, Free> context{EVP_CIPHER_CTX_new()};
    const AesKey* key = nullptr;
  };

  static void prepare(Direction& direction, const AesKey& key, const Iv& iv, bool encrypt);

  Direction sealing_;
  Direction opening_;
};

}  // namespace hearth::crypto
