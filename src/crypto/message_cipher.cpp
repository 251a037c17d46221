#include "crypto/message_cipher.hpp"

#include <algorithm>

namespace hearth::crypto {

namespace {

constexpr std::string_view kBeforeIv = R"({"event":"encrypted","data":{"iv":")";
constexpr std::string_view kBeforeCiphertext = R"(","ct":")";
constexpr std::string_view kEnd = R"("}})";

// A buffer that had to hold more than this for one message gives it back.
constexpr std::size_t kKeptCapacity = std::size_t{256} * 1024;

/// Makes room for `size`; what is there after that is of no use. Growing fills, so it is not done again and again.
template <class Buffer>
void make_room(Buffer& buffer, std::size_t size) {
  if (buffer.size() > kKeptCapacity && size <= kKeptCapacity) {
    buffer.clear();
    buffer.shrink_to_fit();
  }
  if (buffer.size() < size) buffer.resize(std::max(size, buffer.size() * 2));
}

char* put(char* at, std::string_view text) noexcept { return std::copy(text.begin(), text.end(), at); }

}  // namespace

ClientKey::~ClientKey() { cipher_.cipher_.forget(key_); }

const Iv& ClientKey::next_iv() noexcept {
  for (std::size_t i = iv_.size(); i-- > 0;) {
    if (++iv_[i] != 0) break;
  }
  return iv_;
}

// The IVs that were given out are the last `sealed_` ones up to `iv_`, counted modulo 2^96.
bool ClientKey::is_own(const Iv& iv) const noexcept {
  std::uint64_t distance = 0;  // from `iv` up to `iv_`
  bool is_far = false;
  int borrow = 0;
  for (std::size_t i = iv_.size(); i-- > 0;) {
    const int digit = iv_[i] - iv[i] - borrow;
    borrow = digit < 0 ? 1 : 0;
    const auto byte = static_cast<std::uint64_t>(digit & 0xff);
    const std::size_t place = iv_.size() - 1 - i;
    if (place < sizeof distance) {
      distance |= byte << (8 * place);
    } else {
      is_far = is_far || byte != 0;
    }
  }
  return !is_far && distance < sealed_;
}

std::size_t MessageCipher::sealed_size(std::size_t message) noexcept {
  return kBeforeIv.size() + base64_size(kIvSize) + kBeforeCiphertext.size() + base64_size(message + kTagSize) +
         kEnd.size();
}

std::string_view MessageCipher::seal(ClientKey& key, std::string_view message) {
  const Iv& iv = key.next_iv();
  const std::size_t size = sealed_size(message.size());
  make_room(ciphertext_, message.size() + kTagSize);
  make_room(sealed_, size);
  cipher_.seal(key.key_, iv, as_bytes(message), ciphertext_.data());
  ++key.used_;
  ++key.sealed_;

  char* at = put(sealed_.data(), kBeforeIv);
  encode_base64(iv, at);
  at = put(at + base64_size(kIvSize), kBeforeCiphertext);
  const Bytes ciphertext = Bytes(ciphertext_).first(message.size() + kTagSize);
  encode_base64(ciphertext, at);
  put(at + base64_size(ciphertext.size()), kEnd);
  return std::string_view(sealed_).substr(0, size);
}

Result<std::string_view> MessageCipher::open(ClientKey& key, std::string_view data) {
  const auto sealed = reader_.read(data);
  if (!sealed) return sealed.error();
  ++key.used_;
  if (key.is_own(sealed->iv)) return make_error_code(Error::not_authentic);
  const std::size_t size = sealed->ciphertext.size() - kTagSize;
  make_room(opened_, size);
  auto* out = reinterpret_cast<std::uint8_t*>(opened_.data());
  if (!cipher_.open(key.key_, sealed->iv, sealed->ciphertext, out)) return make_error_code(Error::not_authentic);
  key.failures_ = 0;
  return std::string_view(opened_).substr(0, size);
}

}  // namespace hearth::crypto
