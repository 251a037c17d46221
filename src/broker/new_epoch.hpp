#pragma once

#include "crypto/random.hpp"
#include "hearth/publication.hpp"

#include <array>
#include <cstdint>

namespace hearth::broker {

/// Random. Throws what crypto::fill_random throws.
inline Epoch new_epoch() {
  constexpr int kByteBits = 8;
  std::array<std::uint8_t, 6> bytes{};
  Epoch epoch;
  while (!epoch) {
    crypto::fill_random(bytes);
    for (const std::uint8_t byte : bytes) epoch.bits = epoch.bits << kByteBits | byte;
  }
  return epoch;
}

}  // namespace hearth::broker
