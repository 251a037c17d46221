#pragma once

#include <openssl/err.h>
#include <openssl/evp.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace hearth::crypto {

/// Frees what OpenSSL made: `std::unique_ptr<BIGNUM, OpenSslFree<BN_free>>`.
template <auto free>
struct OpenSslFree {
  template <class T>
  void operator()(T* object) const noexcept {
    free(object);
  }
};

using PkeyPointer = std::unique_ptr<EVP_PKEY, OpenSslFree<EVP_PKEY_free>>;
using PkeyContextPointer = std::unique_ptr<EVP_PKEY_CTX, OpenSslFree<EVP_PKEY_CTX_free>>;

/// For what fails only if OpenSSL has no memory, no randomness or not the algorithm. What it queued about it is
/// dropped.
[[noreturn]] inline void openssl_failed(const std::string& what) {
  ERR_clear_error();
  throw std::runtime_error("hearth: OpenSSL cannot " + what);
}

}  // namespace hearth::crypto
