#pragma once

#include "hearth/tls.hpp"
#include "tls/pointers.hpp"

namespace hearth::tls {

/// What a certificate says whose it is. Throws std::runtime_error if OpenSSL cannot tell.
ClientCertificate describe(X509* certificate);

}  // namespace hearth::tls
