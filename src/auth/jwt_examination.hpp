#pragma once

#include "auth/jws.hpp"
#include "auth/key_set.hpp"
#include "auth/trusted_issuer.hpp"
#include "hearth/jwt.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hearth::auth {

/// Takes one token through its checks, one after the other.
class JwtExamination {
 public:
  JwtExamination(std::span<const std::unique_ptr<TrustedIssuer>> issuers, std::string_view token,
                 std::chrono::sys_seconds now) noexcept
      : issuers_(issuers), token_(token), now_(now) {}

  /// Up to the first check that fails.
  JwtResult verify();
  /// All of them, as far as they make sense.
  JwtExplanation explain();

 private:
  using Failure = std::optional<JwtRefusal>;
  struct Step;
  static std::span<const Step> steps() noexcept;

  Failure check_length();
  Failure check_form();
  Failure check_header();
  Failure check_issuer();
  Failure check_algorithm();
  Failure check_key();
  Failure check_signature();
  Failure check_expiry();
  Failure check_start();
  Failure check_audience();
  Failure check_user();
  Failure check_grants();

  // What there is to say of a check that has passed.
  std::string describe_length() const;
  std::string describe_form() const;
  std::string describe_header() const;
  std::string describe_issuer() const;
  std::string describe_algorithm() const;
  std::string describe_key() const;
  std::string describe_signature() const;
  std::string describe_expiry() const;
  std::string describe_start() const;
  std::string describe_audience() const;
  std::string describe_user() const;
  std::string describe_grants() const;

  const JwtIssuer& settings() const noexcept { return issuers_[*issuer_]->settings(); }
  JwtRefusal refuse(JwtReason reason, std::string text) const { return {reason, std::move(text), issuer_}; }
  Failure read_times();
  Failure check_end() const;
  const boost::json::value* claim(std::string_view name) const noexcept { return jws_->payload.if_contains(name); }
  std::optional<std::string_view> kid() const noexcept;
  VerifiedJwt result();

  std::span<const std::unique_ptr<TrustedIssuer>> issuers_;
  std::string_view token_;
  std::chrono::sys_seconds now_;

  // What the checks have found, in their order.
  std::optional<Jws> jws_;
  std::optional<std::size_t> issuer_;
  std::optional<JwtAlgorithm> algorithm_;
  std::shared_ptr<const KeySet> keys_;  // keeps what choice_ refers to
  KeySet::Choice choice_;
  VerifiedJwt found_;
};

}  // namespace hearth::auth
