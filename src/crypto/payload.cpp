#include "crypto/payload.hpp"

#include "protocol/json.hpp"

#include <algorithm>

namespace hearth::crypto {

namespace {

// What is kept from one message to the next.
constexpr std::size_t kKeptScratch = std::size_t{64} * 1024;

}  // namespace

Result<Sealed> PayloadReader::read(std::string_view data) {
  std::string_view iv_json;
  std::string_view ct_json;
  if (protocol::is_object(data)) {
    for (protocol::ObjectCursor at(data); at.next();) {
      if (protocol::equals(at.key(), "iv")) iv_json = at.value();
      if (protocol::equals(at.key(), "ct")) ct_json = at.value();
    }
  }
  if (!protocol::is_string(iv_json) || !protocol::is_string(ct_json)) return make_error_code(Error::invalid_base64);

  const std::string_view iv_text = protocol::unescape(iv_json, scratch_);
  Sealed sealed;
  if (iv_text.size() != base64_size(kIvSize)) return make_error_code(Error::wrong_iv_size);
  const auto iv_size = decode_base64(iv_text, sealed.iv.data());
  if (!iv_size) return iv_size.error();
  if (*iv_size != kIvSize) return make_error_code(Error::wrong_iv_size);

  const std::string_view ct_text = protocol::unescape(ct_json, scratch_);
  if (ciphertext_.size() > kKeptScratch) {
    ciphertext_.clear();
    ciphertext_.shrink_to_fit();
  }
  if (ciphertext_.size() < most_decoded(ct_text.size())) ciphertext_.resize(most_decoded(ct_text.size()));
  const auto ct_size = decode_base64(ct_text, ciphertext_.data());
  if (!ct_size) return ct_size.error();
  if (*ct_size < kTagSize) return make_error_code(Error::ciphertext_too_short);
  sealed.ciphertext = Bytes(ciphertext_).first(*ct_size);
  return sealed;
}

}  // namespace hearth::crypto
