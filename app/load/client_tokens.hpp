#pragma once

#include "hearth/jwt_signer.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace hearth::load {

/// Makes each client a token of its own, so that a server that lets nobody else in can be loaded. Any thread may use
/// it.
class ClientTokens {
 public:
  /// `claims` are in all tokens. Each is good for an hour longer than the load is to last.
  ClientTokens(JwtSigner signer, boost::json::object claims, std::chrono::milliseconds duration);

  /// Of the user `bench-<client>`, unless the claims have a `sub`. Throws std::runtime_error if OpenSSL fails.
  std::string make(std::uint32_t client) const;

 private:
  const JwtSigner signer_;
  const boost::json::object claims_;
  const std::chrono::seconds lifetime_;
};

}  // namespace hearth::load
