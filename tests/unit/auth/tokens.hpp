#pragma once

#include "hearth/jwt.hpp"
#include "hearth/jwt_signer.hpp"
#include "support/jwt_keys.hpp"

#include <boost/json/parse.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace hearth::test {

/// When the tests take place, and as tokens write it.
inline constexpr std::chrono::sys_seconds kNow{std::chrono::seconds(1'800'000'000)};
inline std::string in_seconds(int seconds) { return std::to_string(1'800'000'000 + seconds); }

/// A token for ann with a minute to live and some more claims, such as `,"nbf":1`.
inline std::string claims_with(std::string_view more) {
  return R"({"sub":"ann","exp":)" + in_seconds(60) + std::string(more) + '}';
}

inline JwtIssuer secret_issuer() { return {.secret = {std::string(kJwtSecret)}, .algorithms = {JwtAlgorithm::hs256}}; }

inline std::string token_of(std::string_view payload, JwtAlgorithm algorithm = JwtAlgorithm::hs256) {
  return raw_token(algorithm, R"({"alg":")" + std::string(to_string(algorithm)) + R"("})", payload);
}

/// `ann`, or the reason and the text of a refusal.
inline std::string verdict(const JwtVerifier& verifier, std::string_view token,
                           std::chrono::system_clock::time_point now = kNow) {
  const JwtResult result = verifier.verify(token, now);
  if (result) return result->user_id;
  return std::string(to_string(result.error().reason)) + ": " + result.error().text;
}

inline std::string verdict(const JwtIssuer& issuer, std::string_view token) {
  return verdict(JwtVerifier({issuer}), token);
}

/// The verdict on a token with these claims, signed with the secret.
inline std::string verdict_on(std::string_view payload, const JwtIssuer& issuer = secret_issuer()) {
  return verdict(issuer, token_of(payload));
}

}  // namespace hearth::test
