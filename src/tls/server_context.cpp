#include "tls/server_context.hpp"

#include "tls/certificate.hpp"
#include "tls/error.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hearth::tls {

namespace {

// TLS 1.2: forward secrecy and AEAD, nothing else (RFC 9325, 4.2). TLS 1.3 has nothing else.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr const char* kCipherSuites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* kGroups = "X25519:P-256:P-384";

// What a chain of a client's may have in bytes; endpoint.hpp bounds what all of its handshake may.
constexpr long kMaxClientChain = 24L * 1024;

constexpr std::string_view kHttp11 = "http/1.1";

void demand(bool done, const char* what) {
  if (!done) refuse(std::string("OpenSSL cannot ") + what + ": " + take_error());
}

// ALPN (RFC 7301): one who offers protocols, but not this one, would not understand what comes.
int choose_protocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_length, const unsigned char* offered,
                    unsigned length, void* /*nothing*/) {
  for (std::span<const unsigned char> rest(offered, length); !rest.empty();) {
    const std::size_t size = rest[0];
    if (size >= rest.size()) break;
    const auto name = rest.subspan(1, size);
    if (std::equal(name.begin(), name.end(), kHttp11.begin(), kHttp11.end())) {
      *out = name.data();
      *out_length = static_cast<unsigned char>(size);
      return SSL_TLSEXT_ERR_OK;
    }
    rest = rest.subspan(1 + size);
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

SslContextPointer make_context(TlsVersion min_version) {
  SslContextPointer context(SSL_CTX_new(TLS_server_method()));
  demand(context != nullptr, "make a context");
  SSL_CTX* ctx = context.get();
  const int least = min_version == TlsVersion::tls_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
  demand(SSL_CTX_set_min_proto_version(ctx, least) == 1, "set the least version");
  demand(SSL_CTX_set_cipher_list(ctx, kCiphers) == 1, "set the ciphers of TLS 1.2");
  demand(SSL_CTX_set_ciphersuites(ctx, kCipherSuites) == 1, "set the ciphers of TLS 1.3");
  demand(SSL_CTX_set1_groups_list(ctx, kGroups) == 1, "set the groups");
  SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                               SSL_OP_PRIORITIZE_CHACHA);
  // A connection at rest holds no buffers; sessions are kept by the clients alone.
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, nullptr);
  return context;
}

void use(SSL_CTX* context, const Certificate& certificate, const std::string& what) {
  const auto check = [&](bool done) {
    if (!done) refuse(what + ": OpenSSL does not take the certificate: " + take_error());
  };
  ERR_clear_error();
  check(SSL_CTX_use_certificate(context, certificate.own.get()) == 1);
  for (const X509Pointer& one : certificate.chain) check(SSL_CTX_add1_chain_cert(context, one.get()) == 1);
  // A chain of its own alone, not one looked for among the authorities of the clients.
  SSL_CTX_set_mode(context, SSL_MODE_NO_AUTO_CHAIN);
  check(SSL_CTX_use_PrivateKey(context, certificate.key.get()) == 1);
}

}  // namespace

ServerContext::ServerContext(const TlsOptions& options, std::shared_ptr<TicketKeys> tickets)
    : tickets_(std::move(tickets)) {
  if (options.certificates.empty()) refuse("certificates is empty; a server needs at least one");
  const bool asks = options.client_auth != TlsClientAuth::off;
  if (asks && options.client_ca.empty()) {
    refuse("client_auth asks clients for a certificate, but client_ca does not say which authorities are trusted");
  }
  if (!asks && !options.client_ca.empty()) {
    refuse(
        "client_ca is given, but client_auth is off, so that no client would be asked; set it to optional or "
        "required");
  }
  for (std::size_t i = 0; i < options.certificates.size(); ++i) add(options, i);
}

