#include "load/key_agreement.hpp"

#include "crypto/base64.hpp"
#include "crypto/random.hpp"

#include <utility>

namespace hearth::load {

KeyAgreement::KeyAgreement()
    : key_pair_(crypto::KeyPair::generate()), public_key_(crypto::encode_base64(key_pair_.public_key())) {}

crypto::Result<std::unique_ptr<crypto::ClientKey>> KeyAgreement::derive(std::string_view server_public_key,
                                                                        std::string_view salt,
                                                                        crypto::MessageCipher& cipher) const {
  const auto server_key = crypto::read_public_key(server_public_key);
  if (!server_key) return server_key.error();
  const auto salt_bytes = crypto::decode_base64(salt);
  if (!salt_bytes) return salt_bytes.error();
  auto key = key_pair_.derive(*server_key, *salt_bytes, crypto::kDefaultInfo);
  if (!key) return key.error();
  crypto::Iv first_iv;
  crypto::fill_random(first_iv);
  return std::make_unique<crypto::ClientKey>(std::move(*key), first_iv, cipher);
}

}  // namespace hearth::load
