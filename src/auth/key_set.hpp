#pragma once

#include "auth/parsed.hpp"
#include "auth/verification_key.hpp"
#include "hearth/jwt.hpp"

#include <boost/json/value.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::auth {

/// The keys of an issuer at one time. Immutable.
class KeySet {
 public:
  /// Which keys a token is tried with.
  struct Choice {
    std::array<const VerificationKey*, JwtVerifier::kMaxTries> keys{};
    std::size_t count = 0;
    bool kid_known = false;  ///< there is a key with the token's `kid`, if not one that fits
  };

  /// Keys without names: a token's `kid` says nothing about them.
  explicit KeySet(std::vector<VerificationKey> keys = {});
  /// Reads a JSON Web Key Set (RFC 7517, 5). What is of no use in it is left out alone.
  static Parsed<KeySet> read(std::string_view jwks, std::span<const JwtAlgorithm> algorithms);
  /// A set that has no keys yet; they will have names.
  static KeySet awaited();

  Choice choose(JwtAlgorithm algorithm, std::optional<std::string_view> kid) const;
  std::size_t size() const noexcept { return keys_.size(); }
  const std::vector<SkippedJwk>& skipped() const noexcept { return skipped_; }

 private:
  struct Named {
    VerificationKey key;
    std::optional<std::string> kid;
  };
  void add(const boost::json::value& jwk, std::size_t index, std::span<const JwtAlgorithm> algorithms);

  bool has_names_ = false;
  std::vector<Named> keys_;
  std::vector<SkippedJwk> skipped_;
};

}  // namespace hearth::auth
