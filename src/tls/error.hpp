#pragma once

#include <string>

namespace hearth::tls {

/// What OpenSSL says of the last failure on this thread, `wrong version number`, and forgets it. `otherwise` if it says
/// nothing.
std::string take_error(const char* otherwise = "unknown reason");

/// What of that the text is made of: OpenSSL's code, which stays; 0 if it says nothing.
unsigned long last_error() noexcept;

/// For what fails only if OpenSSL has no memory. Forgets what it says about it.
[[noreturn]] void openssl_failed(const std::string& what);

}  // namespace hearth::tls
