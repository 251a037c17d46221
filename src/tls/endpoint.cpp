#include "tls/endpoint.hpp"

#include "tls/client_certificate.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <new>
#include <utility>

namespace hearth::tls {

/// What one call reads and writes. Between calls an endpoint's BIO has none.
struct Endpoint::Exchange {
  std::string_view received;
  RecordSink& sink;
  std::exception_ptr thrown;  // by the sink; C in between knows no exceptions
};

/// Lends an exchange to the BIO for one call. Errors of calls before have been taken by then, or are cleared first
/// where SSL_get_error, which looks at them, is asked what came of the call.
class Endpoint::Call {
 public:
  Call(BIO* bio, Exchange& exchange) noexcept : bio_(bio), exchange_(exchange) { BIO_set_data(bio_, &exchange); }
  ~Call() { BIO_set_data(bio_, nullptr); }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  void check() const {
    if (!exchange_.thrown) return;
    ERR_clear_error();
    std::rethrow_exception(exchange_.thrown);
  }

 private:
  BIO* const bio_;
  const Exchange& exchange_;
};

int Endpoint::write_records(BIO* bio, const char* bytes, std::size_t size, std::size_t* written) {
  auto* exchange = static_cast<Exchange*>(BIO_get_data(bio));
  if (exchange == nullptr) return 0;
  try {
    exchange->sink.take({bytes, size});
  } catch (...) {
    exchange->thrown = std::current_exception();
    return 0;
  }
  *written = size;
  return 1;
}

int Endpoint::read_records(BIO* bio, char* bytes, std::size_t size, std::size_t* got) {
  auto* exchange = static_cast<Exchange*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (exchange == nullptr || exchange->received.empty()) {
    BIO_set_retry_read(bio);
    return 0;
  }
  *got = std::min(size, exchange->received.size());
  std::memcpy(bytes, exchange->received.data(), *got);
  exchange->received.remove_prefix(*got);
  return 1;
}

const BIO_METHOD* Endpoint::method() {
  static const auto control = [](BIO*, int command, long, void*) -> long { return command == BIO_CTRL_FLUSH ? 1 : 0; };
  static const auto create = [](BIO* bio) {
    BIO_set_init(bio, 1);
    return 1;
  };
  // As long as the process; never freed, since endpoints may be ended by what ends after everything else.
  static const BIO_METHOD* const made = [] {
    BIO_METHOD* one = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "hearth");
    if (one == nullptr) throw std::bad_alloc();
    BIO_meth_set_write_ex(one, &Endpoint::write_records);
    BIO_meth_set_read_ex(one, &Endpoint::read_records);
    BIO_meth_set_ctrl(one, +control);
    BIO_meth_set_create(one, +create);
    return one;
  }();
  return made;
}

Endpoint::Endpoint(SslPointer ssl, std::shared_ptr<const void> context)
    : context_(std::move(context)), ssl_(std::move(ssl)) {
  bio_ = BIO_new(method());
  if (bio_ == nullptr) throw std::bad_alloc();
  SSL_set_bio(ssl_.get(), bio_, bio_);  // which owns it
}

Endpoint::Progress Endpoint::shake_hands(std::string_view& received, RecordSink& sink) {
  Exchange exchange{received, sink, nullptr};
  ERR_clear_error();
  const Call call(bio_, exchange);
  const int result = SSL_do_handshake(ssl_.get());
  call.check();
  handshake_bytes_ += static_cast<std::uint32_t>(received.size() - exchange.received.size());
  received = exchange.received;
  if (result == 1) return Progress::done;
  if (SSL_get_error(ssl_.get(), result) != SSL_ERROR_WANT_READ) return Progress::failed;
  return handshake_bytes_ > kMaxHandshake ? Progress::too_long : Progress::waiting;
}

Endpoint::Result Endpoint::open(std::string_view received, std::span<char> plain, RecordSink& sink) {
  Exchange exchange{received, sink, nullptr};
  ERR_clear_error();
  const Call call(bio_, exchange);
  std::size_t size = 0;
  for (;;) {
    std::size_t got = 0;
    const int result = SSL_read_ex(ssl_.get(), plain.data() + size, plain.size() - size, &got);
    call.check();
    if (result == 1) {
      size += got;
      // Another call would say that it waits for more, having taken a buffer to read that into.
      if (exchange.received.empty() && SSL_has_pending(ssl_.get()) == 0) return {Opened::good, size};
      continue;
    }
    switch (SSL_get_error(ssl_.get(), result)) {
      case SSL_ERROR_WANT_READ:
        return {Opened::good, size};
      case SSL_ERROR_ZERO_RETURN:
        return {Opened::ended, size};
      default:
        return {Opened::failed, size};
    }
  }
}

bool Endpoint::has_ended() const noexcept { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }

bool Endpoint::seal(std::string_view plain, RecordSink& sink) {
  Exchange exchange{{}, sink, nullptr};
  const Call call(bio_, exchange);
  std::size_t written = 0;
  const int result = SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &written);
  call.check();
  return result == 1;
}

void Endpoint::end(RecordSink& sink) {
  if (SSL_is_init_finished(ssl_.get()) == 0 || (SSL_get_shutdown(ssl_.get()) & SSL_SENT_SHUTDOWN) != 0) return;
  Exchange exchange{{}, sink, nullptr};
  ERR_clear_error();
  const Call call(bio_, exchange);
  SSL_shutdown(ssl_.get());
  call.check();
  ERR_clear_error();
}

std::optional<TlsVersion> Endpoint::version() const noexcept {
  if (SSL_get_pending_cipher(ssl_.get()) == nullptr && SSL_get_current_cipher(ssl_.get()) == nullptr) {
    return std::nullopt;
  }
  return SSL_version(ssl_.get()) == TLS1_3_VERSION ? TlsVersion::tls_1_3 : TlsVersion::tls_1_2;
}

bool Endpoint::was_resumed() const noexcept { return SSL_session_reused(ssl_.get()) == 1; }

bool Endpoint::refused_certificate() const noexcept { return SSL_get_verify_result(ssl_.get()) != X509_V_OK; }

std::optional<ClientCertificate> Endpoint::client_certificate() const {
  X509* certificate = SSL_get0_peer_certificate(ssl_.get());
  if (certificate == nullptr || SSL_get_verify_result(ssl_.get()) != X509_V_OK) return std::nullopt;
  return describe(certificate);
}

}  // namespace hearth::tls
