#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hearth::tls {

/// Most bytes of a PEM file.
inline constexpr std::size_t kMaxPem = std::size_t{1024} * 1024;

/// PEM text and where it is from.
struct Pem {
  std::string text;
  std::string origin;  ///< "`/etc/hearth/key.pem`", or "the PEM text", for messages
};

/// `value` is text if `-----BEGIN ` is in it, otherwise the path of a file, which is read. `what` is for the message of
/// the std::invalid_argument that is thrown if it can't be: `certificates[0].key`.
Pem read_pem(const std::string& value, std::string_view what);

/// Throws std::invalid_argument with `hearth: tls: ` before it.
[[noreturn]] void refuse(const std::string& why);

}  // namespace hearth::tls
