#pragma once

#include <string>

namespace hearth::tls {

/// What OpenSSL says of the last failure on this thread, `wrong version number`, and forgets it. `otherwise` if it says
/// nothing.
std::string take_error(const char* otherwise = "unknown reason");

/// For what fails only if OpenSSL has no memory. Forgets what it says about it.
[[noreturn]] void openssl_failed(const std::string& what);

}  // namespace hearth::tls
