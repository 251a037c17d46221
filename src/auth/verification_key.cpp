#include "auth/verification_key.hpp"

#include "crypto/base64.hpp"

#include "auth/algorithms.hpp"
#include "auth/ecdsa_signature.hpp"
#include "auth/key_kind.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace hearth::auth {
namespace {

EVP_MAC* hmac() {
  static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr);
  if (algorithm == nullptr) crypto::openssl_failed("work with HMAC");
  return algorithm;
}

}  // namespace

HmacMethod::HmacMethod(JwtAlgorithm algorithm, std::string_view secret) : prepared_(EVP_MAC_CTX_new(hmac())) {
  const std::array<OSSL_PARAM, 2> parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(traits(algorithm).digest), 0),
      OSSL_PARAM_construct_end()};
  if (!prepared_ ||
      EVP_MAC_init(prepared_.get(), crypto::as_bytes(secret).data(), secret.size(), parameters.data()) != 1) {
    crypto::openssl_failed("take a key of HMAC");
  }
}

bool HmacMethod::verify(std::string_view text, std::string_view signature) const {
  const decltype(prepared_) context(EVP_MAC_CTX_dup(prepared_.get()));
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> expected;
  std::size_t size = 0;
  if (!context || EVP_MAC_update(context.get(), crypto::as_bytes(text).data(), text.size()) != 1 ||
      EVP_MAC_final(context.get(), expected.data(), &size, expected.size()) != 1) {
    crypto::openssl_failed("compute an HMAC");
  }
  return signature.size() == size && CRYPTO_memcmp(signature.data(), expected.data(), size) == 0;
}

Parsed<SignatureMethod> SignatureMethod::prepare(JwtAlgorithm algorithm, EVP_PKEY* key) {
  const AlgorithmTraits& made_of = traits(algorithm);
  SignatureMethod method;
  method.prepared_.reset(EVP_MD_CTX_new());
  if (!method.prepared_) crypto::openssl_failed("prepare a signature");
  EVP_PKEY_CTX* parameters = nullptr;
  if (EVP_DigestVerifyInit_ex(method.prepared_.get(), &parameters, made_of.digest, nullptr, nullptr, key, nullptr) !=
          1 ||
      !set_padding(parameters, made_of)) {
    ERR_clear_error();
    return Problem{"cannot be used with " + std::string(made_of.name)};
  }
  if (made_of.family == SignatureFamily::ecdsa) method.order_ = group_order(made_of);
  return method;
}

bool SignatureMethod::verify(std::string_view text, std::string_view signature) const {
  std::optional<std::string> der;
  if (!order_.empty()) {
    der = ecdsa_to_der(signature, order_);
    if (!der) return false;
    signature = *der;
  }
  const Context context(EVP_MD_CTX_new());
  if (!context || EVP_MD_CTX_copy_ex(context.get(), prepared_.get()) != 1) {
    crypto::openssl_failed("copy what verifies a signature");
  }
  const bool good = EVP_DigestVerify(context.get(), crypto::as_bytes(signature).data(), signature.size(),
                                     crypto::as_bytes(text).data(), text.size()) == 1;
  if (!good) ERR_clear_error();
  return good;
}

Parsed<VerificationKey> VerificationKey::of_secret(std::string_view secret, std::span<const JwtAlgorithm> algorithms) {
  VerificationKey key;
  std::string_view too_long;  // the first algorithm that the secret is too short for
  for (const JwtAlgorithm algorithm : algorithms) {
    const AlgorithmTraits& made_of = traits(algorithm);
    if (made_of.family != SignatureFamily::hmac || key.fits(algorithm)) continue;
    if (secret.size() < made_of.hash_size) {
      if (too_long.empty()) too_long = made_of.name;
      continue;
    }
    key.uses_.push_back({algorithm, HmacMethod(algorithm, secret)});
  }
  if (!key.uses_.empty()) return key;
  if (too_long.empty()) return Problem{"is a secret, and none of " + names(algorithms) + " is signed with one"};
  return too_short(secret.size(), *jwt_algorithm(too_long));
}

Parsed<VerificationKey> VerificationKey::of_public_key(crypto::PkeyPointer pkey,
                                                       std::span<const JwtAlgorithm> algorithms) {
  const KeyKind kind(pkey.get());
  if (auto weakness = kind.weakness()) return *std::move(weakness);
  VerificationKey key;
  for (const JwtAlgorithm algorithm : algorithms) {
    if (!kind.is_for(algorithm) || key.fits(algorithm)) continue;
    // A key of RSA-PSS may be bound to one hash.
    if (auto method = SignatureMethod::prepare(algorithm, pkey.get()))
      key.uses_.push_back({algorithm, *std::move(method)});
  }
  if (key.uses_.empty()) return Problem{"is " + kind.description() + ", which fits none of " + names(algorithms)};
  return key;
}

const VerificationKey::Use* VerificationKey::use(JwtAlgorithm algorithm) const noexcept {
  for (const Use& use : uses_) {
    if (use.algorithm == algorithm) return &use;
  }
  return nullptr;
}

bool VerificationKey::fits(JwtAlgorithm algorithm) const noexcept { return use(algorithm) != nullptr; }

bool VerificationKey::verify(JwtAlgorithm algorithm, std::string_view text, std::string_view signature) const {
  const Use* found = use(algorithm);
  return found != nullptr &&
         std::visit([&](const auto& method) { return method.verify(text, signature); }, found->method);
}

}  // namespace hearth::auth
