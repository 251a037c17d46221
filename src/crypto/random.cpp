#include "crypto/random.hpp"

#include <openssl/rand.h>

#include <stdexcept>

namespace hearth::crypto {

void fill_random(std::span<std::uint8_t> out) {
  if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1) {
    throw std::runtime_error("hearth: OpenSSL has no random bytes to give");
  }
}

}  // namespace hearth::crypto
