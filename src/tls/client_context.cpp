#include "tls/client_context.hpp"

#include <stdexcept>

namespace hearth::tls {

namespace ssl = boost::asio::ssl;

ssl::context make_client_context(const ClientContextOptions& options, const std::string& prefix) {
  ssl::context context(ssl::context::tls_client);
  const auto check = [&](const boost::system::error_code& error, const char* option, const std::string& file) {
    if (error) throw std::invalid_argument(prefix + option + " `" + file + "` cannot be used: " + error.message());
  };
  boost::system::error_code error;
  if (options.ca_file.empty()) {
    context.set_default_verify_paths(error);
  } else {
    context.load_verify_file(options.ca_file, error);
  }
  check(error, "ca_file", options.ca_file);
  if (!options.certificate_file.empty()) {
    context.use_certificate_chain_file(options.certificate_file, error);
    check(error, "certificate_file", options.certificate_file);
    context.use_private_key_file(options.key_file, ssl::context::pem, error);
    check(error, "key_file", options.key_file);
  }
  context.set_verify_mode(ssl::verify_peer);
  return context;
}

}  // namespace hearth::tls
