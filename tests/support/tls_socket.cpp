#include "support/tls_socket.hpp"

#include "tls/error.hpp"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <poll.h>

#include <array>
#include <stdexcept>

namespace hearth::test {

namespace {

void demand(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("TLS client: ") + what + ": " + tls::take_error());
}

tls::BioPointer over(const std::string& text) {
  return tls::BioPointer(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

tls::X509Pointer certificate_in(const std::string& pem) {
  return tls::X509Pointer(PEM_read_bio_X509(over(pem).get(), nullptr, nullptr, nullptr));
}

void trust(SSL_CTX* context, const std::string& pem) {
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate_in(pem).get());
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
}

void show(SSL_CTX* context, const TlsCertificate& own) {
  const tls::PkeyPointer key(PEM_read_bio_PrivateKey(over(own.key).get(), nullptr, nullptr, nullptr));
  demand(SSL_CTX_use_certificate(context, certificate_in(own.certificate).get()) == 1, "certificate");
  demand(SSL_CTX_use_PrivateKey(context, key.get()) == 1, "key");
}

}  // namespace

TlsSocket::TlsSocket(int fd, const TlsClientOptions& options) : fd_(fd), context_(SSL_CTX_new(TLS_client_method())) {
  SSL_CTX* context = context_.get();
  if (!options.ca.empty()) trust(context, options.ca);
  if (options.certificate) show(context, *options.certificate);
  if (options.version != 0) {
    SSL_CTX_set_min_proto_version(context, options.version);
    SSL_CTX_set_max_proto_version(context, options.version);
  }
  SSL_CTX_set_security_level(context, 0);  // a client may ask for what the server has to refuse
  if (!options.ciphers.empty()) demand(SSL_CTX_set_cipher_list(context, options.ciphers.c_str()) == 1, "ciphers");
  ssl_.reset(SSL_new(context));
  SSL* ssl = ssl_.get();
  if (!options.host.empty()) {
    SSL_set_tlsext_host_name(ssl, options.host.c_str());
    SSL_set1_host(ssl, options.host.c_str());
  }
  std::string protocols;
  for (const std::string& protocol : options.protocols) protocols += static_cast<char>(protocol.size()) + protocol;
  if (!protocols.empty()) {
    SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(protocols.data()),
                        static_cast<unsigned>(protocols.size()));
  }
  if (options.resumes != nullptr) SSL_set_session(ssl, options.resumes);
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  SSL_set_fd(ssl, fd);
  const Deadline deadline;
  int result = 0;
  do {
    ERR_clear_error();
    result = SSL_connect(ssl);
  } while (result != 1 && goes_on(result, deadline, "the handshake"));
  demand(result == 1, "the handshake failed");
}

bool TlsSocket::goes_on(int result, const Deadline& deadline, const char* what) {
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_ZERO_RETURN) ended_cleanly_ = true;
  // The end without a word is no failure of TLS; whoever looks for that asks `ended_cleanly`.
  const bool is_end = ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
  if (error == SSL_ERROR_SSL && !is_end) throw std::runtime_error("TLS client: " + tls::take_error());
  if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return false;
  pollfd ready{fd_, static_cast<short>(error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT), 0};
  if (::poll(&ready, 1, deadline.milliseconds_left()) != 0) return true;
  throw std::runtime_error(std::string("TLS client: waited in vain for ") + what);
}

bool TlsSocket::write_all(std::string_view bytes) {
  const Deadline deadline;
  while (!bytes.empty()) {
    ERR_clear_error();
    std::size_t written = 0;
    const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written);
    if (result == 1) {
      bytes.remove_prefix(written);
    } else if (!goes_on(result, deadline, "the server to read")) {
      return false;
    }
  }
  return true;
}

bool TlsSocket::read_some(std::string& bytes, const Deadline& deadline) {
  std::array<char, std::size_t{16} * 1024> buffer;
  for (;;) {
    ERR_clear_error();
    std::size_t got = 0;
    const int result = SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &got);
    if (result == 1) {
      bytes.append(buffer.data(), got);
      return true;
    }
    if (!goes_on(result, deadline, "bytes from the server")) return false;
  }
}

void TlsSocket::end() { SSL_shutdown(ssl_.get()); }

std::string TlsSocket::protocol() const {
  const unsigned char* name = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &length);
  return {reinterpret_cast<const char*>(name), length};
}

std::string TlsSocket::server() const {
  std::array<char, 256> name{};
  X509_NAME_get_text_by_NID(X509_get_subject_name(SSL_get0_peer_certificate(ssl_.get())), NID_commonName, name.data(),
                            static_cast<int>(name.size()));
  return name.data();
}

}  // namespace hearth::test
