#include "support/jwt_keys.hpp"

#include "auth/algorithms.hpp"
#include "auth/ecdsa_signature.hpp"
#include "auth/key_kind.hpp"
#include "auth/pem.hpp"
#include "crypto/base64.hpp"
#include "crypto/openssl.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <map>
#include <memory>
#include <stdexcept>

namespace hearth::test {
namespace {

using auth::SignatureFamily;
using crypto::OpenSslFree;
using crypto::PkeyPointer;
using Bio = std::unique_ptr<BIO, OpenSslFree<BIO_free_all>>;
using Number = std::unique_ptr<BIGNUM, OpenSslFree<BN_free>>;

EVP_PKEY* generate_pss() {
  const crypto::PkeyContextPointer context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA-PSS", nullptr));
  EVP_PKEY* key = nullptr;
  EVP_PKEY_keygen_init(context.get());
  EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), 2048);
  EVP_PKEY_generate(context.get(), &key);
  return key;
}

PkeyPointer generate(std::string_view kind) {
  EVP_PKEY* key = nullptr;
  if (kind == "RSA-PSS") {
    key = generate_pss();
  } else if (kind.starts_with("RSA-")) {
    key = EVP_RSA_gen(static_cast<unsigned>(std::stoul(std::string(kind.substr(4)))));
  } else if (kind == "Ed25519") {
    key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  } else {
    key = EVP_EC_gen(std::string(kind).c_str());
  }
  if (key == nullptr) throw std::runtime_error("no key of the kind " + std::string(kind));
  return PkeyPointer(key);
}

std::string text_of(const Bio& bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string encoded_bytes(const std::vector<std::uint8_t>& bytes) { return crypto::encode_base64url(bytes); }

/// A number of a key, big endian.
std::string number(const PkeyPointer& key, const char* name, int size = 0) {
  BIGNUM* found = nullptr;
  EVP_PKEY_get_bn_param(key.get(), name, &found);
  const Number owned(found);
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size > 0 ? size : BN_num_bytes(found)));
  BN_bn2binpad(found, bytes.data(), static_cast<int>(bytes.size()));
  return encoded_bytes(bytes);
}

boost::json::object jwk_of(const PkeyPointer& key, std::string_view kind) {
  if (kind.starts_with("RSA-")) {
    return {{"kty", "RSA"}, {"n", number(key, OSSL_PKEY_PARAM_RSA_N)}, {"e", number(key, OSSL_PKEY_PARAM_RSA_E)}};
  }
  if (kind == "Ed25519") {
    std::vector<std::uint8_t> bytes(32);
    std::size_t size = bytes.size();
    EVP_PKEY_get_raw_public_key(key.get(), bytes.data(), &size);
    return {{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", encoded_bytes(bytes)}};
  }
  const int size = (EVP_PKEY_get_bits(key.get()) + 7) / 8;
  return {{"kty", "EC"},
          {"crv", kind},
          {"x", number(key, OSSL_PKEY_PARAM_EC_PUB_X, size)},
          {"y", number(key, OSSL_PKEY_PARAM_EC_PUB_Y, size)}};
}

std::string_view kind_for(JwtAlgorithm algorithm) {
  switch (algorithm) {
    case JwtAlgorithm::es256:
      return "P-256";
    case JwtAlgorithm::es384:
      return "P-384";
    case JwtAlgorithm::es512:
      return "P-521";
    case JwtAlgorithm::eddsa:
      return "Ed25519";
    default:
      return "RSA-2048";
  }
}

std::string signature_of(JwtAlgorithm algorithm, std::string_view text) {
  const auth::AlgorithmTraits& made_of = auth::traits(algorithm);
  const auto bytes = crypto::as_bytes(text);
  std::string signature(1024, '\0');
  std::size_t size = signature.size();
  auto* out = reinterpret_cast<unsigned char*>(signature.data());
  if (made_of.family == SignatureFamily::hmac) {
    EVP_Q_mac(nullptr, "HMAC", nullptr, made_of.digest, nullptr, kJwtSecret.data(), kJwtSecret.size(), bytes.data(),
              bytes.size(), out, size, &size);
    signature.resize(size);
    return signature;
  }
  const auto key = auth::private_key_in_pem(jwt_key(algorithm).private_pem);
  const std::unique_ptr<EVP_MD_CTX, OpenSslFree<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;
  EVP_DigestSignInit_ex(context.get(), &parameters, made_of.digest, nullptr, nullptr, key->get(), nullptr);
  auth::set_padding(parameters, made_of);
  EVP_DigestSign(context.get(), out, &size, bytes.data(), bytes.size());
  signature.resize(size);
  return made_of.family == SignatureFamily::ecdsa ? *auth::ecdsa_from_der(signature, made_of) : signature;
}

}  // namespace

JwtKey make_jwt_key(std::string_view kind) {
  const PkeyPointer key = generate(kind);
  const Bio private_pem(BIO_new(BIO_s_mem()));
  const Bio public_pem(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS8PrivateKey(private_pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  PEM_write_bio_PUBKEY(public_pem.get(), key.get());
  return {text_of(private_pem), text_of(public_pem), jwk_of(key, kind)};
}

const JwtKey& jwt_key(JwtAlgorithm algorithm) {
  static std::map<std::string_view, JwtKey> keys;
  const auto [at, is_new] = keys.try_emplace(kind_for(algorithm));
  if (is_new) at->second = make_jwt_key(at->first);
  return at->second;
}

std::string self_signed_certificate(const std::string& private_pem) {
  const auto key = auth::private_key_in_pem(private_pem);
  const std::unique_ptr<X509, OpenSslFree<X509_free>> certificate(X509_new());
  X509_set_pubkey(certificate.get(), key->get());
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_sign(certificate.get(), key->get(), EVP_sha256());
  const Bio pem(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(pem.get(), certificate.get());
  return text_of(pem);
}

std::string in_old_form(const std::string& private_pem) {
  const auto key = auth::private_key_in_pem(private_pem);
  const Bio pem(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey_traditional(pem.get(), key->get(), nullptr, nullptr, 0, nullptr, nullptr);
  return text_of(pem);
}

std::string encrypted(const std::string& private_pem, const std::string& password) {
  const auto key = auth::private_key_in_pem(private_pem);
  const Bio pem(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS8PrivateKey(pem.get(), key->get(), EVP_aes_128_cbc(), password.data(),
                                static_cast<int>(password.size()), nullptr, nullptr);
  return text_of(pem);
}

const std::vector<JwtAlgorithm>& all_jwt_algorithms() {
  static const std::vector<JwtAlgorithm> algorithms = [] {
    std::vector<JwtAlgorithm> all;
    for (const auth::AlgorithmTraits& known : auth::all_algorithms()) all.push_back(known.algorithm);
    return all;
  }();
  return algorithms;
}

bool is_hmac(JwtAlgorithm algorithm) { return auth::traits(algorithm).family == SignatureFamily::hmac; }

std::string signing_key(JwtAlgorithm algorithm) {
  return is_hmac(algorithm) ? std::string(kJwtSecret) : jwt_key(algorithm).private_pem;
}

std::string encoded(std::string_view text) { return crypto::encode_base64url(crypto::as_bytes(text)); }

std::string raw_token(JwtAlgorithm algorithm, std::string_view header, std::string_view payload) {
  const std::string text = encoded(header) + '.' + encoded(payload);
  return text + '.' + encoded(signature_of(algorithm, text));
}

}  // namespace hearth::test
