#include "crypto/aes_gcm.hpp"
#include "crypto/base64.hpp"
#include "crypto/key_agreement.hpp"
#include "crypto/random.hpp"
#include "hearth/crypto.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace hearth::crypto {

class EcdhSession::Impl {
 public:
  Impl(KeyPair pair, std::string_view hkdf_info) : keys(std::move(pair)), info(hkdf_info) {}

  KeyPair keys;
  std::string info;
  std::optional<AesKey> key;
  AesGcm cipher;
};

EcdhSession::EcdhSession(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
EcdhSession::EcdhSession(EcdhSession&&) noexcept = default;
EcdhSession& EcdhSession::operator=(EcdhSession&&) noexcept = default;
EcdhSession::~EcdhSession() = default;

EcdhSession EcdhSession::generate(std::string_view info) {
  return EcdhSession(std::make_unique<Impl>(KeyPair::generate(), info));
}

Result<EcdhSession> EcdhSession::import(std::string_view private_key, std::string_view info) {
  if (private_key.size() != base64_size(kPrivateKeySize)) return make_error_code(Error::invalid_private_key);
  Secret<most_decoded(base64_size(kPrivateKeySize))> bytes;
  const auto size = decode_base64(private_key, bytes.data());
  if (!size) return size.error();
  auto pair = KeyPair::from_private_key(Bytes(bytes.bytes()).first(*size));
  if (!pair) return pair.error();
  return EcdhSession(std::make_unique<Impl>(std::move(*pair), info));
}

std::string EcdhSession::public_key() const { return encode_base64(impl_->keys.public_key()); }
std::string EcdhSession::private_key() const { return encode_base64(impl_->keys.private_key().bytes()); }

std::string EcdhSession::make_salt() {
  Salt salt;
  fill_random(salt);
  return encode_base64(salt);
}

std::error_code EcdhSession::derive(std::string_view peer_public_key, std::string_view salt) {
  const auto peer = read_public_key(peer_public_key);
  if (!peer) return peer.error();
  const auto salt_bytes = decode_base64(salt);
  if (!salt_bytes) return salt_bytes.error();
  auto key = impl_->keys.derive(*peer, *salt_bytes, impl_->info);
  if (!key) return key.error();
  if (impl_->key) impl_->cipher.forget(*impl_->key);
  impl_->key = std::move(*key);
  return {};
}

bool EcdhSession::has_key() const noexcept { return impl_->key.has_value(); }

Result<Payload> EcdhSession::encrypt(std::string_view plain, std::string_view additional_data) {
  if (!impl_->key) return make_error_code(Error::no_key);
  Iv iv;
  fill_random(iv);
  std::vector<std::uint8_t> sealed(plain.size() + kTagSize);
  impl_->cipher.seal(*impl_->key, iv, as_bytes(plain), sealed.data(), as_bytes(additional_data));
  return Payload{encode_base64(iv), encode_base64(sealed)};
}

Result<std::string> EcdhSession::decrypt(const Payload& payload, std::string_view additional_data) {
  if (!impl_->key) return make_error_code(Error::no_key);
  const auto iv_bytes = decode_base64(payload.iv);
  if (!iv_bytes) return iv_bytes.error();
  if (iv_bytes->size() != kIvSize) return make_error_code(Error::wrong_iv_size);
  const auto sealed = decode_base64(payload.ct);
  if (!sealed) return sealed.error();
  if (sealed->size() < kTagSize) return make_error_code(Error::ciphertext_too_short);
  Iv iv;
  std::copy_n(iv_bytes->begin(), kIvSize, iv.begin());
  std::string plain(sealed->size() - kTagSize, '\0');
  auto* out = reinterpret_cast<std::uint8_t*>(plain.data());
  if (!impl_->cipher.open(*impl_->key, iv, *sealed, out, as_bytes(additional_data))) {
    return make_error_code(Error::not_authentic);
  }
  return plain;
}

}  // namespace hearth::crypto
