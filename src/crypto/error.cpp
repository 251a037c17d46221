#include "hearth/crypto.hpp"

#include <string>
#include <system_error>

namespace hearth::crypto {

namespace {

class Category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "hearth.crypto"; }

  std::string message(int value) const override {
    switch (static_cast<Error>(value)) {
      case Error::invalid_base64:
        return "not base64: the standard alphabet with padding is wanted, without blanks";
      case Error::wrong_key_size:
        return "not a public key: 65 bytes are wanted, the uncompressed point on P-256";
      case Error::wrong_key_format:
        return "not a public key: its first byte must be 4, an uncompressed point";
      case Error::point_not_on_curve:
        return "not a public key: the point is not on P-256";
      case Error::invalid_private_key:
        return "not a private key: 32 bytes are wanted, a number from 1 to the order of P-256";
      case Error::wrong_iv_size:
        return "the IV is not 12 bytes";
      case Error::ciphertext_too_short:
        return "the ciphertext is shorter than its tag";
      case Error::not_authentic:
        return "the message was not encrypted with this key, or was changed";
      case Error::no_key:
        return "no key was derived yet";
    }
    return "unknown error";
  }
};

}  // namespace

const std::error_category& error_category() noexcept {
  static const Category category;
  return category;
}

}  // namespace hearth::crypto
