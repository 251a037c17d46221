#pragma once

#include "hearth/tls.hpp"
#include "tls/pem.hpp"
#include "tls/pointers.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace hearth::tls {

/// A certificate of the server's with its key, read and found to belong together.
struct Certificate {
  X509Pointer own;
  std::vector<X509Pointer> chain;  ///< those that lead to the authority
  PkeyPointer key;
  std::vector<std::string> names;  ///< hosts that it is for, `www.example.com` or `*.example.com`
};

/// Reads both halves. Throws std::invalid_argument; `what` is its place in the options, `certificates[0]`.
Certificate read_certificate(const TlsCertificate& options, const std::string& what);

/// All certificates of a PEM text, at least one. Throws std::invalid_argument.
std::vector<X509Pointer> read_certificates(const Pem& pem, std::string_view what);

}  // namespace hearth::tls
