#pragma once

#include <cstdint>
#include <span>

namespace hearth::crypto {

/// Fills `out` from OpenSSL's generator. Throws std::runtime_error if that has nothing to give.
void fill_random(std::span<std::uint8_t> out);

}  // namespace hearth::crypto