void ServerContext::add(const TlsOptions& options, std::size_t number) {
  const std::string what = "certificates[" + std::to_string(number) + ']';
  const Certificate certificate = read_certificate(options.certificates[number], what);
  SslContextPointer context = make_context(options.min_version);
  use(context.get(), certificate, what);
  for (const std::string& name : certificate.names) names_.add(name, number);
  SSL_CTX_set_app_data(context.get(), this);
  SSL_CTX_set_tlsext_servername_callback(context.get(), choose_certificate);
  SSL_CTX_set_tlsext_servername_arg(context.get(), this);
  if (options.client_auth != TlsClientAuth::off) {
    ask_for_certificates(context.get(), options);
  } else {
    SSL_CTX_set_tlsext_ticket_key_evp_cb(context.get(), use_ticket_key);
    SSL_CTX_set_timeout(context.get(), TicketKeys::kRotation.count());  // the lifetime of tickets
    SSL_CTX_set_num_tickets(context.get(), 1);
  }
  contexts_.push_back(std::move(context));
}

// No tickets then: a resumed session would be trusted although its certificate has expired, or its authority is
// trusted no longer.
void ServerContext::ask_for_certificates(SSL_CTX* context, const TlsOptions& options) {
  const auto authorities = read_certificates(read_pem(options.client_ca, "client_ca"), "client_ca");
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  for (const X509Pointer& authority : authorities) {
    demand(X509_STORE_add_cert(store, authority.get()) == 1, "take a certificate of client_ca");
    demand(SSL_CTX_add_client_CA(context, authority.get()) == 1, "take a certificate of client_ca");
  }
  int mode = SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE;
  if (options.client_auth == TlsClientAuth::required) mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  SSL_CTX_set_verify(context, mode, nullptr);
  SSL_CTX_set_max_cert_list(context, kMaxClientChain);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context, 0);
}

SslPointer ServerContext::make_ssl() const {
  SslPointer ssl(SSL_new(contexts_.front().get()));
  if (!ssl) {
    ERR_clear_error();
    throw std::bad_alloc();
  }
  SSL_set_accept_state(ssl.get());
  return ssl;
}

int ServerContext::choose_certificate(SSL* ssl, int* /*alert*/, void* self) {
  const auto& context = *static_cast<const ServerContext*>(self);
  const char* host = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (host == nullptr) return SSL_TLSEXT_ERR_NOACK;
  try {
    const auto place = context.names_.find(host);
    if (!place) return SSL_TLSEXT_ERR_NOACK;
    SSL_CTX* chosen = context.contexts_[*place].get();
    if (chosen != SSL_get_SSL_CTX(ssl) && SSL_set_SSL_CTX(ssl, chosen) == nullptr) return SSL_TLSEXT_ERR_ALERT_FATAL;
    return SSL_TLSEXT_ERR_OK;
  } catch (const std::bad_alloc&) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
}

// As SSL_CTX_set_tlsext_ticket_key_evp_cb(3) has it: 1 and 2 (a new ticket is wanted) go on, 0 is no ticket, -1 ends
// the handshake.
int ServerContext::use_ticket_key(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                                  EVP_MAC_CTX* mac, int encrypting) {
  const auto& context = *static_cast<const ServerContext*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  const EVP_CIPHER* kind = EVP_aes_256_cbc();
  const auto prepare = [&](TicketKey& key) {
    std::string digest = "SHA256";
    const std::array parameters{OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.mac.data(), key.mac.size()),
                                OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
                                OSSL_PARAM_construct_end()};
    return EVP_MAC_CTX_set_params(mac, parameters.data()) == 1 &&
           EVP_CipherInit_ex(cipher, kind, nullptr, key.cipher.data(), iv, encrypting) == 1;
  };
  if (encrypting != 0) {
    std::optional<TicketKey> key = context.tickets_->current();
    if (!key || RAND_bytes(iv, EVP_CIPHER_get_iv_length(kind)) != 1) return -1;
    std::copy(key->name.begin(), key->name.end(), name);
    return prepare(*key) ? 1 : -1;
  }
  auto found = context.tickets_->find(std::span<const unsigned char, TicketKey::kNameLength>(name, 16));
  if (!found) return 0;
  if (!prepare(found->key)) return -1;
  return found->is_current ? 1 : 2;
}

}  // namespace hearth::tls
