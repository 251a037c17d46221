// TLS on the load's sockets.

#include "load/sockets.hpp"
#include "tls/client_context.hpp"
#include "tls/error.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace hearth::load {

namespace {

/// Puts records behind those that wait.
class Records final : public tls::RecordSink {
 public:
  explicit Records(std::string& waiting) noexcept : waiting_(waiting) {}
  void take(std::string_view records) override { waiting_ += records; }

 private:
  std::string& waiting_;
};

// Only names are told to the server (RFC 6066, 3).
void expect_host(SSL* ssl, const std::string& host) {
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1) return;
  SSL_set_tlsext_host_name(ssl, host.c_str());
  SSL_set1_host(ssl, host.c_str());
}

}  // namespace

SocketTls make_socket_tls(std::string host, const std::string& ca_file, bool trusts_anybody) {
  namespace ssl = boost::asio::ssl;
  const auto context = std::make_shared<ssl::context>(tls::make_client_context({.ca_file = ca_file}, ""));
  if (trusts_anybody) context->set_verify_mode(ssl::verify_none);
  return {context, std::move(host)};
}

void Sockets::begin_tls(Socket& socket) {
  tls::SslPointer ssl(SSL_new(tls_->context->native_handle()));
  if (!ssl) throw std::bad_alloc();
  SSL_set_connect_state(ssl.get());
  expect_host(ssl.get(), tls_->host);
  socket.tls = tls::Endpoint(std::move(ssl), tls_->context);
  socket.is_securing = true;
  std::string_view nothing;
  shake_hands(socket, nothing);
}

void Sockets::shake_hands(Socket& socket, std::string_view& received) {
  using Progress = tls::Endpoint::Progress;
  Records records(socket.records);
  switch (socket.tls.shake_hands(received, records)) {
    case Progress::waiting:
      return write(socket);
    case Progress::failed:
      return lose(socket, "the TLS handshake failed: " + tls::take_error("the server broke it off"));
    case Progress::too_long:
      return lose(socket, "the TLS handshake failed: the server's part of it is too long");
    case Progress::done:
      socket.is_securing = false;
      write(socket);
      events_.connected(socket);
  }
}

void Sockets::open_records(Socket& socket, std::string_view received) {
  if (socket.is_securing) shake_hands(socket, received);
  if (!socket.fd || socket.is_securing) return;
  Records records(socket.records);
  const tls::Endpoint::Result result = socket.tls.open(received, opened_, records);
  const std::string why = result.status == tls::Endpoint::Opened::failed ? tls::take_error() : std::string();
  if (result.size > 0) events_.received(socket, {opened_.data(), result.size});
  if (!socket.fd || result.status == tls::Endpoint::Opened::good) return;
  lose(socket, why.empty() ? "the server has closed the connection" : "TLS failed: " + why);
}

// False: it is lost.
bool Sockets::seal(Socket& socket) {
  if (socket.is_securing) return true;
  Records records(socket.records);
  for (std::string_view rest = socket.out; !rest.empty();) {
    const std::string_view plain = rest.substr(0, tls::kMaxRecord);
    if (!socket.tls.seal(plain, records)) {
      lose(socket, "TLS failed: " + tls::take_error());
      return false;
    }
    rest.remove_prefix(plain.size());
  }
  socket.out.clear();
  return true;
}

}  // namespace hearth::load
