#pragma once

#include "auth/claim_path.hpp"
#include "auth/key_set.hpp"
#include "hearth/jwt_issuer.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::auth {

/// A JwtIssuer in the form that is verified with. Any thread may use it.
class TrustedIssuer {
 public:
  /// `issuer` without its keys, which are `keys`.
  TrustedIssuer(JwtIssuer issuer, ClaimPath user_claim, ClaimPath hearth_claim, KeySet keys);

  const JwtIssuer& settings() const noexcept { return settings_; }
  const ClaimPath& user_claim() const noexcept { return user_claim_; }
  const ClaimPath& hearth_claim() const noexcept { return hearth_claim_; }
  bool allows(JwtAlgorithm algorithm) const noexcept;

  std::shared_ptr<const KeySet> keys() const;
  void replace_keys(KeySet keys);

 private:
  JwtIssuer settings_;
  ClaimPath user_claim_;
  ClaimPath hearth_claim_;

  mutable std::mutex mutex_;  // guards the pointer alone
  std::shared_ptr<const KeySet> keys_;
};

/// Reads issuers and gathers all that is wrong with them.
class IssuerCompiler {
 public:
  using Issuers = std::vector<std::unique_ptr<TrustedIssuer>>;

  /// There are `count` in all.
  explicit IssuerCompiler(std::size_t count) noexcept : count_(count) {}

  void add(const JwtIssuer& issuer);

  const std::vector<JwtProblem>& problems() const noexcept { return problems_; }
  /// Of use if there is no problem.
  Issuers take_issuers() noexcept { return std::move(issuers_); }

 private:
  KeySet read_keys(const JwtIssuer& issuer);
  std::vector<VerificationKey> read_secrets(const JwtIssuer& issuer);
  std::vector<VerificationKey> read_public_keys(const JwtIssuer& issuer);
  /// Keys without names are all tried, and an algorithm that none is for is a mistake.
  void check_coverage(std::string_view key, const JwtIssuer& issuer, const std::vector<VerificationKey>& keys);
  ClaimPath read_path(std::string_view key, std::string_view text);
  void check_names(const JwtIssuer& issuer);
  void check_times(const JwtIssuer& issuer);

  void complain(std::string_view key, std::string text);
  void complain(std::string_view key, std::size_t element, std::string text);

  std::size_t count_;
  Issuers issuers_;
  std::vector<JwtProblem> problems_;
};

}  // namespace hearth::auth
