#pragma once

#include <boost/asio/ssl/context.hpp>

#include <string>

namespace hearth::tls {

/// Whom a client trusts, and who it is.
struct ClientContextOptions {
  std::string ca_file{};           ///< PEM; empty: the system's authorities
  std::string certificate_file{};  ///< PEM, the client's own, with its chain; empty: none
  std::string key_file{};          ///< PEM
};

/// What Asio's clients of TLS speak it with; servers have to be verified. `prefix` goes before the option's name in the
/// message of the std::invalid_argument that is thrown if a file is bad: `hearth: Redis options: tls.`.
boost::asio::ssl::context make_client_context(const ClientContextOptions& options, const std::string& prefix);

}  // namespace hearth::tls
