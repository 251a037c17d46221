#include "auth/algorithms.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace hearth {
namespace auth {
namespace {

using Id = JwtAlgorithm;
using Family = SignatureFamily;

// In the order of the enumerators.
constexpr std::array<AlgorithmTraits, 13> kAlgorithms{{
    {Id::hs256, "HS256", Family::hmac, "SHA256", 32, nullptr, 0},
    {Id::hs384, "HS384", Family::hmac, "SHA384", 48, nullptr, 0},
    {Id::hs512, "HS512", Family::hmac, "SHA512", 64, nullptr, 0},
    {Id::rs256, "RS256", Family::rsa_pkcs1, "SHA256", 32, nullptr, 0},
    {Id::rs384, "RS384", Family::rsa_pkcs1, "SHA384", 48, nullptr, 0},
    {Id::rs512, "RS512", Family::rsa_pkcs1, "SHA512", 64, nullptr, 0},
    {Id::ps256, "PS256", Family::rsa_pss, "SHA256", 32, nullptr, 0},
    {Id::ps384, "PS384", Family::rsa_pss, "SHA384", 48, nullptr, 0},
    {Id::ps512, "PS512", Family::rsa_pss, "SHA512", 64, nullptr, 0},
    {Id::es256, "ES256", Family::ecdsa, "SHA256", 32, "prime256v1", 32},
    {Id::es384, "ES384", Family::ecdsa, "SHA384", 48, "secp384r1", 48},
    {Id::es512, "ES512", Family::ecdsa, "SHA512", 64, "secp521r1", 66},
    {Id::eddsa, "EdDSA", Family::eddsa, nullptr, 0, nullptr, 0},
}};

}  // namespace

const AlgorithmTraits& traits(JwtAlgorithm algorithm) noexcept {
  return kAlgorithms[static_cast<std::size_t>(algorithm)];
}

std::span<const AlgorithmTraits> all_algorithms() noexcept { return kAlgorithms; }

std::string names(std::span<const JwtAlgorithm> algorithms) {
  std::string text;
  for (const JwtAlgorithm algorithm : algorithms) {
    if (!text.empty()) text += ", ";
    text += traits(algorithm).name;
  }
  return text;
}

}  // namespace auth

std::string_view to_string(JwtAlgorithm algorithm) noexcept { return auth::traits(algorithm).name; }

std::optional<JwtAlgorithm> jwt_algorithm(std::string_view name) noexcept {
  if (name == "Ed25519") return JwtAlgorithm::eddsa;
  for (const auth::AlgorithmTraits& known : auth::all_algorithms()) {
    if (known.name == name) return known.algorithm;
  }
  return std::nullopt;
}

}  // namespace hearth
