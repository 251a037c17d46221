#include "crypto/key_agreement.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace hearth::crypto {

namespace {

constexpr std::uint8_t kUncompressed = 4;

using KdfContext = std::unique_ptr<EVP_KDF_CTX, OpenSslFree<EVP_KDF_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, OpenSslFree<BN_clear_free>>;
using Group = std::unique_ptr<EC_GROUP, OpenSslFree<EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, OpenSslFree<EC_POINT_free>>;

OSSL_PARAM octets(const char* name, Bytes bytes) {
  // OpenSSL wants a pointer even to nothing.
  static const std::uint8_t nothing = 0;
  const std::uint8_t* data = bytes.empty() ? &nothing : bytes.data();
  return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(data), bytes.size());
}

OSSL_PARAM text(const char* name, const char* value) {
  return OSSL_PARAM_construct_utf8_string(name, const_cast<char*>(value), 0);
}

// A key of the curve, and nothing more: what a peer's point is put into. Making the curve anew costs more than all
// else.
EVP_PKEY* curve() {
  static EVP_PKEY* const key = EVP_EC_gen("P-256");
  if (key == nullptr) openssl_failed("generate a key on P-256");
  return key;
}

PublicKey public_point(const BIGNUM* private_number) {
  const Group group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  const Point point(group ? EC_POINT_new(group.get()) : nullptr);
  PublicKey encoded{};
  if (!point || EC_POINT_mul(group.get(), point.get(), private_number, nullptr, nullptr, nullptr) != 1 ||
      EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, encoded.data(), encoded.size(),
                         nullptr) != encoded.size()) {
    openssl_failed("compute a public key");
  }
  return encoded;
}

bool is_private_key(const BIGNUM* number) {
  const Group group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  if (!group) openssl_failed("load P-256");
  return !BN_is_zero(number) && BN_cmp(number, EC_GROUP_get0_order(group.get())) < 0;
}

}  // namespace

Result<PublicKey> read_public_key(std::string_view base64) {
  if (base64.size() > base64_size(kPublicKeySize)) return make_error_code(Error::wrong_key_size);
  std::array<std::uint8_t, most_decoded(base64_size(kPublicKeySize))> bytes;
  const auto size = decode_base64(base64, bytes.data());
  if (!size) return size.error();
  if (*size != kPublicKeySize) return make_error_code(Error::wrong_key_size);
  if (bytes[0] != kUncompressed) return make_error_code(Error::wrong_key_format);
  PublicKey key;
  std::copy_n(bytes.begin(), key.size(), key.begin());
  return key;
}

KeyPair KeyPair::generate() {
  // Kept from key to key: setting it up costs as much as a key.
  thread_local const PkeyContextPointer context = [] {
    PkeyContextPointer made(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    if (!made || EVP_PKEY_keygen_init(made.get()) != 1 || EVP_PKEY_CTX_set_group_name(made.get(), "P-256") != 1) {
      openssl_failed("set up keys on P-256");
    }
    return made;
  }();
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_generate(context.get(), &key) != 1) openssl_failed("generate a key on P-256");
  return KeyPair(PkeyPointer(key));
}

Result<KeyPair> KeyPair::from_private_key(Bytes bytes) {
  if (bytes.size() != kPrivateKeySize) return make_error_code(Error::invalid_private_key);
  const Number number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  if (!number) openssl_failed("read a private key");
  if (!is_private_key(number.get())) return make_error_code(Error::invalid_private_key);
  const PublicKey point = public_point(number.get());

  // The number in the byte order of the machine, which is what parameters are in.
  Secret<kPrivateKeySize> native;
  BN_bn2nativepad(number.get(), native.data(), static_cast<int>(kPrivateKeySize));
  std::array<OSSL_PARAM, 4> parameters{
      text(OSSL_PKEY_PARAM_GROUP_NAME, "P-256"), octets(OSSL_PKEY_PARAM_PUB_KEY, point),
      OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, native.data(), kPrivateKeySize), OSSL_PARAM_construct_end()};
  const PkeyContextPointer context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.data()) != 1) {
    openssl_failed("import a private key");
  }
  return KeyPair(PkeyPointer(key));
}

PublicKey KeyPair::public_key() const {
  PublicKey point{};
  std::size_t size = 0;
  if (EVP_PKEY_get_octet_string_param(key_.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &size) != 1 ||
      size != point.size()) {
    openssl_failed("export a public key");
  }
  return point;
}

Secret<kPrivateKeySize> KeyPair::private_key() const {
  BIGNUM* found = nullptr;
  if (EVP_PKEY_get_bn_param(key_.get(), OSSL_PKEY_PARAM_PRIV_KEY, &found) != 1) openssl_failed("export a private key");
  const Number number(found);
  Secret<kPrivateKeySize> bytes;
  BN_bn2binpad(number.get(), bytes.data(), static_cast<int>(kPrivateKeySize));
  return bytes;
}

Result<Secret<32>> KeyPair::shared_secret(const PublicKey& peer) const {
  const PkeyPointer point(EVP_PKEY_new());
  if (!point || EVP_PKEY_copy_parameters(point.get(), curve()) != 1) openssl_failed("copy a curve's parameters");
  if (EVP_PKEY_set1_encoded_public_key(point.get(), peer.data(), peer.size()) != 1) {
    ERR_clear_error();
    return make_error_code(Error::point_not_on_curve);
  }
  const PkeyContextPointer context(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
  Secret<32> secret;
  std::size_t size = 32;
  // Without OpenSSL's check of the peer's key: it multiplies by the order, which doubles the price and says nothing
  // more on a curve of cofactor 1.
  if (!context || EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer_ex(context.get(), point.get(), 0) != 1 ||
      EVP_PKEY_derive(context.get(), secret.data(), &size) != 1 || size != 32) {
    openssl_failed("derive a secret");
  }
  return secret;
}

Result<AesKey> KeyPair::derive(const PublicKey& peer, Bytes salt, std::string_view info) const {
  const auto secret = shared_secret(peer);
  if (!secret) return secret.error();
  AesKey key;
  hkdf(secret->bytes(), salt, as_bytes(info), {key.data(), key.bytes().size()});
  return key;
}

void hkdf(Bytes secret, Bytes salt, Bytes info, std::span<std::uint8_t> out) {
  static EVP_KDF* const algorithm = EVP_KDF_fetch(nullptr, OSSL_KDF_NAME_HKDF, nullptr);
  const KdfContext context(algorithm != nullptr ? EVP_KDF_CTX_new(algorithm) : nullptr);
  const std::array<OSSL_PARAM, 5> parameters{text(OSSL_KDF_PARAM_DIGEST, "SHA256"), octets(OSSL_KDF_PARAM_KEY, secret),
                                             octets(OSSL_KDF_PARAM_SALT, salt), octets(OSSL_KDF_PARAM_INFO, info),
                                             OSSL_PARAM_construct_end()};
  if (!context || EVP_KDF_derive(context.get(), out.data(), out.size(), parameters.data()) != 1) {
    openssl_failed("derive a key with HKDF");
  }
}

}  // namespace hearth::crypto
