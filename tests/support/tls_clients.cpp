#include "support/tls_clients.hpp"

#include <stdexcept>
#include <utility>

namespace hearth::test {

const Authority& authority() {
  static const Authority one;
  return one;
}

const TlsCertificate& loopback() {
  static const TlsCertificate one = authority().issue_for_loopback();
  return one;
}

Options with_tls(Options options) {
  if (!options.tls) options.tls = TlsOptions{.certificates = {loopback()}};
  return options;
}

Options with_client_auth(TlsClientAuth auth) {
  Options options;
  options.tls = TlsOptions{.certificates = {loopback()}, .client_ca = authority().certificate(), .client_auth = auth};
  return options;
}

TlsClientOptions trusting(TlsClientOptions options) {
  if (options.ca.empty()) options.ca = authority().certificate();
  return options;
}

TestClient connect(const TestServer& server, TlsClientOptions options) {
  TestClient client(server.address(), trusting(std::move(options)));
  client.upgrade();
  return client;
}

TestClient client_of(const TestServer& server, TlsClientOptions options) {
  TestClient client = connect(server, std::move(options));
  client.authenticate();
  return client;
}

// In TLS 1.3 a client's handshake may be done before the server has looked at its certificate; then the first answer
// tells.
std::string failure_of(const TestServer& server, TlsClientOptions options) {
  try {
    TestClient client(server.address(), trusting(std::move(options)));
    client.upgrade();
    return "it succeeded";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

std::function<void(const Message&)> echo_to(TestServer& server) {
  return [&server](const Message& message) { server->send_to_client(message.client_id, message.event, message.data); };
}

}  // namespace hearth::test
