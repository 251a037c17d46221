#pragma once

#include "crypto/aes_gcm.hpp"
#include "crypto/base64.hpp"
#include "hearth/crypto.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::crypto {

/// The `data` of an `encrypted` event, decoded. Good until the reader's next call.
struct Sealed {
  Iv iv;
  Bytes ciphertext;  ///< with the tag, so at least kTagSize bytes
};

/// Reads `{"iv":<base64>,"ct":<base64>}`. Reused from message to message, so that reading allocates nothing.
class PayloadReader {
 public:
  /// `data` is valid JSON. Keys in any order, unknown ones ignored, the last of a repeated one counts; what is no such
  /// object is Error::invalid_base64.
  Result<Sealed> read(std::string_view data);

 private:
  std::vector<std::uint8_t> ciphertext_;
  std::string scratch_;
};

}  // namespace hearth::crypto
