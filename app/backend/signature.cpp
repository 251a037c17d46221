#include "backend/signature.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace hearth::app {

namespace {

constexpr std::string_view kPrefix = "whsec_";
constexpr std::size_t kHash = 32;  // bytes of SHA-256

std::string decode_base64(std::string_view given) {
  std::string text(given.substr(0, given.find_last_not_of('=') + 1));
  const std::size_t bytes = text.size() * 3 / 4;
  text.resize((text.size() + 3) / 4 * 4, '=');  // OpenSSL wants the padding, and counts it
  std::string decoded(text.size() / 4 * 3, '\0');
  const int length =
      ::EVP_DecodeBlock(reinterpret_cast<unsigned char*>(decoded.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (length < 0) throw std::invalid_argument("what follows whsec_ in a secret is no base64");
  decoded.resize(bytes);
  return decoded;
}

std::string hmac_in_base64(const std::string& key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  const unsigned char* made =
      ::HMAC(::EVP_sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash.data(), nullptr);
  if (made == nullptr) throw std::runtime_error("OpenSSL cannot make an HMAC");
  std::array<unsigned char, (kHash + 2) / 3 * 4 + 1> base64{};
  const int length = ::EVP_EncodeBlock(base64.data(), hash.data(), kHash);
  return {reinterpret_cast<const char*>(base64.data()), static_cast<std::size_t>(length)};
}

}  // namespace

WebhookSigner::WebhookSigner(const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) {
    const bool is_coded = secret.starts_with(kPrefix);
    keys_.push_back(is_coded ? decode_base64(std::string_view(secret).substr(kPrefix.size())) : secret);
  }
}

std::string WebhookSigner::sign(std::string_view id, std::int64_t timestamp, std::string_view body) const {
  std::string signed_text(id);
  signed_text.append(".").append(std::to_string(timestamp)).append(".").append(body);
  std::string signatures;
  for (const std::string& key : keys_) {
    signatures.append(signatures.empty() ? "v1," : " v1,").append(hmac_in_base64(key, signed_text));
  }
  return signatures;
}

}  // namespace hearth::app
