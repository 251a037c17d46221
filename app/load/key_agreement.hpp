#pragma once

#include "crypto/key_agreement.hpp"
#include "crypto/message_cipher.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace hearth::load {

/// The clients' half of the key agreement (docs/encryption.md). One key pair is for all of them: the server makes one a
/// client, which is what is to be measured.
class KeyAgreement {
 public:
  KeyAgreement();

  /// Base64, as clients give it.
  const std::string& public_key() const noexcept { return public_key_; }
  /// The key shared with a server that has answered so, both in base64, to be used with `cipher`.
  crypto::Result<std::unique_ptr<crypto::ClientKey>> derive(std::string_view server_public_key, std::string_view salt,
                                                            crypto::MessageCipher& cipher) const;

 private:
  crypto::KeyPair key_pair_;
  std::string public_key_;
};

}  // namespace hearth::load
