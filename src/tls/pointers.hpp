#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

namespace hearth::tls {

/// Frees what OpenSSL made: `std::unique_ptr<X509, OpenSslFree<X509_free>>`.
template <auto free>
struct OpenSslFree {
  template <class T>
  void operator()(T* object) const noexcept {
    free(object);
  }
};

using BioPointer = std::unique_ptr<BIO, OpenSslFree<BIO_free>>;
using PkeyPointer = std::unique_ptr<EVP_PKEY, OpenSslFree<EVP_PKEY_free>>;
using SslContextPointer = std::unique_ptr<SSL_CTX, OpenSslFree<SSL_CTX_free>>;
using SslPointer = std::unique_ptr<SSL, OpenSslFree<SSL_free>>;
using X509Pointer = std::unique_ptr<X509, OpenSslFree<X509_free>>;
using GeneralNamesPointer = std::unique_ptr<GENERAL_NAMES, OpenSslFree<GENERAL_NAMES_free>>;

}  // namespace hearth::tls
