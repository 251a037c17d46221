#pragma once

#include "config/config.hpp"
#include "hearth/jwt_issuer.hpp"

#include <vector>

namespace hearth::config {

/// Each `[[auth.jwt]]` in the library's form. Reads a `jwks_file`; throws std::runtime_error if that fails, or if it is
/// too long.
JwtIssuer issuer_of(const JwtConfig& jwt);
std::vector<JwtIssuer> issuers_of(const AuthConfig& auth);

}  // namespace hearth::config
