#pragma once

#include "hearth/tls.hpp"
#include "support/patience.hpp"
#include "tls/pointers.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::test {

using TlsTicket = std::unique_ptr<SSL_SESSION, tls::OpenSslFree<SSL_SESSION_free>>;

/// How a client speaks TLS.
struct TlsClientOptions {
  std::string ca{};                             ///< PEM, whom it trusts; empty: anybody
  std::string host{};                           ///< which it names and verifies; empty: none
  std::optional<TlsCertificate> certificate{};  ///< its own, in PEM
  int version = 0;                              ///< TLS1_2_VERSION or TLS1_3_VERSION; 0: either
  std::string ciphers{};                        ///< of TLS 1.2
  std::vector<std::string> protocols{};         ///< ALPN
  SSL_SESSION* resumes = nullptr;
};

/// The client's end of TLS, by OpenSSL, over a socket that somebody else owns.
class TlsSocket {
 public:
  /// Shakes hands. Throws std::runtime_error with what OpenSSL says.
  TlsSocket(int fd, const TlsClientOptions& options);

  /// As write_all and read_some.
  bool write_all(std::string_view bytes);
  bool read_some(std::string& bytes, const Deadline& deadline);
  /// Says that nothing more comes (close_notify).
  void end();

  /// The end came with a close_notify.
  bool ended_cleanly() const { return ended_cleanly_; }
  std::string protocol() const;  ///< by ALPN
  std::string version() const { return SSL_get_version(ssl_.get()); }
  std::string cipher() const { return SSL_get_cipher_name(ssl_.get()); }
  bool was_resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
  /// The common name of the server's certificate.
  std::string server() const;
  /// For a later connection.
  TlsTicket ticket() const { return TlsTicket(SSL_get1_session(ssl_.get())); }
  SSL* native() { return ssl_.get(); }

 private:
  /// Whether the call that returned `result` is to be made again.
  bool goes_on(int result, const Deadline& deadline, const char* what);

  int fd_;
  tls::SslContextPointer context_;
  tls::SslPointer ssl_;
  bool ended_cleanly_ = false;
};

}  // namespace hearth::test
