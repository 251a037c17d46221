#pragma once

#include "remote/api_place.hpp"

#include <boost/asio/ssl/context.hpp>

#include <openssl/ssl.h>

#include <optional>
#include <string>

namespace hearth::app {

/// How an API that speaks TLS proves what it is, and whoever asks it.
struct ApiTrust {
  /// PEM file of who may have signed its certificate; nothing: those whom the system trusts.
  std::optional<std::string> authorities{};
  /// PEM file with the certificate that is shown to it, and its key; nothing: none.
  std::optional<std::string> certificate{};
  /// False: whatever certificate it shows is good.
  bool is_checked = true;
};

/// Throws UsageError if one of the files is of no use.
boost::asio::ssl::context context_of(const ApiTrust& trust);

/// Before the handshake: which host is meant, and has to be that of the certificate. Throws std::bad_alloc.
void expect_host(SSL* ssl, const ApiPlace& place);

/// After a handshake that failed: why the certificate is not good; empty if that was not the reason.
std::string distrust(SSL* ssl);

}  // namespace hearth::app
