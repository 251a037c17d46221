#pragma once

#include "hearth/export.hpp"
#include "hearth/grants.hpp"
#include "hearth/jwt_issuer.hpp"

#include <boost/assert/source_location.hpp>
#include <boost/json/object.hpp>
#include <boost/system/result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth {

/// Why a token was not taken.
enum class JwtReason : std::uint8_t {
  too_long,     ///< more than 8 KiB
  malformed,    ///< no signed token: parts, base64url, JSON, a key twice
  unsupported,  ///< its header asks for what Hearth does not do: `crit`, `zip`, `b64`, encryption
  issuer,       ///< `iss` is nobody's
  algorithm,    ///< not in the list, or not that of the key
  kid,          ///< no key has this `kid`, or none fits: a newer key set may have it
  signature,
  expired,
  not_yet_valid,
  audience,
  claims,  ///< a claim is missing or is not what it has to be
};

/// The enumerator's name, for labels.
HEARTH_API std::string_view to_string(JwtReason reason) noexcept;

struct JwtRefusal {
  JwtReason reason = JwtReason::malformed;
  std::string text{};                   ///< for a log: on one line, without the token
  std::optional<std::size_t> issuer{};  ///< whose keys it was tried with, once that is known
};

/// What a token says whose signature and claims are right.
struct VerifiedJwt {
  std::size_t issuer = 0;  ///< index of the JwtIssuer
  std::string user_id{};   ///< 1 to 256 UTF-16 code units
  boost::json::object claims{};
  Grants grants{};
  std::optional<std::chrono::sys_seconds> expires_at{};  ///< `exp`, or sooner by max_lifetime; at most the year 2200
  std::optional<std::chrono::sys_seconds> issued_at{};   ///< `iat`
  std::string jti{};                                     ///< empty if it has none
};

using JwtResult = boost::system::result<VerifiedJwt, JwtRefusal>;

/// For `verify(…).value()`: throws std::invalid_argument.
[[noreturn]] HEARTH_API void throw_exception_from_error(const JwtRefusal& refusal, const boost::source_location&);

/// One of the checks that a token goes through.
struct JwtCheck {
  enum class Outcome : std::uint8_t {
    passed,
    failed,
    skipped,  ///< makes no sense after one that failed
  };
  std::string_view name{};  ///< `length`, `form`, `header`, `issuer`, …
  Outcome outcome = Outcome::skipped;
  std::string text{};  ///< what was found
};

struct JwtExplanation {
  std::vector<JwtCheck> checks{};
  JwtResult result;  ///< what verify() says
};

/// A key of a set that is of no use here.
struct SkippedJwk {
  std::size_t index = 0;  ///< in `keys`
  std::string kid{};
  std::string text{};  ///< why
};

/// What has become of a JSON Web Key Set.
struct JwksOutcome {
  std::string problem{};  ///< why it was not taken at all, so that the keys before it stay; empty if it was
  std::size_t keys = 0;   ///< how many there are now
  std::vector<SkippedJwk> skipped{};
};

/// Verifies signed JSON Web Tokens (RFC 7519, 7515, 8725).
///
/// From any thread, without waiting: no I/O, and no lock but for the moment in which the current keys are looked up.
/// A function throws std::runtime_error if OpenSSL has no memory.
class HEARTH_API JwtVerifier {
 public:
  /// Longest token, in bytes.
  static constexpr std::size_t kMaxToken = 8 * 1024;
  /// Longest key set, in bytes.
  static constexpr std::size_t kMaxJwks = 256 * 1024;
  /// Most keys that a token is tried with.
  static constexpr std::size_t kMaxTries = 4;

  /// At least one issuer. Throws std::invalid_argument, which names every problem that check() finds.
  explicit JwtVerifier(std::vector<JwtIssuer> issuers);
  JwtVerifier(JwtVerifier&&) noexcept;
  JwtVerifier& operator=(JwtVerifier&&) noexcept;
  ~JwtVerifier();

  /// All that is wrong.
  static std::vector<JwtProblem> check(std::span<const JwtIssuer> issuers);

  JwtResult verify(std::string_view token,
                   std::chrono::system_clock::time_point now = std::chrono::system_clock::now()) const;
  /// Every check that a token goes through, for people; goes on after a failure as far as that makes sense.
  JwtExplanation explain(std::string_view token,
                         std::chrono::system_clock::time_point now = std::chrono::system_clock::now()) const;

  /// Puts another key set in place of the whole one that the issuer has; verify() sees the old or the new. Throws
  /// std::logic_error if it has no `jwks`.
  JwksOutcome replace_jwks(std::size_t issuer, std::string_view text);
  /// How many keys an issuer has, and which of its set were skipped.
  JwksOutcome keys(std::size_t issuer) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hearth
