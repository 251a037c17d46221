#pragma once

#include "backend/key_sets.hpp"
#include "config/config.hpp"
#include "hearth/jwt.hpp"

#include <memory>

namespace hearth::app {

/// Fetches the key sets of issuers with a `jwks_url`, once, and waits for them; `log` says what does not come. For
/// commands.
void fetch_keys(const config::AuthConfig& auth, const std::shared_ptr<JwtVerifier>& verifier, KeySets::Log log);

}  // namespace hearth::app
