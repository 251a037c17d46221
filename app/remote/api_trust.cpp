#include "remote/api_trust.hpp"

#include "usage_error.hpp"

#include <boost/system/error_code.hpp>

#include <openssl/tls1.h>
#include <openssl/x509_vfy.h>

#include <new>

namespace hearth::app {

namespace ssl = boost::asio::ssl;

namespace {

void check_file(const boost::system::error_code& error, const std::string& what) {
  if (error) throw UsageError(what + "` cannot be used: " + error.message());
}

}  // namespace

ssl::context context_of(const ApiTrust& trust) {
  ssl::context context(ssl::context::tls_client);
  boost::system::error_code error;
  ::SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  if (trust.authorities) {
    context.load_verify_file(*trust.authorities, error);
    check_file(error, "the file with authorities `" + *trust.authorities);
  } else {
    context.set_default_verify_paths(error);  // where there are none, nobody is trusted
  }
  if (trust.certificate) {
    context.use_certificate_chain_file(*trust.certificate, error);
    if (!error) context.use_private_key_file(*trust.certificate, ssl::context::pem, error);
    check_file(error, "the file with certificate and key `" + *trust.certificate);
  }
  context.set_verify_mode(trust.is_checked ? ssl::verify_peer : ssl::verify_none);
  return context;
}

void expect_host(SSL* ssl, const ApiPlace& place) {
  if (!place.socket.empty()) return;
  if (::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(ssl), place.host.c_str()) == 1) return;
  // What is no address is a name, which the server is told (SNI), too.
  const bool is_set =
      ::SSL_set1_host(ssl, place.host.c_str()) == 1 && SSL_set_tlsext_host_name(ssl, place.host.c_str()) == 1;
  if (!is_set) throw std::bad_alloc();
}

std::string distrust(SSL* ssl) {
  const long result = ::SSL_get_verify_result(ssl);
  return result == X509_V_OK ? std::string() : ::X509_verify_cert_error_string(result);
}

}  // namespace hearth::app
