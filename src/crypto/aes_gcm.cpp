#include "crypto/aes_gcm.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include <stdexcept>
#include <string>

namespace hearth::crypto {

namespace {

[[noreturn]] void cannot(const char* what) {
  ERR_clear_error();
  throw std::runtime_error(std::string("hearth: OpenSSL cannot ") + what + " with AES-256-GCM");
}

const EVP_CIPHER* algorithm() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  if (cipher == nullptr) cannot("work");
  return cipher;
}

// OpenSSL counts in int; messages are far shorter.
int length(Bytes bytes) noexcept { return static_cast<int>(bytes.size()); }

}  // namespace

AesGcm::AesGcm() {
  for (Direction* direction : {&sealing_, &opening_}) {
    if (!direction->context) cannot("work");
  }
}

void AesGcm::prepare(Direction& direction, const AesKey& key, const Iv& iv, bool encrypt) {
  const bool known = direction.key == &key;
  // The algorithm is set with the first key, and again after `forget`.
  const EVP_CIPHER* cipher = direction.key == nullptr ? algorithm() : nullptr;
  const std::uint8_t* key_bytes = known ? nullptr : key.data();
  direction.key = nullptr;
  if (EVP_CipherInit_ex2(direction.context.get(), cipher, key_bytes, iv.data(), encrypt ? 1 : 0, nullptr) != 1) {
    cannot("take a key");
  }
  direction.key = &key;
}

void AesGcm::seal(const AesKey& key, const Iv& iv, Bytes plain, std::uint8_t* out, Bytes additional_data) {
  prepare(sealing_, key, iv, true);
  EVP_CIPHER_CTX* context = sealing_.context.get();
  int written = 0;
  int more = 0;
  std::array<OSSL_PARAM, 2> tag{
      OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, out + plain.size(), kTagSize),
      OSSL_PARAM_construct_end()};
  const bool good =
      (additional_data.empty() ||
       EVP_EncryptUpdate(context, nullptr, &more, additional_data.data(), length(additional_data)) == 1) &&
      (plain.empty() || EVP_EncryptUpdate(context, out, &written, plain.data(), length(plain)) == 1) &&
      EVP_EncryptFinal_ex(context, out + written, &more) == 1 && EVP_CIPHER_CTX_get_params(context, tag.data()) == 1;
  if (!good) cannot("encrypt");
}

bool AesGcm::open(const AesKey& key, const Iv& iv, Bytes sealed, std::uint8_t* out, Bytes additional_data) {
  prepare(opening_, key, iv, false);
  EVP_CIPHER_CTX* context = opening_.context.get();
  const Bytes ciphertext = sealed.first(sealed.size() - kTagSize);
  const Bytes tag = sealed.last(kTagSize);
  int written = 0;
  int more = 0;
  const std::array<OSSL_PARAM, 2> expected{
      OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, const_cast<std::uint8_t*>(tag.data()), kTagSize),
      OSSL_PARAM_construct_end()};
  const bool ready =
      EVP_CIPHER_CTX_set_params(context, expected.data()) == 1 &&
      (additional_data.empty() ||
       EVP_DecryptUpdate(context, nullptr, &more, additional_data.data(), length(additional_data)) == 1) &&
      (ciphertext.empty() || EVP_DecryptUpdate(context, out, &written, ciphertext.data(), length(ciphertext)) == 1);
  if (!ready) cannot("decrypt");
  const bool authentic = EVP_DecryptFinal_ex(context, out + written, &more) == 1;
  if (!authentic) ERR_clear_error();
  return authentic;
}

void AesGcm::forget(const AesKey& key) noexcept {
  for (Direction* direction : {&sealing_, &opening_}) {
    if (direction->key != &key) continue;
    EVP_CIPHER_CTX_reset(direction->context.get());
    direction->key = nullptr;
  }
}

}  // namespace hearth::crypto
