#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hearth::tls {

/// What comes of a handshake with a client.
enum class HandshakeOutcome : std::uint8_t {
  success,
  protocol_version,    ///< it speaks no version that is spoken here
  no_shared_cipher,    ///< nor any cipher, group or kind of signature
  no_shared_protocol,  ///< by ALPN, it wants something other than HTTP/1.1
  client_certificate,  ///< its certificate is missing or is not good
  server_certificate,  ///< it says that ours is not good
  not_tls,             ///< it speaks something else
  timeout,
  closed,  ///< the connection ended before
  other,
};
inline constexpr std::size_t kHandshakeOutcomes = 10;

/// The enumerator's name.
std::string_view name_of(HandshakeOutcome outcome) noexcept;

/// Why a handshake has failed, by what OpenSSL says of the last failure on this thread, which stays to be taken by
/// `take_error`.
HandshakeOutcome handshake_failure() noexcept;

}  // namespace hearth::tls
