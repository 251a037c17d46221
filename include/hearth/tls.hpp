#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hearth {

/// A certificate and its key. Each is PEM text, or the path of a PEM file; what has `-----BEGIN ` in it is text.
struct TlsCertificate {
  std::string certificate{};  ///< the server's own first, then those that lead to the authority (`fullchain.pem`)
  std::string key{};          ///< not encrypted
};

enum class TlsVersion : std::uint8_t { tls_1_2, tls_1_3 };

/// Whether clients are asked for a certificate.
enum class TlsClientAuth : std::uint8_t {
  off,
  optional,  ///< who has none may connect; one that is bad ends the handshake
  required,
};

/// TLS on every address that a server listens on (docs/tls.md).
struct TlsOptions {
  /// At least one. The first is for clients that name no host or one that no certificate is for; the others are chosen
  /// by the host that the client names (SNI, RFC 6066, 3), from their subject alternative names.
  std::vector<TlsCertificate> certificates{};
  TlsVersion min_version{TlsVersion::tls_1_2};
  /// Authorities of client certificates, PEM text or the path of a PEM file.
  std::string client_ca{};
  TlsClientAuth client_auth{TlsClientAuth::off};  ///< other than `off` needs `client_ca`
};

/// A client's certificate, which an authority of `TlsOptions::client_ca` vouches for.
struct ClientCertificate {
  std::string subject;             ///< `CN=ann,O=Example` (RFC 4514)
  std::vector<std::string> names;  ///< its alternative names: `DNS:…`, `email:…`, `URI:…`, `IP:…`
  std::string fingerprint;         ///< SHA-256 of the certificate, 64 hexadecimal digits in lower case
  bool operator==(const ClientCertificate&) const = default;
};

}  // namespace hearth
