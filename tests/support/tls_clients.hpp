#pragma once

#include "support/authority.hpp"
#include "support/test_server.hpp"
#include "support/tls_socket.hpp"

#include <functional>
#include <string>

namespace hearth::test {

/// Whom all clients of a process trust.
const Authority& authority();
/// What it has issued for a server on 127.0.0.1.
const TlsCertificate& loopback();

/// With that certificate, unless the options have another.
Options with_tls(Options options = {});
/// Which asks clients for a certificate of the same authority.
Options with_client_auth(TlsClientAuth auth);
/// Sends back what clients send.
std::function<void(const Message&)> echo_to(TestServer& server);

/// A client that trusts the authority.
TlsClientOptions trusting(TlsClientOptions options = {});
/// One that has upgraded.
TestClient connect(const TestServer& server, TlsClientOptions options = {});
/// One that has authenticated.
TestClient client_of(const TestServer& server, TlsClientOptions options = {});
/// What OpenSSL's client says of a handshake that must fail.
std::string failure_of(const TestServer& server, TlsClientOptions options = {});

}  // namespace hearth::test
