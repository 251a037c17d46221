#pragma once

#include "config/config.hpp"
#include "hearth/jwt.hpp"

#include <memory>

namespace hearth::app {

/// What verifies tokens as `hearth serve` would: with the keys of each issuer, fetched if they have to be. Says on
/// standard error what cannot be.
std::shared_ptr<const JwtVerifier> verifier_of(const config::AuthConfig& auth);

}  // namespace hearth::app
