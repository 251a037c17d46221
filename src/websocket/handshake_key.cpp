#include "websocket/handshake.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace hearth::websocket {
namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455, 1.3
constexpr std::size_t kSha1Length = 20;

using Sha1 = std::array<unsigned char, kSha1Length>;

Sha1 sha1(std::string_view text) {
  // Looking the algorithm up costs more than running it once.
  static const std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> algorithm(EVP_MD_fetch(nullptr, "SHA1", nullptr),
                                                                         &EVP_MD_free);
  Sha1 digest;
  if (!algorithm || EVP_Digest(text.data(), text.size(), digest.data(), nullptr, algorithm.get(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL cannot compute SHA-1, which the WebSocket handshake needs");
  }
  return digest;
}

/// Base64 of up to 20 bytes.
std::string base64(std::span<const unsigned char> bytes) {
  std::array<unsigned char, 32> text;
  const int length = EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(bytes.size()));
  return {text.begin(), text.begin() + length};
}

}  // namespace

std::string accept_token(std::string_view key) {
  std::string text(key);
  text += kGuid;
  return base64(sha1(text));
}

std::string random_key() {
  std::array<unsigned char, 16> bytes;
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw std::runtime_error("OpenSSL has no random bytes for a WebSocket key");
  }
  return base64(bytes);
}

}  // namespace hearth::websocket
