#pragma once

#include <openssl/crypto.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace hearth::crypto {

/// Bytes that are wiped from memory when they go. Not copied, so that there is only one place to wipe.
template <std::size_t size>
class Secret {
 public:
  Secret() = default;
  Secret(Secret&& other) noexcept : bytes_(other.bytes_) { other.wipe(); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      bytes_ = other.bytes_;
      other.wipe();
    }
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(); }

  std::uint8_t* data() noexcept { return bytes_.data(); }
  const std::uint8_t* data() const noexcept { return bytes_.data(); }
  const std::array<std::uint8_t, size>& bytes() const noexcept { return bytes_; }
  void wipe() noexcept { OPENSSL_cleanse(bytes_.data(), size); }

 private:
  std::array<std::uint8_t, size> bytes_{};
};

/// A key of AES-256.
using AesKey = Secret<32>;

}  // namespace hearth::crypto
