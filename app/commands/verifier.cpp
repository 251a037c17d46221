#include "commands/verifier.hpp"

#include "backend/fetch_keys.hpp"
#include "config/issuers.hpp"
#include "hearth/log.hpp"

#include <iostream>
#include <string_view>

namespace hearth::app {

std::shared_ptr<const JwtVerifier> verifier_of(const config::AuthConfig& auth) {
  auto verifier = std::make_shared<JwtVerifier>(config::issuers_of(auth));
  fetch_keys(auth, verifier, [](LogLevel level, std::string_view line) {
    if (level >= LogLevel::warning) std::cerr << "hearth: " << line << '\n';
  });
  return verifier;
}

}  // namespace hearth::app
