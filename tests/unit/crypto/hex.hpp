#pragma once

#include "crypto/base64.hpp"
#include "crypto/secret.hpp"

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::test {

/// Bytes as test vectors spell them.
inline std::vector<std::uint8_t> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) throw std::invalid_argument("half a byte");
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

inline std::string to_hex(crypto::Bytes bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

template <class Array>
Array array_of(std::string_view hex) {
  const auto bytes = from_hex(hex);
  Array array{};
  if (bytes.size() != array.size()) throw std::invalid_argument("another size");
  std::copy(bytes.begin(), bytes.end(), array.begin());
  return array;
}

inline crypto::AesKey key_of(std::string_view hex) {
  const auto bytes = from_hex(hex);
  crypto::AesKey key;
  if (bytes.size() != key.bytes().size()) throw std::invalid_argument("another size");
  std::copy(bytes.begin(), bytes.end(), key.data());
  return key;
}

}  // namespace hearth::test
