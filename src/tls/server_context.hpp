#pragma once

#include "guard/guarded.hpp"
#include "hearth/tls.hpp"
#include "tls/host_names.hpp"
#include "tls/pointers.hpp"
#include "tls/ticket_keys.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace hearth::tls {

/// How a server speaks TLS: its certificates, and what it asks of clients. Never changes; new certificates are a new
/// one. From any thread.
class ServerContext {
 public:
  /// Reads files. Throws std::invalid_argument, which names what is wrong, and what would be right.
  ServerContext(const TlsOptions& options, std::shared_ptr<TicketKeys> tickets);
  ServerContext(const ServerContext&) = delete;
  ServerContext& operator=(const ServerContext&) = delete;

  /// A server's end of a connection. Throws std::bad_alloc.
  SslPointer make_ssl() const;

 private:
  static int choose_certificate(SSL* ssl, int* alert, void* self);
  static int use_ticket_key(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
                            int encrypting);
  void add(const TlsOptions& options, std::size_t number);
  void ask_for_certificates(SSL_CTX* context, const TlsOptions& options);

  const std::shared_ptr<TicketKeys> tickets_;
  std::vector<SslContextPointer> contexts_;  // one a certificate, the first is the default
  HostNames names_;                          // to places in contexts_
};

/// The ServerContext in use, which new connections take. From any thread.
class CurrentContext {
 public:
  explicit CurrentContext(const TlsOptions& options)
      : context_(std::make_shared<const ServerContext>(options, tickets_)) {}

  std::shared_ptr<const ServerContext> get() const {
    const auto context = context_.lock();
    return *context;
  }
  /// Puts another in its place, or throws as ServerContext does, and nothing has changed.
  void replace(const TlsOptions& options) {
    auto next = std::make_shared<const ServerContext>(options, tickets_);
    context_.lock()->swap(next);
  }

 private:
  const std::shared_ptr<TicketKeys> tickets_ = std::make_shared<TicketKeys>();
  Guarded<std::shared_ptr<const ServerContext>> context_;
};

}  // namespace hearth::tls
