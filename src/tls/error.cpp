#include "tls/error.hpp"

#include <openssl/err.h>

#include <stdexcept>
#include <system_error>

namespace hearth::tls {

// The first of the queue is what went wrong; those after it are what that was part of. What TLS makes of it says more.
unsigned long last_error() noexcept {
  const unsigned long last = ERR_peek_last_error();
  return ERR_GET_LIB(last) == ERR_LIB_SSL ? last : ERR_peek_error();
}

std::string take_error(const char* otherwise) {
  std::string text = otherwise;
  const unsigned long code = last_error();
  if (code != 0) {
    if (ERR_SYSTEM_ERROR(code)) {
      text = std::system_category().message(ERR_GET_REASON(code));
    } else if (const char* reason = ERR_reason_error_string(code)) {
      text = reason;
    }
  }
  ERR_clear_error();
  return text;
}

void openssl_failed(const std::string& what) {
  ERR_clear_error();
  throw std::runtime_error("hearth: OpenSSL cannot " + what);
}

}  // namespace hearth::tls
