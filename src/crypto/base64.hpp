#pragma once

#include "hearth/crypto.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::crypto {

using Bytes = std::span<const std::uint8_t>;

inline Bytes as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Length of the base64 of so many bytes, padding included.
constexpr std::size_t base64_size(std::size_t bytes) noexcept { return (bytes + 2) / 3 * 4; }

/// Most bytes that so long a text can stand for.
constexpr std::size_t most_decoded(std::size_t text) noexcept { return text / 4 * 3; }

/// Writes base64_size(bytes.size()) characters to `out` (RFC 4648, 4: standard alphabet, padding).
void encode_base64(Bytes bytes, char* out) noexcept;
std::string encode_base64(Bytes bytes);

/// Writes what `text` stands for to `out`, which has room for most_decoded(text.size()) bytes, and returns how many
/// those are. Strict: nothing but what encode_base64 gives is taken.
Result<std::size_t> decode_base64(std::string_view text, std::uint8_t* out) noexcept;
Result<std::vector<std::uint8_t>> decode_base64(std::string_view text);

/// The same with `-` and `_` and without padding (RFC 4648, 5; RFC 7515, 2), and as strict.
std::string encode_base64url(Bytes bytes);
std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace hearth::crypto
