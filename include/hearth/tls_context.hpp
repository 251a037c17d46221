#pragma once

#include "hearth/export.hpp"
#include "hearth/tls.hpp"

#include <memory>

struct ssl_st;  // OpenSSL calls it SSL

namespace hearth {

namespace tls {
class ServerContext;
}

/// TLS as a Server speaks it, for what a program serves beside one over sockets of its own: the same versions and
/// ciphers, certificates chosen by the host that is named, tickets, certificates of clients (docs/tls.md). It never
/// changes: certificates are read anew by making another. Copies are cheap, and the same. From any thread.
class HEARTH_API TlsContext {
 public:
  /// Reads the certificates. Throws std::invalid_argument, as a Server does, if they are not good.
  explicit TlsContext(const TlsOptions& options);

  /// The server's end of a new connection, which the caller owns (SSL_free), and which holds on to what it needs of
  /// this; for `boost::asio::ssl::stream`, for instance. Throws std::bad_alloc.
  ssl_st* make() const;

 private:
  std::shared_ptr<const tls::ServerContext> context_;
};

}  // namespace hearth
