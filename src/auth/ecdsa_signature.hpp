#pragma once

#include "auth/algorithms.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace hearth::auth {

/// The order of the group of an ECDSA algorithm, big endian, as long as a coordinate. Throws std::runtime_error if
/// OpenSSL fails.
std::string group_order(const AlgorithmTraits& algorithm);

/// Makes DER, which OpenSSL takes, of r and s side by side (RFC 7518, 3.4). Nothing if the length is wrong, or a number
/// is not from 1 to the order less 1.
std::optional<std::string> ecdsa_to_der(std::string_view signature, std::string_view order);

/// The way back. Nothing if OpenSSL has no memory.
std::optional<std::string> ecdsa_from_der(std::string_view der, const AlgorithmTraits& algorithm);

}  // namespace hearth::auth
