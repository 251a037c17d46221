#pragma once

#include "hearth/export.hpp"
#include "hearth/jwt_algorithm.hpp"

#include <boost/json/object.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace hearth {

/// Makes signed JSON Web Tokens: for tools and tests, and for programs that issue their own. Any thread may use it.
class HEARTH_API JwtSigner {
 public:
  /// `key` is a secret for HS256, HS384 and HS512, at least as long as the hash, otherwise a private key in PEM: PKCS
  /// #8, or `EC` or `RSA PRIVATE KEY`, not encrypted. A `kid` that is not empty goes into the header. Throws
  /// std::invalid_argument if the key does not fit.
  JwtSigner(JwtAlgorithm algorithm, std::string_view key, std::string_view kid = {});
  JwtSigner(JwtSigner&&) noexcept;
  JwtSigner& operator=(JwtSigner&&) noexcept;
  ~JwtSigner();

  /// A token with these claims, as they are: `exp` and the like are the caller's to add. Throws std::runtime_error if
  /// OpenSSL fails (no memory, no randomness).
  std::string sign(const boost::json::object& claims) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hearth
