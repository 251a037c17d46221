#include "config/issuers.hpp"

#include "hearth/jwt.hpp"

#include <cerrno>
#include <chrono>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>

namespace hearth::config {

namespace {

std::string read_jwks(const Path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(JwtVerifier::kMaxJwks + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) {
    throw std::runtime_error("is `" + path.string() +
                             "`, which cannot be read: " + std::generic_category().message(errno != 0 ? errno : EIO));
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > JwtVerifier::kMaxJwks) {
    throw std::runtime_error("is `" + path.string() + "`, which is longer than 256 KiB");
  }
  return text;
}

}  // namespace

JwtIssuer issuer_of(const JwtConfig& jwt) {
  JwtIssuer issuer;
  issuer.secret = jwt.secret;
  if (jwt.public_key) issuer.public_key = {*jwt.public_key};
  if (jwt.jwks_file) issuer.jwks = read_jwks(*jwt.jwks_file);
  if (jwt.jwks_url) issuer.jwks.emplace();  // yet to come
  for (const std::string& name : jwt.algorithms) {
    if (const auto algorithm = jwt_algorithm(name)) issuer.algorithms.push_back(*algorithm);
  }
  issuer.issuer = jwt.issuer.value_or("");
  issuer.audience = jwt.audience;
  issuer.user_claim = jwt.user_claim;
  issuer.hearth_claim = jwt.hearth_claim;
  issuer.require_exp = jwt.require_exp;
  // Upward: a part of a second must not become 0, which means something else.
  issuer.leeway = std::chrono::ceil<std::chrono::seconds>(jwt.leeway);
  issuer.max_lifetime = std::chrono::ceil<std::chrono::seconds>(jwt.max_lifetime);
  return issuer;
}

std::vector<JwtIssuer> issuers_of(const AuthConfig& auth) {
  std::vector<JwtIssuer> issuers;
  for (const JwtConfig& jwt : auth.jwt) issuers.push_back(issuer_of(jwt));
  return issuers;
}

}  // namespace hearth::config
