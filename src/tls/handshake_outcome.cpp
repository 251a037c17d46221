#include "tls/handshake_outcome.hpp"

#include "tls/error.hpp"

#include <openssl/err.h>
#include <openssl/sslerr.h>

namespace hearth::tls {

std::string_view name_of(HandshakeOutcome outcome) noexcept {
  switch (outcome) {
    case HandshakeOutcome::success:
      return "success";
    case HandshakeOutcome::protocol_version:
      return "protocol_version";
    case HandshakeOutcome::no_shared_cipher:
      return "no_shared_cipher";
    case HandshakeOutcome::no_shared_protocol:
      return "no_shared_protocol";
    case HandshakeOutcome::client_certificate:
      return "client_certificate";
    case HandshakeOutcome::server_certificate:
      return "server_certificate";
    case HandshakeOutcome::not_tls:
      return "not_tls";
    case HandshakeOutcome::timeout:
      return "timeout";
    case HandshakeOutcome::closed:
      return "closed";
    case HandshakeOutcome::other:
      break;
  }
  return "other";
}

HandshakeOutcome handshake_failure() noexcept {
  const unsigned long code = last_error();
  if (ERR_GET_LIB(code) != ERR_LIB_SSL) return HandshakeOutcome::other;
  switch (ERR_GET_REASON(code)) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_INAPPROPRIATE_FALLBACK:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
      return HandshakeOutcome::protocol_version;
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_SHARED_GROUPS:
    case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
    case SSL_R_NO_SUITABLE_GROUPS:
    case SSL_R_NO_SUITABLE_KEY_SHARE:
      return HandshakeOutcome::no_shared_cipher;
    case SSL_R_NO_APPLICATION_PROTOCOL:
      return HandshakeOutcome::no_shared_protocol;
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
      return HandshakeOutcome::client_certificate;
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_DECRYPT_ERROR:  // it has an authority of that name, which has not signed it
      return HandshakeOutcome::server_certificate;
    default:
      return HandshakeOutcome::other;
  }
}

}  // namespace hearth::tls
