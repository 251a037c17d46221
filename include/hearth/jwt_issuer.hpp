#pragma once

#include "hearth/jwt_algorithm.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace hearth {

/// Whose tokens are taken, and by which keys they are known: docs/authentication.md. The fields are the keys of an
/// `[[auth.jwt]]` table. Exactly one of `secret`, `public_key` and `jwks` is given.
struct JwtIssuer {
  /// HMAC keys, byte for byte as they are, each at least as long as the hash. Any of them verifies; at most 4.
  std::vector<std::string> secret{};
  /// PEM: public keys (SPKI) or certificates. Any that fits verifies; at most 4 that fit the same algorithm.
  std::vector<std::string> public_key{};
  /// A JSON Web Key Set (RFC 7517). An empty text: there is none yet, and replace_jwks() brings it.
  std::optional<std::string> jwks{};

  /// What a token may be signed with; at least one.
  std::vector<JwtAlgorithm> algorithms{};
  /// What `iss` has to be; empty: anything. With several issuers each needs one.
  std::string issuer{};
  /// `aud` has to be or have one of these. None: a token must have no `aud`.
  std::vector<std::string> audience{};
  /// Where the user id is: a claim's name, or a JSON pointer if it begins with `/`.
  std::string user_claim{"sub"};
  /// Where the object of docs/authentication.md is, likewise.
  std::string hearth_claim{"hearth"};
  /// Whether a token must have `exp`.
  bool require_exp{true};
  /// By how much clocks may differ, for `exp` and `nbf`; 0 to 10 min.
  std::chrono::seconds leeway{10};
  /// Ends an identity so long after `iat` (without one: after now) if `exp` is later; 0: does not.
  std::chrono::seconds max_lifetime{0};
};

/// Something wrong with a JwtIssuer. Never has a secret in it.
struct JwtProblem {
  std::size_t issuer = 0;                ///< its index
  std::string key{};                     ///< the field, such as `secret`
  std::optional<std::size_t> element{};  ///< which element of a list
  std::string text{};                    ///< what is wrong, and what would be right
};

}  // namespace hearth
